"""PandaLM's test set: two responses and the labels of several annotators."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import by_annotator, empty, label_of, mostly_coded, mostly_text
from wimhf.data.formats.cells_out import coded
from wimhf.data.formats.family import CannotHold, Family, Sample, optional_text, text_of
from wimhf.data.pairs import Pair, RowReject

ANNOTATOR = re.compile(r"annotator([0-9]{1,9})")
LABELS = {0: 0.5, 1: 1.0, 2: 0.0}


class PandaLM(Family):
    """instruction, input, response1, response2, annotator1 and so on: one pair per annotator."""

    name = "pandalm"
    expects = (
        "instruction, input, response1, response2; "
        "annotator1, annotator2, ... (0 = tie, 1 = first, 2 = second)"
    )
    columns = frozenset({
        "instruction", "input", "response1", "response2", "cmp_key",
        "annotator1", "annotator2", "annotator3",
    })  # fmt: skip
    polarity = (
        "the label favours response1 where an annotator wrote 1 and response2 for 2; 0 is a tie"
    )

    def matches(self, sample: Sample) -> bool:
        """Expect the texts, and annotations of 0 to 2 in most rows."""
        annotators = _annotators(sample.columns)
        return (
            bool(annotators)
            and mostly_text(sample, "instruction", "response1", "response2")
            and all(mostly_coded(sample, name, LABELS) for name in annotators)
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return a pair per annotator, or one without a label where nobody annotated."""
        given = "" if row.get("input") is None else text_of(row, "input")
        asked = text_of(row, "instruction"), given
        models = (optional_text(row, "cmp_key") or "").split("_")
        model_a, model_b = models if len(models) == 2 else (None, None)
        pair = Pair(
            prompt="\n\n".join(text for text in asked if text.strip()),
            response_a=text_of(row, "response1"),
            response_b=text_of(row, "response2"),
            label=None,
            model_a=model_a,
            model_b=model_b,
        )

        def judged(value: Any, name: str) -> Pair:
            return replace(pair, label=label_of(value, name, LABELS), annotator=name)

        return by_annotator(pair, {name: row[name] for name in _annotators(row)}, judged)

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the annotator's code."""
        names = _annotators(row)
        if all(empty(row[name]) for name in names):
            raise CannotHold("no annotator has a label in this row")
        return coded(row, names[place], first, LABELS)


def _annotators(columns: Iterable[str]) -> list[str]:
    numbers = {name: match for name in columns if (match := ANNOTATOR.fullmatch(name))}
    return sorted(numbers, key=lambda name: int(numbers[name][1]))
