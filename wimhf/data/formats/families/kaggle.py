"""LMArena 55k, the Kaggle release: a winner column per outcome, turns in JSON lists."""

from __future__ import annotations

from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, mostly, mostly_text, not_understood, whole
from wimhf.data.formats.cells_out import cased, like, put
from wimhf.data.formats.conversations import parted
from wimhf.data.formats.family import (
    CannotHold,
    Family,
    Sample,
    decoded,
    label_words,
    optional_text,
    prompt_text,
)
from wimhf.data.pairs import Pair, RowReject

OUTCOMES = {"winner_model_a": 1.0, "winner_model_b": 0.0, "winner_tie": 0.5}
TEXTS = ("prompt", "response_a", "response_b")
WORDS = {"true": 1, "false": 0}


class ArenaKaggle(Family):
    """prompt, response_a, response_b: plain text, or a list with one text per turn."""

    name = "arena-55k"
    expects = (
        "prompt, response_a, response_b, each text or a list with one text per turn; "
        "winner_model_a, winner_model_b, winner_tie, one of them 1"
    )
    columns = frozenset({*TEXTS, *OUTCOMES, "model_a", "model_b"})
    narrows = ("native",)
    polarity = (
        "winner_model_a means label 1 for response_a, winner_model_b label 0 for response_b, "
        "winner_tie .5"
    )

    def matches(self, sample: Sample) -> bool:
        """Expect the texts, and winners that are 0 or 1 in most rows."""
        return all(
            mostly_text(sample, name) or mostly(sample, name, lambda value: isinstance(value, list))
            for name in TEXTS
        ) and all(
            mostly(sample, name, lambda value: _flag(value) in (0, 1), if_empty=True)
            for name in ("winner_model_a", "winner_model_b")
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Lay the turns out as two conversations and split them where they part."""
        prompts, *answers = (_texts(row, name) for name in TEXTS)
        if any(len(side) != len(prompts) for side in answers):
            counts = ", ".join(str(len(side)) for side in (prompts, *answers))
            raise RowReject("numbers of turns differ", f"{', '.join(TEXTS)} have {counts}")
        turns, response_a, response_b = parted(*(_conversation(prompts, side) for side in answers))
        return [
            Pair(
                prompt=prompt_text(turns),
                response_a=response_a,
                response_b=response_b,
                label=_label(row),
                model_a=optional_text(row, "model_a"),
                model_b=optional_text(row, "model_b"),
                turns=turns if len(turns) > 1 else None,
            )
        ]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write 1 for the outcome and 0 for the others, as the cells spell them."""
        if first is not None and first not in OUTCOMES.values():
            raise CannotHold(f"{', '.join(OUTCOMES)} cannot say {label_words(first)}")
        for name, label in OUTCOMES.items():
            if name in row or label == first:
                row = put(
                    row, name, _cell(row.get(name), None if first is None else label == first)
                )
        return row


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
    return list(listed)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(text is None or isinstance(text, str) for text in value)


def _conversation(prompts: list[str], answers: list[str]) -> list[dict[str, str]]:
    return [
        {"role": role, "content": text}
        for asked in zip(prompts, answers, strict=True)
        for role, text in zip(("user", "assistant"), asked, strict=True)
    ]


def _flag(value: Any) -> int | None:
    if isinstance(value, (bool, str)) and str(value).strip().lower() in WORDS:
        return WORDS[str(value).strip().lower()]
    return 0 if empty(value) else whole(value)


def _cell(old: Any, won: bool | None) -> Any:
    if won is not None and isinstance(old, str) and old.strip().lower() in WORDS:
        return cased(str(won).lower(), old)
    return like(old, won)


def _label(row: Row) -> float | None:
    values = {name: row.get(name) for name in OUTCOMES}
    if all(map(empty, values.values())):
        return None
    flags = {name: _flag(value) for name, value in values.items()}
    won = [OUTCOMES[name] for name, flag in flags.items() if flag == 1]
    if len(won) != 1 or not {0, 1}.issuperset(flags.values()):
        raise not_understood(list(values.values()), "winner")
    return won[0]
