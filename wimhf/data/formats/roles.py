"""Who speaks in a conversation, whatever the source calls them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Roles = Mapping[str, str]
"""What a role of the source is, by its name in lower case: user, assistant, system or tool."""
NO_ROLES: Roles = MappingProxyType({})
KNOWN: Roles = MappingProxyType(
    dict.fromkeys(("user", "human", "prompter", "asker", "questioner"), "user")
    | dict.fromkeys(
        ("assistant", "ai", "model", "bot", "gpt", "chatgpt", "chatbot", "agent", "llm",
         "ai assistant", "language model", "tool_call", "function_call"), "assistant",
    )
    | dict.fromkeys(("system", "developer"), "system")
    | dict.fromkeys(
        ("tool", "function", "tool_response", "tool_result", "function_response", "observation",
         "ipython", "environment"), "tool",
    )
)  # fmt: skip
"""What writers call the roles."""


def role_of(name: str, roles: Roles = NO_ROLES) -> str:
    """Return what a role is; one that nobody knows stays as it is spelled."""
    plain = " ".join(name.split()).lower().rstrip(" :")
    return roles.get(plain) or KNOWN.get(plain) or name


def is_known(role: str) -> bool:
    """Say whether a role is one of the four that conversations are made of."""
    return role in ("user", "assistant", "system", "tool")
