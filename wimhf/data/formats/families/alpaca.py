"""AlpacaEval annotations: two outputs and a judge's preference between 1 and 2."""

from __future__ import annotations

import math

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, not_understood, number
from wimhf.data.formats.cells_out import like
from wimhf.data.formats.columns import Schema, optional, text
from wimhf.data.formats.family import CannotHold
from wimhf.data.formats.judged import Judged
from wimhf.data.formats.labels import Label, Verdict
from wimhf.data.pairs import Fields, RowReject


class Preference(Label):
    """1 plus the probability that the second output is better; 0 is an older judge's tie."""

    def read(self, row: Row) -> Verdict:
        """Return the label; a judge that gave no answer is a reject."""
        value = row.get(self.column)
        if empty(value) or (isinstance(value, float) and math.isnan(value)):
            raise RowReject("failed judgement", "preference is null: the judge gave no answer")
        return self.meaning(value)

    def meaning(self, value: object) -> Verdict:
        """Take the fraction as the label; it is no strength."""
        preference = number(value)
        if preference is None:
            raise not_understood(value, self.title)
        if preference != 0 and not 1 <= preference <= 2:
            raise RowReject("label out of range", f"preference {preference} is not between 1 and 2")
        return 0.5 if preference == 0 else 2.0 - preference, None

    def spelled(self, old: object, first: float | None) -> object:
        """Return 2 minus the label; a tie among whole numbers is 0, as older judges wrote it."""
        if first is None:
            raise CannotHold("preference cannot say no label: null is a failed judgement")
        is_whole = like(old, 1.0) == "1" or isinstance(like(old, 1.0), int)
        return like(old, 0.0 if first == 0.5 and is_whole else 2.0 - first)


class AlpacaEval(Judged):
    """instruction, output_1, output_2, preference: 1 plus the probability of output_2."""

    name = "alpaca-eval"
    narrows = ("native",)
    expects = "instruction, output_1, output_2; preference from 1 (output_1) to 2 (output_2)"
    polarity = (
        "the label favours output_1 where preference is 1 and output_2 where it is 2; "
        "a fraction is a judge's probability, 0 and 1.5 a tie"
    )
    schema = Schema(
        "input",
        prompt=text("instruction"),
        response_a=text("output_1"),
        response_b=text("output_2"),
        annotator=optional("annotator"),
        model_a=optional("generator_1", "generator"),
        model_b=optional("generator_2"),
        subset=optional("dataset"),
    )
    label = Preference("preference")

    def fields(self, row: Row) -> Fields:
        """Put the input behind the instruction, as AlpacaFarm gives it."""
        fields = self.schema.read(row)
        given = row.get("input")
        parts = [fields["prompt"], *([given] if isinstance(given, str) else [])]
        return fields | {"prompt": "\n".join(filter(str.strip, parts))}
