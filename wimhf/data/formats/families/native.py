"""Native pairs: prompt, response_a, response_b, label."""

from __future__ import annotations

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import optional_number, word
from wimhf.data.formats.cells_out import cased, like
from wimhf.data.formats.columns import Sample, Schema, optional, optional_figure, text
from wimhf.data.formats.family import CannotHold, label_words
from wimhf.data.formats.judged import Judged
from wimhf.data.formats.labels import Label, Verdict
from wimhf.data.pairs import Pair, RowReject

WORDS = {"a": 1.0, "b": 0.0, "tie": 0.5, "true": 1.0, "false": 0.0}


class Chance(Label):
    """The probability that A is better, or a word for it."""

    def read(self, row: Row) -> Verdict:
        """Return the label; blank text is no label, only null and nothing are."""
        return self.meaning(self.cell(row))

    def meaning(self, value: object) -> Verdict:
        """Look the word up, or take the number."""
        if word(value) in WORDS:
            return WORDS[word(value)], None
        return optional_number({"label": value}, "label"), None

    def spelled(self, old: object, first: float | None) -> object:
        """Return the number, or the word where there was one."""
        if word(old) not in WORDS or first is None:
            return like(old, first)
        kin = ("true", "false") if word(old) in ("true", "false") else ("a", "b", "tie")
        meant = next((name for name in kin if WORDS[name] == first), None)
        if meant is None:
            raise CannotHold(f"a label of {' or '.join(kin)} cannot say {label_words(first)}")
        return cased(meant, str(old))


class Native(Judged):
    """The pair table's own columns; everything but the two responses may be absent."""

    name = "native"
    expects = "response_a, response_b; prompt; label (1 = A, 0 = B, .5 = tie)"
    polarity = "label 1 means that response_a is preferred, 0 response_b, .5 a tie"
    schema = Schema(
        weight=optional_figure("weight", default=1.0),
        prompt=text("prompt", default=""),
        response_a=text("response_a"),
        response_b=text("response_b"),
        annotator=optional("annotator"),
        strength=optional_figure("strength"),
        model_a=optional("model_a"),
        model_b=optional("model_b"),
        subset=optional("subset"),
        conversation_id=optional("conversation_id"),
    )
    label = Chance("label")

    def matches(self, sample: Sample) -> bool:
        """Both response columns are there."""
        return {"response_a", "response_b"} <= {name.lower() for name in sample.columns}

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Take the columns as they are, in upper or lower case."""
        return super().parse({name.lower(): value for name, value in row.items()} | row)

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the label in the row's own case."""
        names = [name for name in row if name.lower() == "label"]
        return Chance("label" if "label" in row or not names else names[-1]).write(row, first)
