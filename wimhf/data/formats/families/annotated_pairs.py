"""AnnotatedPairs, versions 1 and 2: comparisons with the annotations of any number of judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import by_annotator, empty, mostly, not_understood
from wimhf.data.formats.cells_out import lettered, put, within
from wimhf.data.formats.family import (
    OWN_NAMES,
    CannotHold,
    Columns,
    Family,
    Numbered,
    Sample,
    Unfolded,
    decoded,
    label_words,
    optional_text,
    text_of,
)
from wimhf.data.formats.nested import folded_list, holds, unfolded_list
from wimhf.data.pairs import Pair, RowReject

PREFERRED = {
    "a": 1.0, "text_a": 1.0, "response_a": 1.0, "b": 0.0, "text_b": 0.0, "response_b": 0.0,
    "tie": 0.5,
}  # fmt: skip


SIDES = ("response_a", "response_b"), ("text_a", "text_b")


class AnnotatedPairs(Family):
    """One object with comparisons, each with annotations by annotator; a pair per annotation."""

    name = "annotated-pairs"
    expects = (
        "comparisons, a list of {id, prompt, response_a{text, model}, response_b, "
        "annotations{annotator: {pref: a, b or null}}}; text_a and text_b in version 1"
    )
    columns = frozenset({
        "comparisons", "prompt", "response_a", "response_b", "text_a", "text_b", "annotations",
        "metadata",
    })  # fmt: skip
    narrows = ("native",)
    polarity = "pref a means label 1 for response_a, b label 0 for response_b; null is no vote"

    def matches(self, sample: Sample) -> bool:
        """Say whether it is the object, or its comparisons as rows."""
        return mostly(sample, "comparisons", lambda value: holds(value, "annotations")) or (
            any(all(mostly(sample, name, _is_side) for name in names) for names in SIDES)
            and mostly(sample, "annotations", lambda value: isinstance(decoded(value), dict))
        )

    def unfold(self, rows: list[Numbered], columns: Columns = OWN_NAMES) -> Unfolded:
        """Return the object's comparisons; what else it says is the header."""
        return unfolded_list(rows, "comparisons", columns=columns)

    def fold(self, rows: Sequence[Row | RowReject], layout: Row | None) -> list[Row | RowReject]:
        """Return the object again."""
        return folded_list(rows, layout)

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return a pair per vote, or one without a label where nobody voted."""
        annotations = decoded(row.get("annotations"))
        if not empty(annotations) and not isinstance(annotations, dict):
            raise RowReject("annotations are not an object")
        (first, model_a), (second, model_b) = _side(row, "a"), _side(row, "b")
        pair = Pair(
            prompt="" if row.get("prompt") is None else text_of(row, "prompt"),
            response_a=first,
            response_b=second,
            label=None,
            model_a=model_a,
            model_b=model_b,
        )
        cast = {name: _vote(note) for name, note in (annotations or {}).items()}

        def judged(vote: Any, name: str) -> Pair:
            return replace(pair, label=_label(vote), annotator=name)

        return by_annotator(pair, {n: vote for n, vote in cast.items() if not empty(vote)}, judged)

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the annotator's vote as the row spells it."""
        if first not in (0.0, 1.0):
            raise CannotHold(f"pref is a or b and cannot say {label_words(first)}")
        letter = "a" if first == 1.0 else "b"

        def change(annotations: Any) -> Any:
            cast = [name for name, note in (annotations or {}).items() if not empty(_vote(note))]
            if not cast:
                raise CannotHold("nobody voted in this row")
            note = annotations[cast[place]]
            vote = _spelled(_vote(note), letter, "text_a" in row)
            note = {**note, "pref": vote} if isinstance(note, dict) else vote
            return {**annotations, cast[place]: note}

        return put(row, "annotations", within(row.get("annotations"), change))


def _is_side(value: Any) -> bool:
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


def _vote(note: Any) -> Any:
    return note.get("pref") if isinstance(note, dict) else note


def _spelled(old: str, letter: str, first_version: bool) -> str:
    if PREFERRED[old.strip().lower()] != 0.5:
        return lettered(old, letter)
    return f"text_{letter}" if first_version else letter


def _label(vote: Any) -> float:
    word = vote.strip().lower() if isinstance(vote, str) else None
    if word not in PREFERRED:
        raise not_understood(vote, "pref")
    return PREFERRED[word]
