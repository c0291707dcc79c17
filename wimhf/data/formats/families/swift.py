"""ms-swift: a conversation that ends in the better answer, and the worse answer beside it."""

from __future__ import annotations

from collections.abc import Iterable

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded, text_of
from wimhf.data.formats.cells_out import put, put_at
from wimhf.data.formats.columns import Sample, Schema, optional_figure
from wimhf.data.formats.conversations import Told, after, messages, noting, parted_last
from wimhf.data.formats.encoded import talk_in
from wimhf.data.formats.family import CannotHold, label_words
from wimhf.data.formats.prompts import HISTORY, SYSTEM, before_response
from wimhf.data.formats.sides import Apart
from wimhf.data.pairs import Fields, RowReject

TALKS = ("messages", "conversations", "conversation")
REJECTED = ("rejected_response", "rejected_messages", "rejected")


class Swift(Apart):
    """messages, of which the last turn is better than rejected_response or rejected_messages."""

    name = "ms-swift"
    expects = (
        "messages, a list of {role, content} that ends in the better answer; rejected_response "
        "(text or a list) or rejected_messages"
    )
    narrows = ("one-a-row",)
    polarity = (
        "the last turn of messages is better than the rejected response, whatever the label is "
        "called; sides A and B were drawn by a hash of each pair"
    )
    schema = Schema(
        *TALKS, *REJECTED, *SYSTEM, *HISTORY, strength=optional_figure("margin"),
        weight=optional_figure("weight", default=1.0),
    )  # fmt: skip
    better = "messages"

    def matches(self, sample: Sample) -> bool:
        """Look for a conversation that ends in an answer and for a rejected one, in most rows."""
        if "chosen" in sample.columns:
            return False
        fitting = sum(_names(row) is not None for row in sample.rows)
        return fitting > len(sample.rows) / 2

    def used(self, columns: Iterable[str]) -> frozenset[str]:
        """Return the columns that are read of these."""
        return self.schema.names & frozenset(columns)

    def fields(self, row: Row) -> Fields:
        """Return the conversation before the last turn, that turn and the other answer."""
        names = _names(row)
        if names is None:
            raise RowReject("missing messages or rejected_response")
        with noting() as told:
            return self._fields(row, names, told)

    def _fields(self, row: Row, names: tuple[str, str], told: Told) -> Fields:
        roles = self.reading.roles
        turns = messages(row[names[0]], names[0], roles, told)
        other = decoded(row[names[1]])
        if isinstance(other, list) and len(other) == 1 and isinstance(other[0], str):
            other = other[0]
        if talk_in(other) is not None:
            worse = messages(other, names[1], roles, told)
            worse = worse if len(worse) > 1 else [*turns[:-1], *worse]
        else:
            said = text_of({names[1]: other}, names[1])
            worse = [*turns[:-1], {"role": "assistant", "content": said}]
        own, one, two = parted_last(turns, worse)
        asked = before_response(row, roles, told, own=own, talks=False)
        return self.schema.read(row) | after(asked, one, two) | {"remarks": tuple(told)}

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Exchange the last turn's content with the rejected response, or both conversations."""
        names = _names(row)
        if first != 0.0 or names is None:
            raise CannotHold(f"{self.better} cannot say {label_words(first)}")
        turns, other = decoded(row[names[0]]), row[names[1]]
        if talk_in(other) is not None:
            return put(put(row, names[0], other), names[1], row[names[0]])
        last = next((key for key in ("content", "value") if key in turns[-1]), "")
        if not isinstance(other, str) or not isinstance(turns[-1].get(last), str):
            raise CannotHold("the last turn of messages cannot change places with the other one")
        changed = put_at(row[names[0]], (len(turns) - 1, last), other)
        return put(put(row, names[0], changed), names[1], turns[-1][last])


def _names(row: Row) -> tuple[str, str] | None:
    """Return the columns of the conversation and of the rejected response, where there are both."""
    talks = [name for name in TALKS if talk_in(row.get(name)) is not None]
    others = [name for name in REJECTED if row.get(name) not in (None, "", [])]
    return (talks[0], others[0]) if talks and others else None
