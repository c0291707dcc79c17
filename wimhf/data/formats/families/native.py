"""Two responses in columns of their own, and a label that says which of them is better."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Self

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded, empty, optional_number, text_of
from wimhf.data.formats.cells_out import put
from wimhf.data.formats.columns import (
    Sample,
    Schema,
    optional,
    optional_figure,
    plain_name,
    plain_names,
)
from wimhf.data.formats.conversations import Told, after, messages, noting, parted, prompt_text
from wimhf.data.formats.encoded import talk_in
from wimhf.data.formats.family import CannotHold, label_words
from wimhf.data.formats.judged import Judged
from wimhf.data.formats.labels import Label, Verdict, lead_label
from wimhf.data.formats.listed import TEXTS
from wimhf.data.formats.names import Sides, numbered, two_sides
from wimhf.data.formats.prompts import COLUMNS, before_response, used_columns
from wimhf.data.formats.reading import plain_code
from wimhf.data.formats.winners import Winner, codes_of, scheme_of
from wimhf.data.pairs import Fields, Pair, RowReject, Turns

OWN = Sides(("a", "b"), ("response_a", "response_b"))
OWN_ID = re.compile(r"[0-9a-f]{16}(-\d+)?")
LABELS = (
    "label", "labels", "winner", "preference", "preferred", "preferred_response", "choice",
    "chosen", "better", "better_response", "human_preference", "verdict", "judgment", "judgement",
    "vote", "decision", "winning_response", "selected", "human_label", "gold_label",
)  # fmt: skip
"""Columns of labels; the first that holds labels is meant."""
SUBSETS = ("subset", "source", "category", "domain")


class Leading(Label):
    """Two scores, of which the higher is the better response's."""

    def read(self, row: Row) -> Verdict:
        """Return who leads, and by how much."""
        first, second = self.path
        one, other = (optional_number(row, str(name)) for name in (first, second))
        if one is None or other is None:
            return None, None
        return lead_label(one - other), abs(one - other)

    def write(self, row: Row, first: float | None) -> Row:
        """Exchange the scores for a flip."""
        one, other = map(str, self.path)
        before, _ = self.read(row)
        if first not in (0.0, 1.0) or before != 1.0 - first:
            raise CannotHold(f"the scores cannot say {label_words(first)}")
        return put(put(row, one, row[other]), other, row[one])


def _models(sides: Sides) -> tuple[str, str]:
    """Return the columns that name the models behind two responses."""
    one, other = sides.models
    return (one or "model_a", other or "model_b")


class Native(Judged):
    """Two responses and a label; everything but the responses may be absent."""

    name = "native"
    expects = (
        "response_a, response_b (or answer_1, answer_2 and so on); prompt; label (1 = A, 0 = B, "
        ".5 = tie) or winner (model_a, A>B, left, tie)"
    )
    polarity = "label 1 means that response_a is preferred, 0 response_b, .5 a tie"
    schema = Schema(
        "prompt", "response_a", "response_b", "turns", *COLUMNS, *LABELS,
        weight=optional_figure("weight", default=1.0),
        annotator=optional("annotator"),
        strength=optional_figure("strength"),
        model_a=optional("model_a"),
        model_b=optional("model_b"),
        subset=optional("subset"),
        conversation_id=optional("conversation_id"),
    )  # fmt: skip
    label: Label = Winner("label")

    def matches(self, sample: Sample) -> bool:
        """Both response columns are there; under other names, and a label or scores, too."""
        if {"response_a", "response_b"} <= {name.lower() for name in sample.columns}:
            return True
        sides = two_sides(sample.columns)
        if sides is None or len(numbered(sample.columns)) > 2:
            return False
        if not all(
            sample.mostly(name, lambda cell: _text(cell) is not None) for name in sides.texts
        ):
            return False
        return all(sides.scores) or bool(_labels_among(sample.columns))

    def surveyed(self, rows: Iterable[Row]) -> Self:
        """Return the family with the column of labels and what its codes mean."""
        known = copy.copy(self)
        columns: set[str] = set()
        counts = codes_of(_noting(rows, columns), LABELS + tuple(map(str.title, LABELS)))
        sides = _sides(columns)
        for name in sorted(counts, key=lambda name: LABELS.index(name.lower())):
            codes = counts[name]
            label = Winner(
                name, sides=sides.texts, models=_models(sides),
                scheme=scheme_of(codes, sides.texts),
                seen=tuple(code for code, _ in codes.most_common(50)),
            )  # fmt: skip
            said = sum(n for code, n in codes.items() if _is_said(label, code, self.reading.codes))
            if said > codes.total() / 2:
                known.label = label
                known.polarity = _polarity(label)
                return known
        unread = [name for name in counts if counts[name] and name.lower() in LABELS[:7]]
        if unread:
            known.label = Winner(
                unread[0], sides=sides.texts, models=_models(sides),
                scheme=scheme_of(counts[unread[0]], sides.texts),
            )  # fmt: skip
            if None not in sides.models:
                known.polarity = f"{unread[0]} names the better response, or its model"
        elif all(sides.scores):
            known.label = Leading(str(sides.scores[0]), tuple(map(str, sides.scores)))
            names = " and ".join(map(str, known.label.path))
            known.polarity = f"the label favours the higher of {names}; equal ones are a tie"
        return known

    def used(self, columns: Iterable[str]) -> frozenset[str]:
        """Return the columns that are read of these."""
        there = frozenset(columns)
        own = {name for column in self.schema.columns.values() for name in column.names}
        sides = _sides(there)
        scores = set(self.label.path) if isinstance(self.label, Leading) else {self.label.column}
        known = {*sides.texts, *own, *scores, "pair_id", "turns", *SUBSETS}
        known |= {name for name in sides.models if name is not None}
        plain = used_columns(map(plain_name, there)) | known
        return frozenset(name for name in there if name in plain or plain_name(name) in plain)

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Take the columns as they are, in upper or lower case."""
        return super().parse(plain_names(row))

    def fields(self, row: Row) -> Fields:
        """Read both responses and what was asked."""
        sides = _sides(row)
        with noting() as told:
            turns, *texts = self._texts(row, sides, told)
        fields = self.schema.read(row)
        for field, name in zip(("model_a", "model_b"), sides.models, strict=True):
            if fields[field] is None and name is not None:
                fields[field] = optional(name).read(row)
        if fields["subset"] is None:
            fields["subset"] = optional(*SUBSETS).read(row)
        if fields["strength"] is None:
            del fields["strength"]
        return fields | after(turns, *texts) | {"remarks": tuple(told)}

    def _texts(self, row: Row, sides: Sides, told: Told) -> tuple[Turns, str, str]:
        cells = [row.get(name) for name in sides.texts]
        if all(talk_in(cell) is not None for cell in cells):
            told.append(("conversation in text", "read from the cells of both responses"))
            first, second = (
                messages(cell, name, self.reading.roles, told)
                for cell, name in zip(cells, sides.texts, strict=True)
            )
            own, one, other = parted(first, second)
            return (
                before_response(row, self.reading.roles, told, own=own, talks=not own),
                one,
                other,
            )
        one, other = (_text(row.get(name)) or text_of(row, name) for name in sides.texts)
        if OWN_ID.fullmatch(str(row.get("pair_id"))):  # our own export: the prompt is what it is
            return _own_turns(row), one, other
        return before_response(row, self.reading.roles, told, answers=(one, other)), one, other

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the label in the row's own case."""
        column = self.label.column
        names = [name for name in row if name.lower() == column.lower()]
        if isinstance(self.label, Winner) and column not in row and names:
            return replace(self.label, column=names[-1]).write(row, first)
        return super().write_label(row, place, first)


def _noting(rows: Iterable[Row], columns: set[str]) -> Iterable[Row]:
    """Pass rows on and note their columns."""
    for row in rows:
        columns.update(row)
        yield row


def _is_said(label: Winner, code: object, codes: Mapping[str, float | None]) -> bool:
    return label.is_label(code) or plain_code(code) in codes


def _labels_among(columns: Iterable[str]) -> list[str]:
    there = set(columns)
    return [name for name in LABELS if name in there or name.title() in there]


def _sides(columns: Iterable[str]) -> Sides:
    """Return the columns of both responses, by their own names where those are there."""
    there = frozenset(columns)
    own = {name.lower(): name for name in sorted(there, reverse=True)}
    if OWN.texts[0] in own and OWN.texts[1] in own:
        found = two_sides(there)
        scores = found.scores if found is not None else (None, None)
        return Sides(OWN.words, (own[OWN.texts[0]], own[OWN.texts[1]]), scores)
    return two_sides(there) or OWN


def _text(cell: object) -> str | None:
    """Return the text of a response that is text, or an object of text."""
    found = decoded(cell) if isinstance(cell, dict) else cell
    if isinstance(found, dict):
        return next((found[key] for key in TEXTS if isinstance(found.get(key), str)), None)
    return found if isinstance(found, str) else None


def _own_turns(row: Row) -> Turns:
    asked = row.get("prompt")
    prompt = asked if isinstance(asked, str) else "" if empty(asked) else text_of(row, "prompt")
    turns = talk_in(row.get("turns"))
    if turns is not None and prompt_text(turns) == prompt:
        return messages(turns, "turns")
    return [{"role": "user", "content": prompt}]


def _polarity(label: Winner) -> str:
    first, second = label.sides
    if label.scheme is not None and label.scheme:
        codes = {value: code for code, value in label.scheme.items()}
        tie = f", {codes[0.5]} a tie" if 0.5 in codes else ""
        return (
            f"in the column {label.column}, {codes[1.0]} means that {first} is preferred, "
            f"{codes[0.0]} {second}{tie}"
        )
    if label.column == "label" and label.sides == OWN.texts:
        return Native.polarity
    return f"{label.column} names the preferred one of {first} (label 1) and {second} (label 0)"
