"""Native pairs: prompt, response_a, response_b, label."""

from __future__ import annotations

from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_out import cased, like, put
from wimhf.data.formats.family import (
    CannotHold,
    Family,
    Sample,
    label_words,
    optional_number,
    optional_text,
    text_of,
)
from wimhf.data.pairs import Pair, RowReject

WORDS = {"a": 1.0, "b": 0.0, "tie": 0.5, "true": 1.0, "false": 0.0}


class Native(Family):
    """The pair table's own columns; everything but the two responses may be absent."""

    name = "native"
    expects = "response_a, response_b; prompt; label (1 = A, 0 = B, .5 = tie)"
    columns = frozenset({
        "prompt", "response_a", "response_b", "label", "weight", "annotator", "strength", "model_a",
        "model_b", "subset", "conversation_id",
    })  # fmt: skip
    polarity = "label 1 means that response_a is preferred, 0 response_b, .5 a tie"

    def matches(self, sample: Sample) -> bool:
        """Both response columns are there."""
        names = {name.lower() for name in sample.columns}
        return {"response_a", "response_b"} <= names

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Take the columns as they are, in upper or lower case."""
        row = {name.lower(): value for name, value in row.items()} | row
        weight = optional_number(row, "weight")
        prompt = row.get("prompt")
        if prompt is not None and not isinstance(prompt, str):
            raise RowReject("prompt is not text", f"prompt holds a {type(prompt).__name__}")
        return [
            Pair(
                prompt=prompt or "",
                response_a=text_of(row, "response_a"),
                response_b=text_of(row, "response_b"),
                label=_label(row.get("label")),
                weight=1.0 if weight is None else weight,
                annotator=optional_text(row, "annotator"),
                strength=optional_number(row, "strength"),
                model_a=optional_text(row, "model_a"),
                model_b=optional_text(row, "model_b"),
                subset=optional_text(row, "subset"),
                conversation_id=optional_text(row, "conversation_id"),
            )
        ]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the number, or the word where the row has one."""
        names = [name for name in row if name.lower() == "label"]
        name = "label" if "label" in row or not names else names[-1]
        return put(row, name, _cell(row.get(name), first))


def _cell(old: Any, first: float | None) -> Any:
    word = old.strip().lower() if isinstance(old, str) else ""
    if word not in WORDS or first is None:
        return like(old, first)
    kin = ("true", "false") if word in ("true", "false") else ("a", "b", "tie")
    found = [name for name in kin if WORDS[name] == first]
    if not found:
        raise CannotHold(f"a label of {' or '.join(kin)} cannot say {label_words(first)}")
    return cased(found[0], old)


def _label(value: Any) -> float | None:
    if isinstance(value, str) and value.strip().lower() in WORDS:
        return WORDS[value.strip().lower()]
    return optional_number({"label": value}, "label")
