"""What comes before the response: system, history, earlier steps and the question, in columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded, empty
from wimhf.data.formats.conversations import Told, joined, messages, user_turn
from wimhf.data.formats.encoded import talk_in
from wimhf.data.formats.roles import Roles
from wimhf.data.formats.templates import template_turns
from wimhf.data.pairs import RowReject, Turns

SYSTEM = ("system", "system_prompt", "system_message", "custom_system_prompt")
HISTORY = ("history", "chat_history", "conversation_history", "previous_turns")
TALKS = (
    "conversations", "conversation", "messages", "context", "dialogue", "dialog", "trajectory",
)  # fmt: skip
"""Columns of whole conversations before the response."""
ASKED = (
    "prompt", "question", "instruction", "query", "user_prompt", "user_input", "user_query",
    "input_text", "input", "post", "request",
)  # fmt: skip
"""Columns of what is asked; the first that holds anything is meant."""
GIVEN = "input"
"""What is given to the instruction, behind it."""
BACKGROUND = "context"
"""Text that a question is about, before it."""
STEPS = (
    "initial_reason_steps",
    "previous_steps",
    "earlier_steps",
    "response_prefix",
    "answer_prefix",
)
"""How the answer began, before the part that is compared."""
TEXTS = ("full_text", "text", "content", "prompt", "question", "value")
"""Where an object keeps its text."""
COLUMNS = frozenset((*SYSTEM, *HISTORY, *TALKS, *ASKED, *STEPS))


def before_response(
    row: Row,
    roles: Roles,
    told: Told,
    *,
    own: Turns | None = None,
    talks: bool = True,
    answers: Collection[str] = (),
) -> Turns:
    """Return the conversation that stands in a row's columns, before the response.

    Parameters
    ----------
    own
        What the response's own column says before it.
    talks
        Whether columns of whole conversations are part of it: not where the response's own
        column holds the conversation.
    answers
        The responses, which a column of a whole conversation may end in.
    told
        Hears of templates and of prompts that stand there twice.

    Raises
    ------
    RowReject
        If a column cannot be read.
    """
    turns = joined(_asked(row, roles, told), own or [])
    if talks:
        for name in [one for one in TALKS if row.get(one) is not None]:
            if not turns and isinstance(decoded(row[name]), (list, dict)) and row[name]:
                messages(row[name], name, roles)  # what is no conversation rejects the row
            if talk_in(row[name]) is not None:
                turns = joined(_without(messages(row[name], name, roles, told), answers), turns)
    for name in HISTORY:
        if not empty(row.get(name)):
            turns = joined(_history(row[name], name, roles, told), turns)
    turns = with_system(turns or _blank(row), row)
    steps = next((row[name] for name in STEPS if not empty(row.get(name))), None)
    if steps is not None:
        told.append(("earlier steps", "read as the start of the answer, before the responses"))
        said = "\n".join(map(str, steps)) if isinstance(steps, list) else str(steps)
        turns = [*turns, {"role": "assistant", "content": said}]
    return turns


def _blank(row: Row) -> Turns:
    """Return a question of nothing but blanks as it is, where nothing else is asked."""
    asked = next((row[name] for name in ASKED if isinstance(row.get(name), str)), "")
    return user_turn(asked) if asked else []


def _without(talk: Turns, answers: Collection[str]) -> Turns:
    """Return a conversation without the response, where it ends in one."""
    plain = {" ".join(text.split()) for text in answers}
    return talk[:-1] if " ".join(talk[-1]["content"].split()) in plain else talk


def with_system(turns: Turns, row: Row) -> Turns:
    """Put the system's column before a conversation that has no system turn."""
    system = next((row[name] for name in SYSTEM if isinstance(row.get(name), str)), "")
    if not system.strip() or any(turn["role"] == "system" for turn in turns):
        return turns
    return [{"role": "system", "content": system}, *turns]


def used_columns(columns: Iterable[str]) -> frozenset[str]:
    """Return which of a source's columns a prompt is read from."""
    there = set(columns)
    asked = [name for name in ASKED if name in there][:1]
    given = [name for name in (GIVEN, BACKGROUND) if name in there and asked]
    system = [name for name in SYSTEM if name in there][:1]
    steps = [name for name in STEPS if name in there][:1]
    talks = [name for name in (*TALKS, *HISTORY) if name in there]
    return frozenset((*asked, *given, *system, *steps, *talks))


def prompt_column(columns: Collection[str]) -> str | None:
    """Return the column that what is asked is in."""
    return next((name for name in ASKED if name in columns), None)


def _asked(row: Row, roles: Roles, told: Told) -> Turns:
    name = next((name for name in ASKED if not _nothing(row.get(name))), None)
    if name is None:
        background = row.get(BACKGROUND)
        if isinstance(background, str) and background.strip() and talk_in(background) is None:
            return prompt_turns(background, BACKGROUND, roles, told)
        return []
    turns = prompt_turns(row[name], name, roles, told)
    parts = [turns[0]["content"]] if len(turns) == 1 else []
    given, background = row.get(GIVEN), row.get(BACKGROUND)
    if parts and name != GIVEN and isinstance(given, str) and not _within(given, parts[0]):
        parts.append(given)
    if (
        parts
        and isinstance(background, str)
        and not talk_in(background)
        and not _within(background, parts[-1])
    ):
        parts = [background, "", *parts]
    return [{**turns[0], "content": "\n".join(parts)}] if len(parts) > 1 else turns


def _within(given: str, asked: str) -> bool:
    """Say whether a text holds nothing that another does not say."""
    return " ".join(given.split()) in " ".join(asked.split())


def _nothing(value: object) -> bool:
    return empty(value) or value == []


def prompt_turns(value: object, name: str, roles: Roles, told: Told) -> Turns:
    """Return a prompt as turns: text, a templated or a spelled conversation, or an object of text.

    Raises
    ------
    RowReject
        If it is none of them.
    """
    if talk_in(value) is not None:
        return messages(value, name, roles, told)
    if isinstance(value, str):
        parsed = template_turns(value)
        if parsed is None:
            return user_turn(value)
        told.append(("template read", f"{parsed[0]} in {name}"))
        return parsed[1]
    found = decoded(value)
    if isinstance(found, dict):
        text = next((found[key] for key in TEXTS if isinstance(found.get(key), str)), None)
        if text is not None:
            return prompt_turns(text, name, roles, told)
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], str):
        return user_turn(found[0])
    return messages(value, name, roles, told)


def _history(value: object, name: str, roles: Roles, told: Told) -> Turns:
    """Return earlier turns: messages, pairs of a question and its answer, or text."""
    found = decoded(value)
    if isinstance(found, list) and found and all(_is_exchange(item) for item in found):
        return [
            {"role": role, "content": text or ""}
            for exchange in found
            for role, text in zip(("user", "assistant"), exchange, strict=True)
        ]
    if found in ([], {}):
        return []
    if isinstance(found, list) and all(isinstance(item, str) for item in found):
        roles_in_turn = ("user", "assistant")
        return [{"role": roles_in_turn[at % 2], "content": text} for at, text in enumerate(found)]
    if isinstance(found, (str, list, dict)):
        return prompt_turns(found, name, roles, told)
    raise RowReject(f"{name} is not a conversation", f"{name} holds a {type(found).__name__}")


def _is_exchange(item: object) -> bool:
    return (
        isinstance(item, (list, tuple))
        and len(item) == 2
        and all(text is None or isinstance(text, str) for text in item)
    )
