"""Conversations as sources spell them, and what of them is prompt and response."""

from __future__ import annotations

from typing import Any

from wimhf.data.formats.family import decoded
from wimhf.data.pairs import RowReject

ROLES = {"human": "user", "gpt": "assistant", "bot": "assistant", "prompter": "user"}
"""What other writers call the roles."""


def messages(value: Any, name: str) -> list[dict[str, str]]:
    """Return a conversation as a list of {role, content}, or reject the row.

    Takes {role, content} and ShareGPT's {from, value}; content may be text or a list of parts
    {type, text}, as in multimodal data, of which an image rejects the row.
    """
    value = decoded(value)
    if not isinstance(value, list) or not value:
        raise RowReject(f"{name} is not a conversation", f"{name} holds a {type(value).__name__}")
    return [_message(turn, name) for turn in value]


def _message(turn: Any, name: str) -> dict[str, str]:
    role = turn.get("role", turn.get("from")) if isinstance(turn, dict) else None
    if not isinstance(role, str):
        raise RowReject(f"{name} has a turn without a role")
    content = turn.get("content", turn.get("value"))
    if isinstance(content, list):
        content = "".join(_part(part, name) for part in content)
    if not isinstance(content, str):
        raise RowReject(f"{name} has a turn whose content is not text")
    return {"role": ROLES.get(role.lower(), role), "content": content}


def _part(part: Any, name: str) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        raise RowReject(f"{name} has a turn whose content is not text")
    kind = str(part.get("type") or "text")
    if "image" in kind or part.get("image") is not None or part.get("image_url") is not None:
        raise RowReject(f"{name} has an image", "responses to images cannot be compared as text")
    text = part.get("text")
    if not isinstance(text, str):
        raise RowReject(f"{name} has a turn whose content is not text", f"a {kind!r:.40} part")
    return text


def response_text(turns: list[dict[str, str]]) -> str:
    """Render what one side said after the prompt: a lone answer as it is, else with roles."""
    if len(turns) == 1:
        return turns[0]["content"]
    return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns)


def parted(
    first: list[dict[str, str]], second: list[dict[str, str]]
) -> tuple[list[dict[str, str]], str, str]:
    """Split two conversations that were judged whole after their longest common run of turns.

    Raises
    ------
    RowReject
        If a side has nothing of its own, or its own part does not begin with an answer.
    """
    common = 0
    while common < min(len(first), len(second)) and first[common] == second[common]:
        common += 1
    if common == len(first) == len(second):  # identical: the last answer is what was compared
        common -= 1
    tails = first[common:], second[common:]
    for tail in tails:
        if not tail or tail[0]["role"] != "assistant":
            raise RowReject("conversations do not part at an answer", f"after turn {common}")
    return first[:common], response_text(tails[0]), response_text(tails[1])
