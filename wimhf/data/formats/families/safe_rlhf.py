"""PKU-SafeRLHF: which of two responses is better, and which is safer."""

from __future__ import annotations

from dataclasses import replace

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import mostly, mostly_text, whole
from wimhf.data.formats.choices import NEITHER, picked, put_index
from wimhf.data.formats.family import CannotHold, Family, Sample, optional_text, text_of
from wimhf.data.pairs import Pair, RowReject

LABELS = {"better": "better_response_id", "safer": "safer_response_id"}
"""The annotator that a label is read as, and the label's column."""


class SafeRlhf(Family):
    """prompt, response_0, response_1 and two labels, read as two annotators."""

    name = "pku-saferlhf"
    expects = "prompt, response_0, response_1; better_response_id, safer_response_id (0 or 1)"
    columns = frozenset({
        "prompt", "response_0", "response_1", "better_response_id", "safer_response_id",
        "response_0_source", "response_1_source", "prompt_source",
    })  # fmt: skip
    polarity = (
        "id 0 means label 1 for response_0, 1 label 0 for response_1, once as annotator better "
        "and once as annotator safer"
    )

    def matches(self, sample: Sample) -> bool:
        """Look for the texts, and for ids in most rows of whichever labels there are."""
        labels = [name for name in LABELS.values() if name in sample.columns]
        return (
            bool(labels)
            and mostly_text(sample, "prompt", "response_0", "response_1")
            and all(
                mostly(sample, name, lambda value: whole(value) in (NEITHER, 0, 1), if_empty=True)
                for name in labels
            )
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return a pair per label column, unlabelled where none was picked."""
        pair = Pair(
            prompt=text_of(row, "prompt"),
            response_a=text_of(row, "response_0"),
            response_b=text_of(row, "response_1"),
            label=None,
            model_a=optional_text(row, "response_0_source"),
            model_b=optional_text(row, "response_1_source"),
            subset=optional_text(row, "prompt_source"),
        )
        found: list[Pair | RowReject] = []
        for annotator, name in LABELS.items():
            if name not in row:
                continue
            try:
                found.append(replace(pair, label=picked(row, name), annotator=annotator))
            except RowReject as reject:
                found.append(reject)
        return found or [pair]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the index of the preferred response, -1 where there is none."""
        names = [name for name in LABELS.values() if name in row]
        if not names:
            raise CannotHold(f"the row has neither {' nor '.join(LABELS.values())}")
        return put_index(row, names[place], first)
