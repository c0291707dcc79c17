"""Conversations as sources spell them, and what of them is prompt and response."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import takewhile

from wimhf.data.formats.cells_in import decoded, empty
from wimhf.data.formats.encoded import SPEAKERS, talk_in
from wimhf.data.formats.roles import NO_ROLES, Roles, is_known, role_of
from wimhf.data.pairs import Fields, Remark, RowReject, Turns

CALL = "[tool call] "
"""What stands before the text of a tool call."""
Told = list[Remark]
"""Collects what the reader of a row should know."""


@contextmanager
def noting() -> Iterator[Told]:
    """Collect remarks while a row is read; where it is rejected, they go with the reject."""
    told: Told = []
    try:
        yield told
    except RowReject as reject:
        reject.remarks = tuple(told)
        raise


def messages(value: object, name: str, roles: Roles = NO_ROLES, told: Told | None = None) -> Turns:
    """Return a conversation as a list of {role, content}, or reject the row.

    Takes what ``talk_in`` knows; content may be text or a list of parts {type, text}, as in
    multimodal data, of which an image rejects the row. A tool call becomes text, and no content
    is empty text.

    Parameters
    ----------
    roles
        What the user says that roles are.
    told
        Hears of tool calls, and of roles that nobody knows.
    """
    turns = talk_in(value) or decoded(value)
    if isinstance(turns, dict):
        turns = [turns]
    if not isinstance(turns, list) or not turns:
        raise RowReject(f"{name} is not a conversation", f"{name} holds a {type(turns).__name__}")
    said = [] if told is None else told
    read = [_message(turn, name, roles, said) for turn in turns]
    unknown = [turn["role"] for turn in read if not is_known(turn["role"])]
    if not unknown or not _ends_in_answer(read):
        said += [("unknown role", role) for role in unknown]
        return read
    said.append(("role taken for the assistant's", unknown[-1]))
    return [{**turn, "role": "assistant"} if turn["role"] in unknown else turn for turn in read]


def _ends_in_answer(turns: Turns) -> bool:
    """Say whether the one speaker that is not known answers the user at the end.

    So do models that are called by their names.
    """
    others = {turn["role"] for turn in turns} - {"user", "system", "tool"}
    return (
        len(others) == 1
        and turns[-1]["role"] in others
        and not is_known(turns[-1]["role"])
        and any(turn["role"] == "user" for turn in turns)
    )


def _message(turn: object, name: str, roles: Roles, told: Told) -> dict[str, str]:
    if not isinstance(turn, dict):
        raise RowReject(f"{name} has a turn without a role")
    role = next((turn[key] for key in SPEAKERS if turn.get(key) is not None), None)
    if not isinstance(role, str):
        raise RowReject(f"{name} has a turn without a role")
    content = next(
        (turn[key] for key in ("content", "value", "text", "message") if turn.get(key) is not None),
        None,
    )
    if isinstance(content, list):
        content = "".join(_part(part, name) for part in content)
    if not isinstance(content, str) and empty(content):
        content = ""
    if not isinstance(content, str):
        raise RowReject(f"{name} has a turn whose content is not text")
    calls = _calls(turn)
    if calls:
        told.append(("tool call", "kept as text"))
        content = "\n\n".join([content, *calls] if content.strip() else calls)
    if role in ("tool_call", "function_call"):
        told.append(("tool call", "kept as text"))
        content = CALL + content
    return {"role": role_of(role, roles), "content": content}


def _calls(turn: Mapping[str, object]) -> list[str]:
    """Return the text of a turn's tool calls: the function and its arguments."""
    calls = decoded(turn.get("tool_calls")) or decoded(turn.get("function_call"))
    if empty(calls) or calls == []:
        return []
    return [CALL + _call(call) for call in (calls if isinstance(calls, list) else [calls])]


def _call(call: object) -> str:
    function = call.get("function", call) if isinstance(call, dict) else call
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return json.dumps(function, ensure_ascii=False, default=str)
    arguments = function.get("arguments", "")
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False, default=str)
    return f"{function['name']}({arguments})"


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


def answer_of(turn: Mapping[str, str]) -> str:
    """Return the text of the turn that is compared.

    Raises
    ------
    RowReject
        If it is not the assistant's, or is a tool call without a word of text.
    """
    role = turn["role"]
    if not is_known(role):
        raise RowReject("role is not known", f"the last turn is {role!r:.60}'s", code=role)
    if role != "assistant":
        raise RowReject("last turn is not the assistant's", f"its role is {role!r:.60}")
    if turn["content"].startswith(CALL):
        raise RowReject("answer is a tool call without text", turn["content"][:100])
    return turn["content"]


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
        If more than one closing turn differs, or a last one is no answer.
    """
    common = shared_length(chosen[:-1], rejected[:-1])
    if len(chosen) != common + 1 or len(rejected) != common + 1:
        raise RowReject("conversations part before the last response", f"after turn {common}")
    return chosen[:common], answer_of(chosen[-1]), answer_of(rejected[-1])


def same_turns(first: Turns, second: Turns) -> bool:
    """Say whether two conversations are the same but for white space."""
    return _plain_turns(first) == _plain_turns(second)


def _plain_turns(turns: Turns) -> list[tuple[str, str]]:
    return [(turn["role"], " ".join(turn["content"].split())) for turn in turns]


def joined(before: Turns, turns: Turns) -> Turns:
    """Put one conversation before another, unless either already holds the other.

    UltraFeedback and others give the prompt twice: as a column and as the first user turn,
    sometimes behind a system turn that only one of them has, or with other white space.
    """
    if not before or not turns:
        return before or turns
    n, m = len(before), len(turns)
    if same_turns(turns[:n], before) or same_turns(turns[-n:], before):
        return turns
    if same_turns(before[-m:], turns):
        return before
    return before + turns


def shared_length(first: Sequence[object], second: Sequence[object]) -> int:
    """Return with how many turns, or characters, two conversations or texts begin alike."""
    both = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
