"""Stanford Human Preferences: two comments on a post, of which one was voted higher."""

from __future__ import annotations

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import optional_number
from wimhf.data.formats.columns import Schema, optional, text
from wimhf.data.formats.judged import Judged
from wimhf.data.formats.labels import Codes, Verdict


class Lead(Codes):
    """The label's code; how far the comments' votes are apart is the strength."""

    def read(self, row: Row) -> Verdict:
        """Return the label, and the lead of the preferred comment where both have votes."""
        label, _ = super().read(row)
        score_a, score_b = optional_number(row, "score_A"), optional_number(row, "score_B")
        if label is None or score_a is None or score_b is None:
            return label, None
        return label, score_a - score_b if label == 1.0 else score_b - score_a


class Shp(Judged):
    """history, human_ref_A, human_ref_B, labels; score_A, score_B are the comments' votes."""

    name = "shp"
    narrows = ("native",)
    expects = "history, human_ref_A, human_ref_B; labels (1 = A, 0 = B); score_A, score_B"
    polarity = "labels 1 means that the label favours human_ref_A, 0 human_ref_B"
    schema = Schema(
        "score_A",
        "score_B",
        prompt=text("history"),
        response_a=text("human_ref_A"),
        response_b=text("human_ref_B"),
        subset=optional("domain"),
        conversation_id=optional("post_id"),
    )
    label = Lead("labels", meanings={1: 1.0, 0: 0.0})
