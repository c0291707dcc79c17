"""Stanford Human Preferences: two comments on a post, of which one was voted higher."""

from __future__ import annotations

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import label_of, mostly_coded, mostly_text
from wimhf.data.formats.cells_out import coded
from wimhf.data.formats.family import Family, Sample, optional_number, optional_text, text_of
from wimhf.data.pairs import Pair, RowReject

LABELS = {1: 1.0, 0: 0.0}


class Shp(Family):
    """history, human_ref_A, human_ref_B, labels; score_A, score_B are the comments' votes."""

    name = "shp"
    expects = "history, human_ref_A, human_ref_B; labels (1 = A, 0 = B); score_A, score_B"
    columns = frozenset({
        "history", "human_ref_A", "human_ref_B", "labels", "score_A", "score_B", "domain",
        "post_id",
    })  # fmt: skip
    polarity = "labels 1 means that the label favours human_ref_A, 0 human_ref_B"

    def matches(self, sample: Sample) -> bool:
        """Expect the texts, and labels of 0 or 1 in most rows."""
        return mostly_text(sample, "history", "human_ref_A", "human_ref_B") and mostly_coded(
            sample, "labels", LABELS
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Take the columns as they are, the difference of scores as strength."""
        label = label_of(row.get("labels"), "labels", LABELS)
        return [
            Pair(
                prompt=text_of(row, "history"),
                response_a=text_of(row, "human_ref_A"),
                response_b=text_of(row, "human_ref_B"),
                label=label,
                strength=_strength(row, label),
                subset=optional_text(row, "domain"),
                conversation_id=optional_text(row, "post_id"),
            )
        ]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the label's code; the comments keep their votes."""
        return coded(row, "labels", first, LABELS)


def _strength(row: Row, label: float | None) -> float | None:
    score_a, score_b = optional_number(row, "score_A"), optional_number(row, "score_B")
    if label is None or score_a is None or score_b is None:
        return None
    return score_a - score_b if label == 1.0 else score_b - score_a
