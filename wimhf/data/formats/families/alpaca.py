"""AlpacaEval annotations: two outputs and a judge's preference between 1 and 2."""

from __future__ import annotations

import math
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import (
    empty,
    first_text,
    mostly,
    mostly_text,
    not_understood,
    number,
)
from wimhf.data.formats.cells_out import like, put
from wimhf.data.formats.family import CannotHold, Family, Sample, optional_text, text_of
from wimhf.data.pairs import Pair, RowReject


class AlpacaEval(Family):
    """instruction, output_1, output_2, preference: 1 plus the probability of output_2."""

    name = "alpaca-eval"
    expects = "instruction, output_1, output_2; preference from 1 (output_1) to 2 (output_2)"
    columns = frozenset({
        "instruction", "output_1", "output_2", "generator_1", "generator", "generator_2",
        "annotator", "dataset", "preference",
    })  # fmt: skip
    polarity = (
        "the label favours output_1 where preference is 1 and output_2 where it is 2; "
        "a fraction is a judge's probability, 0 and 1.5 a tie"
    )

    def matches(self, sample: Sample) -> bool:
        """Expect the texts, and preferences of 0 or between 1 and 2 in most rows."""
        return mostly_text(sample, "instruction", "output_1", "output_2") and mostly(
            sample, "preference", lambda value: _is_preference(number(value)), if_empty=True
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Take the columns as they are, the fraction as the label."""
        return [
            Pair(
                prompt=text_of(row, "instruction"),
                response_a=text_of(row, "output_1"),
                response_b=text_of(row, "output_2"),
                label=_label(row.get("preference")),
                annotator=optional_text(row, "annotator"),
                model_a=first_text(row, "generator_1", "generator"),
                model_b=optional_text(row, "generator_2"),
                subset=optional_text(row, "dataset"),
            )
        ]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write 2 minus the label; a tie among whole numbers is 0, as older judges wrote it."""
        if first is None:
            raise CannotHold("preference cannot say no label: null is a failed judgement")
        old = row.get("preference")
        value = 2.0 - first
        if first == 0.5 and like(old, 1.0) in (1, "1") and not isinstance(like(old, 1.0), float):
            value = 0.0
        return put(row, "preference", like(old, value))


def _is_preference(value: float | None) -> bool:
    return value is not None and (value == 0 or 1 <= value <= 2)


def _label(value: Any) -> float:
    if empty(value) or (isinstance(value, float) and math.isnan(value)):
        raise RowReject("failed judgement", "preference is null: the judge gave no answer")
    preference = number(value)
    if preference is None:
        raise not_understood(value, "preference")
    if not _is_preference(preference):
        raise RowReject("label out of range", f"preference {preference} is not between 1 and 2")
    return 0.5 if preference == 0 else 2.0 - preference
