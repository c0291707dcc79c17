"""LLM Comparator: examples with the outputs of two models and a score between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, mostly, mostly_text, not_understood, number
from wimhf.data.formats.cells_out import put, turned
from wimhf.data.formats.choices import label_from_lead
from wimhf.data.formats.family import (
    OWN_NAMES,
    Columns,
    Family,
    Numbered,
    Sample,
    Unfolded,
    decoded,
    optional_text,
    text_of,
)
from wimhf.data.formats.nested import folded_list, holds, unfolded_list
from wimhf.data.pairs import Pair, RowReject

SLIGHTLY = 0.5
"""The score of a side that is judged slightly better."""


class LlmComparator(Family):
    """One object with examples and models; a positive score means that A is better."""

    name = "llm-comparator"
    expects = (
        "examples, a list of {input_text, output_text_a, output_text_b, score (> 0 = A), tags}, "
        "and models, a list of two {name}"
    )
    columns = frozenset({
        "examples", "input_text", "output_text_a", "output_text_b", "score", "tags", "models",
    })  # fmt: skip
    polarity = (
        "a positive score means label 1 for output_text_a, a negative one label 0 for "
        "output_text_b; 0 is a tie"
    )

    def matches(self, sample: Sample) -> bool:
        """Say whether it is the object, or its examples as rows."""
        return mostly(
            sample, "examples", lambda value: holds(value, "output_text_a", "output_text_b")
        ) or (
            mostly_text(sample, "input_text", "output_text_a", "output_text_b")
            and mostly(sample, "score", lambda value: number(value) is not None, if_empty=True)
        )

    def unfold(self, rows: list[Numbered], columns: Columns = OWN_NAMES) -> Unfolded:
        """Return the object's examples, each with the models; what else it says is the header."""
        return unfolded_list(rows, "examples", "models", columns=columns)

    def fold(self, rows: Sequence[Row | RowReject], layout: Row | None) -> list[Row | RowReject]:
        """Return the object again."""
        return folded_list(rows, layout)

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Read the sign of the score as label and its size as strength."""
        lead = _score(row.get("score"))
        model_a, model_b = _models(row)
        return [
            Pair(
                prompt=text_of(row, "input_text"),
                response_a=text_of(row, "output_text_a"),
                response_b=text_of(row, "output_text_b"),
                label=label_from_lead(lead),
                strength=None if lead is None else abs(lead),
                model_a=model_a,
                model_b=model_b,
                subset=_first_tag(row),
            )
        ]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Negate the score for a flip; the raters' own scores stay."""
        cell = turned(row.get("score"), "score", first, weakest=SLIGHTLY, sign=1)
        return put(row, "score", cell)


def _score(value: Any) -> float | None:
    lead = number(value)
    if lead is None and not empty(value):
        raise not_understood(value, "score")
    return lead


def _models(row: Row) -> tuple[str | None, str | None]:
    models = decoded(row.get("models"))
    if not isinstance(models, list) or len(models) != 2:
        return None, None
    first, second = (optional_text(m, "name") if isinstance(m, dict) else None for m in models)
    return first, second


def _first_tag(row: Row) -> str | None:
    tags = decoded(row.get("tags"))
    tag = next(iter(tags), None) if isinstance(tags, list) else tags
    return optional_text({"tag": tag}, "tag")
