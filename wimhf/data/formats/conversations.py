"""Conversations as sources spell them, and what of them is prompt and response."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from wimhf.data.formats.cells_in import decoded
from wimhf.data.pairs import Fields, RowReject, Turns

ROLES = {"human": "user", "gpt": "assistant", "bot": "assistant", "prompter": "user"}
"""What other writers call the roles."""


def messages(value: object, name: str) -> Turns:
    """Return a conversation as a list of {role, content}, or reject the row.

    Takes {role, content} and ShareGPT's {from, value}; content may be text or a list of parts
    {type, text}, as in multimodal data, of which an image rejects the row.
    """
    turns = decoded(value)
    if not isinstance(turns, list) or not turns:
        raise RowReject(f"{name} is not a conversation", f"{name} holds a {type(turns).__name__}")
    return [_message(turn, name) for turn in turns]


def _message(turn: object, name: str) -> dict[str, str]:
    role = turn.get("role", turn.get("from")) if isinstance(turn, dict) else None
    if not isinstance(turn, dict) or not isinstance(role, str):
        raise RowReject(f"{name} has a turn without a role")
    content = turn.get("content", turn.get("value"))
    if isinstance(content, list):
        content = "".join(_part(part, name) for part in content)
    if not isinstance(content, str):
        raise RowReject(f"{name} has a turn whose content is not text")
    return {"role": ROLES.get(role.lower(), role), "content": content}


def _part(part: object, name: str) -> str:
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


def user_turn(text: str) -> Turns:
    """Return the conversation that a lone question is."""
    return [{"role": "user", "content": text}]


def after(turns: Turns, response_a: str, response_b: str) -> Fields:
    """Return the fields of a pair of responses to a conversation, which may be empty."""
    return {
        "prompt": prompt_text(turns),
        "response_a": response_a,
        "response_b": response_b,
        "turns": turns if len(turns) > 1 else None,
    }


def prompt_text(turns: Turns) -> str:
    """Render the conversation before the response: a lone user turn as it is, else with roles."""
    if len(turns) == 1 and turns[0]["role"] == "user":
        return turns[0]["content"]
    return _with_roles(turns)


def response_text(turns: Turns) -> str:
    """Render what one side said after the prompt: a lone answer as it is, else with roles."""
    return turns[0]["content"] if len(turns) == 1 else _with_roles(turns)


def _with_roles(turns: Turns) -> str:
    return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns)


def parted(first: Turns, second: Turns) -> tuple[Turns, str, str]:
    """Split two conversations that were judged whole after their longest common run of turns.

    Raises
    ------
    RowReject
        If a side has nothing of its own, or its own part does not begin with an answer.
    """
    common = shared_length(first, second)
    if common == len(first) == len(second):  # identical: the last answer is what was compared
        common -= 1
    tails = first[common:], second[common:]
    for tail in tails:
        if not tail or tail[0]["role"] != "assistant":
            raise RowReject("conversations do not part at an answer", f"after turn {common}")
    return first[:common], response_text(tails[0]), response_text(tails[1])


def parted_last(chosen: Turns, rejected: Turns) -> tuple[Turns, str, str]:
    """Split two conversations that differ in their last turn, or are alike, before that turn.

    Raises
    ------
    RowReject
        If more than one closing assistant turn differs.
    """
    common = shared_length(chosen[:-1], rejected[:-1])
    if len(chosen) != common + 1 or len(rejected) != common + 1:
        raise RowReject("conversations part before the last response", f"after turn {common}")
    last = chosen[-1], rejected[-1]
    for turn in last:
        if turn["role"] != "assistant":
            raise RowReject("last turn is not the assistant's", f"its role is {turn['role']!r:.60}")
    return chosen[:common], last[0]["content"], last[1]["content"]


def shared_length(first: Sequence[object], second: Sequence[object]) -> int:
    """Return with how many turns, or characters, two conversations or texts begin alike."""
    both = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
