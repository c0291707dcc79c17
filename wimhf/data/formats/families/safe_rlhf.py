"""PKU-SafeRLHF: which of two responses is better, and which is safer."""

from __future__ import annotations

from collections.abc import Iterable

from wimhf.data.formats.columns import Schema, optional, text
from wimhf.data.formats.judged import Vote, Voted
from wimhf.data.formats.labels import PICKED, Codes

LABELS = {"better": "better_response_id", "safer": "safer_response_id"}
"""The annotator that a label is read as, and the label's column."""


class SafeRlhf(Voted):
    """prompt, response_0, response_1 and two labels, read as two annotators."""

    name = "pku-saferlhf"
    narrows = ("native",)
    expects = "prompt, response_0, response_1; better_response_id, safer_response_id (0 or 1)"
    polarity = (
        "id 0 means label 1 for response_0, 1 label 0 for response_1, once as annotator better "
        "and once as annotator safer"
    )
    schema = Schema(
        *LABELS.values(),
        prompt=text("prompt"),
        response_a=text("response_0"),
        response_b=text("response_1"),
        model_a=optional("response_0_source"),
        model_b=optional("response_1_source"),
        subset=optional("prompt_source"),
    )
    unvoted = f"the row has neither {' nor '.join(LABELS.values())}"

    def votes_among(self, columns: Iterable[str]) -> list[Vote]:
        """Return both labels, or the one that there is."""
        there = set(columns)
        return [
            (annotator, Codes(column, meanings=PICKED))
            for annotator, column in LABELS.items()
            if column in there
        ]
