"""Auto-J's pairwise test set: two responses in a scenario."""

from __future__ import annotations

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import label_of, mostly_coded, mostly_text
from wimhf.data.formats.cells_out import coded
from wimhf.data.formats.family import Family, Sample, optional_text, text_of
from wimhf.data.pairs import Pair, RowReject

LABELS = {0: 1.0, 1: 0.0, 2: 0.5}


class AutoJ(Family):
    """prompt, "response 1", "response 2", label, scenario."""

    name = "auto-j"
    expects = "prompt, 'response 1', 'response 2'; label (0 = first, 1 = second, 2 = tie); scenario"
    columns = frozenset({"prompt", "response 1", "response 2", "label", "scenario"})
    polarity = "label 0 means that the first response is preferred, 1 the second, 2 a tie"

    def matches(self, sample: Sample) -> bool:
        """Expect the texts, and labels of 0 to 2 in most rows."""
        return mostly_text(sample, "prompt", "response 1", "response 2") and mostly_coded(
            sample, "label", LABELS
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Take the columns as they are."""
        return [
            Pair(
                prompt=text_of(row, "prompt"),
                response_a=text_of(row, "response 1"),
                response_b=text_of(row, "response 2"),
                label=label_of(row.get("label"), "label", LABELS),
                subset=optional_text(row, "scenario"),
            )
        ]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the label's code."""
        return coded(row, "label", first, LABELS)
