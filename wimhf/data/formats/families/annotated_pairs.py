"""AnnotatedPairs, versions 1 and 2: comparisons with the annotations of any number of judges."""

from __future__ import annotations

from dataclasses import dataclass

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import (
    decoded,
    empty,
    holds,
    not_understood,
    optional_text,
    text_of,
    word,
)
from wimhf.data.formats.cells_out import lettered
from wimhf.data.formats.columns import Sample, Schema, text
from wimhf.data.formats.family import CannotHold, label_words
from wimhf.data.formats.judged import Vote, Voted
from wimhf.data.formats.labels import Label, Verdict
from wimhf.data.formats.nested import Nested
from wimhf.data.pairs import Fields, RowReject

PREFERRED = {
    "a": 1.0, "text_a": 1.0, "response_a": 1.0, "b": 0.0, "text_b": 0.0, "response_b": 0.0,
    "tie": 0.5,
}  # fmt: skip
SIDES = ("response_a", "response_b"), ("text_a", "text_b")


@dataclass(frozen=True, kw_only=True)
class Preferred(Label):
    """a or b; before the letter, ``prefix`` is how a tie that is decided is spelled."""

    prefix: str

    def meaning(self, value: object) -> Verdict:
        """Look the word up."""
        if word(value) not in PREFERRED:
            raise not_understood(value, "pref")
        return PREFERRED[word(value)], None

    def spelled(self, old: object, first: float | None) -> object:
        """Return the letter, as the row spells it."""
        letter = "a" if first == 1.0 else "b"
        tie = PREFERRED[word(old)] == 0.5
        return self.prefix + letter if tie else lettered(str(old), letter)


class AnnotatedPairs(Nested, Voted):
    """One object with comparisons, each with annotations by annotator; a pair per annotation."""

    name = "annotated-pairs"
    expects = (
        "comparisons, a list of {id, prompt, response_a{text, model}, response_b, "
        "annotations{annotator: {pref: a, b or null}}}; text_a and text_b in version 1"
    )
    narrows = ("native",)
    polarity = "pref a means label 1 for response_a, b label 0 for response_b; null is no vote"
    list_column = "comparisons"
    schema = Schema(
        "comparisons", "annotations", "metadata", *SIDES[0], *SIDES[1],
        prompt=text("prompt", default=""),
    )  # fmt: skip
    unvoted = "nobody voted in this row"

    def matches(self, sample: Sample) -> bool:
        """Say whether it is the object, or its comparisons as rows."""
        return sample.mostly("comparisons", lambda value: holds(value, "annotations")) or (
            any(all(sample.mostly(name, _is_side) for name in names) for names in SIDES)
            and sample.mostly("annotations", lambda value: isinstance(decoded(value), dict))
        )

    def fields(self, row: Row) -> Fields:
        """Return texts and models of both sides."""
        annotations = decoded(row.get("annotations"))
        if not empty(annotations) and not isinstance(annotations, dict):
            raise RowReject("annotations are not an object")
        (response_a, model_a), (response_b, model_b) = _side(row, "a"), _side(row, "b")
        return self.schema.read(row) | {
            "response_a": response_a,
            "response_b": response_b,
            "model_a": model_a,
            "model_b": model_b,
        }

    def votes(self, row: Row) -> list[Vote]:
        """Return the preferences that are not null."""
        annotations = decoded(row.get("annotations"))
        if not isinstance(annotations, dict):
            return []
        prefix = "text_" if "text_a" in row else ""
        votes: list[Vote] = []
        for name, note in annotations.items():
            path = (name, "pref") if isinstance(note, dict) else (name,)
            votes.append((name, Preferred("annotations", path, prefix=prefix)))
        return [(name, vote) for name, vote in votes if not empty(vote.cell(row))]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the annotator's letter; there is none for a tie, or for no vote."""
        if first not in (0.0, 1.0):
            raise CannotHold(f"pref is a or b and cannot say {label_words(first)}")
        return super().write_label(row, place, first)


def _is_side(value: object) -> bool:
    response = decoded(value)
    return isinstance(response.get("text") if isinstance(response, dict) else response, str)


def _side(row: Row, side: str) -> tuple[str, str | None]:
    """Return the text and the model; version 1 keeps the model in the metadata."""
    response = decoded(row.get(f"response_{side}"))
    if isinstance(response, dict):
        return text_of(response, "text"), optional_text(response, "model")
    about = decoded(row.get("metadata"))
    model = optional_text(about, f"model_{side}") if isinstance(about, dict) else None
    return text_of(row, f"response_{side}", f"text_{side}"), model
