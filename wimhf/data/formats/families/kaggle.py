"""LMArena 55k, the Kaggle release: a winner column per outcome, turns in JSON lists."""

from __future__ import annotations

from typing import TypeGuard

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded, empty, not_understood, whole, word
from wimhf.data.formats.cells_out import cased, like, put
from wimhf.data.formats.columns import Sample, Schema, optional
from wimhf.data.formats.conversations import after, parted
from wimhf.data.formats.family import CannotHold, label_words
from wimhf.data.formats.judged import Judged
from wimhf.data.formats.labels import Label, Verdict
from wimhf.data.pairs import Fields, RowReject, Turns

OUTCOMES = {"winner_model_a": 1.0, "winner_model_b": 0.0, "winner_tie": 0.5}
TEXTS = ("prompt", "response_a", "response_b")
FLAGS = {"true": 1, "false": 0}


class Outcome(Label):
    """A column per outcome, 1 or true in the one that it was."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of all outcomes."""
        return tuple(OUTCOMES)

    def fits(self, sample: Sample) -> bool:
        """Expect winners that are 0 or 1 in most rows; ties may have no column."""
        return all(
            sample.mostly(name, lambda value: _flag(value) in (0, 1), if_empty=True)
            for name in ("winner_model_a", "winner_model_b")
        )

    def read(self, row: Row) -> Verdict:
        """Return the outcome whose flag is up."""
        cells = [row.get(name) for name in OUTCOMES]
        if all(map(empty, cells)):
            return None, None
        flags = [_flag(cell) for cell in cells]
        if flags.count(1) != 1 or flags.count(0) != len(flags) - 1:
            raise not_understood(cells, "winner")
        return list(OUTCOMES.values())[flags.index(1)], None

    def write(self, row: Row, first: float | None) -> Row:
        """Write 1 for the outcome and 0 for the others, as the cells spell them."""
        if first is not None and first not in OUTCOMES.values():
            raise CannotHold(f"{', '.join(OUTCOMES)} cannot say {label_words(first)}")
        for name, label in OUTCOMES.items():
            if name in row or label == first:
                won = None if first is None else label == first
                row = put(row, name, self.spelled(row.get(name), won))
        return row

    def spelled(self, old: object, first: float | None) -> object:
        """Return true or false where the cell was so in words, else 1 or 0."""
        if first is not None and isinstance(old, str) and word(old) in FLAGS:
            return cased(str(bool(first)).lower(), old)
        return like(old, first)


class ArenaKaggle(Judged):
    """prompt, response_a, response_b: plain text, or a list with one text per turn."""

    name = "arena-55k"
    expects = (
        "prompt, response_a, response_b, each text or a list with one text per turn; "
        "winner_model_a, winner_model_b, winner_tie, one of them 1"
    )
    narrows = ("native",)
    polarity = (
        "winner_model_a means label 1 for response_a, winner_model_b label 0 for response_b, "
        "winner_tie .5"
    )
    schema = Schema(*TEXTS, model_a=optional("model_a"), model_b=optional("model_b"))
    label = Outcome("winner")

    def matches(self, sample: Sample) -> bool:
        """Expect texts or lists, and winners that are 0 or 1 in most rows."""
        return super().matches(sample) and all(
            sample.mostly_text(name) or sample.mostly(name, lambda value: isinstance(value, list))
            for name in TEXTS
        )

    def fields(self, row: Row) -> Fields:
        """Lay the turns out as two conversations and split them where they part."""
        prompts, *answers = (_texts(row, name) for name in TEXTS)
        if any(len(side) != len(prompts) for side in answers):
            counts = ", ".join(str(len(side)) for side in (prompts, *answers))
            raise RowReject("numbers of turns differ", f"{', '.join(TEXTS)} have {counts}")
        first, second = (_conversation(prompts, side) for side in answers)
        return self.schema.read(row) | after(*parted(first, second))


def _texts(row: Row, name: str) -> list[str]:
    """Return a column's turns; text that is no list of texts is a single turn."""
    value = row.get(name)
    listed = decoded(value)
    if isinstance(value, str) and not _is_list_of_texts(listed):
        return [value]
    if value is None or listed == []:
        raise RowReject(f"missing {name}", f"{name} is absent, null or without a turn")
    if not _is_list_of_texts(listed):
        raise RowReject(f"{name} is not text", f"{name} holds a {type(value).__name__}")
    if None in listed:
        raise RowReject(f"{name} has a turn without text", f"turn {listed.index(None) + 1} is null")
    return [text for text in listed if text is not None]


def _is_list_of_texts(value: object) -> TypeGuard[list[str | None]]:
    return isinstance(value, list) and all(text is None or isinstance(text, str) for text in value)


def _conversation(prompts: list[str], answers: list[str]) -> Turns:
    return [
        {"role": role, "content": text}
        for asked in zip(prompts, answers, strict=True)
        for role, text in zip(("user", "assistant"), asked, strict=True)
    ]


def _flag(value: object) -> int | None:
    if isinstance(value, (bool, str)) and word(str(value)) in FLAGS:
        return FLAGS[word(str(value))]
    return 0 if empty(value) else whole(value)
