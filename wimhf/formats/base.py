"""What a family of source formats must offer, and the values they share."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wimhf.schema import Pair, RowReject

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """The first rows of a source: what detection looks at."""

    columns: frozenset[str]
    rows: Sequence[Row]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Sample:
        """Collect the columns of some rows."""
        rows = list(rows)
        return cls(frozenset(name for row in rows for name in row), rows)

    def values(self, column: str) -> list[Any]:
        """Return the column's values that are not null."""
        return [row[column] for row in self.rows if row.get(column) is not None]


Numbered = tuple[int, Row | RowReject]
"""A row's number in the source and the row, or why it is not one."""


@dataclass(frozen=True)
class Unfolded:
    """The rows of a source as a family counts them.

    Attributes
    ----------
    rows
        Numbered from 0; each gives pairs or rejects.
    header
        What the source says once for all of them, kept so that nothing is lost.
    """

    rows: list[Numbered]
    header: Row | None = None


@dataclass(frozen=True)
class Opened:
    """An open container: its kind, its rows as they are read, and how far that is."""

    kind: str
    rows: Iterator[Row | RowReject]
    position: Callable[[], int]
    """Bytes of the file, or rows of a dataset, that have been read."""
    close: Callable[[], None] = lambda: None


class Family:
    """One family of source formats, one module each; subclasses say how it is read."""

    name: str
    expects: str
    """Columns and value shapes, in words, for messages."""
    columns: frozenset[str]
    """Columns that mean something here, which --map may name."""
    polarity: str
    """Which side the label favours, in one sentence without a full stop."""
    sides_drawn: bool = False
    """True where the source's order of responses is the label, so that sides are drawn."""
    narrows: tuple[str, ...] = ()
    """Names of families of which this one is a special case: where both fit, this one is meant."""

    def matches(self, sample: Sample) -> bool:
        """Say whether columns and value shapes are this family's."""
        raise NotImplementedError

    def unfold(self, rows: list[Numbered]) -> Unfolded:
        """Return the rows that ``parse`` takes, where they are not the container's own."""
        return Unfolded(rows)

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Turn one row into pairs, each of which may be a reject.

        Raises
        ------
        RowReject
            If nothing of the row is a pair of this family.
        """
        raise NotImplementedError


def listed(names: Iterable[Any], most: int = 20) -> str:
    """Name columns in one short line, whatever their names hold."""
    names = sorted(map(str, names))
    shown = [" ".join(name.split())[:40] for name in names[:most]]
    more = [f"and {len(names) - most} more"] if len(names) > most else []
    return ", ".join(shown + more) or "none"


def text_of(row: Row, *names: str) -> str:
    """Return the first present column as text; a missing or null one is a reject."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str):
            return value
        if value is not None:
            raise RowReject(f"{names[0]} is not text", f"{name} holds a {type(value).__name__}")
    raise RowReject(f"missing {names[0]}", f"{names[0]} is absent or null")


def optional_text(row: Row, name: str) -> str | None:
    """Return a column as text, numbers included; None where absent, null or empty."""
    value = row.get(name)
    if value is None or value == "" or isinstance(value, (dict, list)):
        return None
    return str(value)


def optional_number(row: Row, name: str) -> float | None:
    """Return a column as a finite number; None where absent, null or empty.

    Raises
    ------
    RowReject
        If the value is there and is not a finite number.
    """
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise RowReject(f"{name} is not a number", f"{name} is {value!r:.60}") from None
    if not math.isfinite(number):
        raise RowReject(f"{name} is not a number", f"{name} is {value!r:.60}")
    return number


def decoded(value: Any) -> Any:
    """Return what a text cell holds where it is a JSON list or object, as in CSV files."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


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


def prompt_text(turns: list[dict[str, str]]) -> str:
    """Render the conversation before the response: a lone user turn as it is, else with roles."""
    if len(turns) == 1 and turns[0]["role"] == "user":
        return turns[0]["content"]
    return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns)


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
