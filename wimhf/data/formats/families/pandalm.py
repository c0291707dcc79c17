"""PandaLM's test set: two responses and the labels of several annotators."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, optional_text, text_of
from wimhf.data.formats.columns import Schema, text
from wimhf.data.formats.judged import Vote, Voted
from wimhf.data.formats.labels import Codes
from wimhf.data.pairs import Fields

ANNOTATOR = re.compile(r"annotator([0-9]{1,9})")
MEANINGS = {0: 0.5, 1: 1.0, 2: 0.0}


class PandaLM(Voted):
    """instruction, input, response1, response2, annotator1 and so on: one pair per annotator."""

    name = "pandalm"
    narrows = ("native",)
    expects = (
        "instruction, input, response1, response2; "
        "annotator1, annotator2, ... (0 = tie, 1 = first, 2 = second)"
    )
    polarity = (
        "the label favours response1 where an annotator wrote 1 and response2 for 2; 0 is a tie"
    )
    schema = Schema(
        "input", "cmp_key", "annotator1", "annotator2", "annotator3",
        prompt=text("instruction"),
        response_a=text("response1"),
        response_b=text("response2"),
    )  # fmt: skip

    def fields(self, row: Row) -> Fields:
        """Put the input behind the instruction; the key holds the names of both models."""
        fields = self.schema.read(row)
        given = "" if row.get("input") is None else text_of(row, "input")
        models = (optional_text(row, "cmp_key") or "").split("_")
        model_a, model_b = models if len(models) == 2 else (None, None)
        return fields | {
            "prompt": "\n\n".join(filter(str.strip, (fields["prompt"], given))),
            "model_a": model_a,
            "model_b": model_b,
        }

    def votes(self, row: Row) -> list[Vote]:
        """Return the annotators' columns; none where nobody annotated."""
        votes = self.votes_among(row)
        return [] if all(empty(label.cell(row)) for _, label in votes) else votes

    def votes_among(self, columns: Iterable[str]) -> list[Vote]:
        """Return the annotators' columns in the order of their numbers."""
        names = filter(ANNOTATOR.fullmatch, columns)
        ordered = sorted(names, key=lambda name: int(name.removeprefix("annotator")))
        return [(name, Codes(name, meanings=MEANINGS, required=True)) for name in ordered]
