"""Labels as sources write them: cells that are read as a label and written to say another one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import cell_at, missing, not_understood, number, whole
from wimhf.data.formats.cells_out import like, put, put_at
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.family import CannotHold, label_words
from wimhf.data.formats.reading import Reading, plain_code
from wimhf.data.pairs import RowReject

Verdict = tuple[float | None, float | None]
"""Label and strength."""
PICKED: Mapping[int, float | None] = {0: 1.0, 1: 0.0, -1: None}
"""The index of the preferred response as a code; -1 where none was picked."""


def lead_label(lead: float) -> float:
    """Return the label where A leads B by so much."""
    return 0.5 if lead == 0 else float(lead > 0)


@dataclass(frozen=True)
class Label:
    """A cell that says which response is better; subclasses say how.

    Attributes
    ----------
    path
        Keys and places of the cell in its column, where that holds lists or objects.
    called
        What messages call the cell where it is not its column.
    required
        True where an empty cell is a reject, instead of a pair without a label.
    """

    column: str
    path: tuple[str | int, ...] = ()
    called: str = ""
    required: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    @property
    def title(self) -> str:
        """What messages call the cell."""
        return self.called or self.column

    def fits(self, sample: Sample) -> bool:
        """Expect labels in most filled cells; none need be filled."""
        return sample.mostly(self.column, self.is_label, if_empty=True)

    def cell(self, row: Row) -> object:
        """Return the cell as the row has it."""
        return cell_at(row.get(self.column), self.path)

    def is_label(self, value: object) -> bool:
        """Say whether a filled cell is one of these labels."""
        try:
            self.meaning(value)
        except RowReject:
            return False
        return True

    def read(self, row: Row) -> Verdict:
        """Return what a row's cell says.

        Raises
        ------
        RowReject
            If that is no label.
        """
        value = self.cell(row)
        if not missing(value):
            return self.meaning(value)
        if self.required:
            raise RowReject("missing annotation", f"{self.title} is empty")
        return None, None

    def write(self, row: Row, first: float | None) -> Row:
        """Return the row with another label in the cell.

        Raises
        ------
        CannotHold
            If it cannot say the label, or there is no such column.
        """
        value = self.spelled(self.cell(row), first)
        return put(row, self.column, put_at(row.get(self.column), self.path, value))

    def meaning(self, value: object) -> Verdict:
        """Return what a filled cell says, or reject it."""
        raise NotImplementedError

    def spelled(self, old: object, first: float | None) -> object:
        """Return a cell that says a label in the old one's type and spelling."""
        raise NotImplementedError


class Anything(Label):
    """Whatever a column of labels holds; nothing of it is understood."""

    def meaning(self, value: object) -> Verdict:
        """Take any filled cell for a label."""
        return None, None


@dataclass(frozen=True, kw_only=True)
class Codes(Label):
    """Whole numbers, each of which means a label; None among the meanings is no label."""

    meanings: Mapping[int, float | None]

    def meaning(self, value: object) -> Verdict:
        """Look the code up; codes have no strength."""
        code = whole(value)
        if code is None or code not in self.meanings:
            raise not_understood(value, self.title)
        return self.meanings[code], None

    def spelled(self, old: object, first: float | None) -> object:
        """Return the label's code; no label is an empty cell where no code means it or stood."""
        codes = {label: code for code, label in self.meanings.items()}
        if first is None and (None not in codes or whole(old) is None):
            return like(old, None)
        if first not in codes:
            raise CannotHold(f"{self.title} holds no code for {label_words(first)}")
        return like(old, codes[first])


@dataclass(frozen=True, kw_only=True)
class Signed(Label):
    """Numbers of which the sign says who is better and the size how clearly; 0 is a tie.

    Attributes
    ----------
    sign
        1 where a positive number favours the first response, -1 where it favours the second.
    weakest
        The size of a tie, or of no label, that is decided.
    greatest
        The greatest size there is.
    scale
        What messages call the numbers of this kind.
    """

    sign: int
    weakest: float
    greatest: float = math.inf
    scale: str

    def meaning(self, value: object) -> Verdict:
        """Read the sign as label and the size as strength."""
        lead = number(value)
        if lead is None or abs(lead) > self.greatest:
            raise not_understood(value, self.title)
        return lead_label(lead * self.sign), abs(lead)

    def spelled(self, old: object, first: float | None) -> object:
        """Exchange the sign for a flip; a tie is 0."""
        if first is None:
            return like(old, None)
        if first not in (0.0, 0.5, 1.0):
            raise CannotHold(f"{self.scale} holds strengths and cannot say {label_words(first)}")
        size = abs(number(old) or 0.0) or self.weakest
        return like(old, 2 * (first - 0.5) * self.sign * size)


@dataclass(frozen=True, kw_only=True)
class Mapped(Label):
    """A label of whose codes the user says what some mean.

    Attributes
    ----------
    inner
        The label as it is without that.
    codes
        Labels by code, as ``plain_code`` writes codes.
    spellings
        The codes as the user writes them.
    """

    inner: Label
    codes: Mapping[str, float | None]
    spellings: Mapping[str, str]

    @classmethod
    def over(cls, label: Label, reading: Reading) -> Label:
        """Return a label with the codes that a reading says, where it says any."""
        if not reading.codes or isinstance(label, cls):
            return label
        return cls(
            label.column, label.path, label.called, label.required, inner=label,
            codes=reading.codes, spellings=reading.spellings,
        )  # fmt: skip

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the label."""
        return self.inner.names

    def is_label(self, value: object) -> bool:
        """Say whether a cell is a code that is mapped, or a label anyway."""
        return plain_code(value) in self.codes or self.inner.is_label(value)

    def read(self, row: Row) -> Verdict:
        """Return what the user says of the code, else what it says by itself."""
        code = plain_code(self.cell(row))
        return (self.codes[code], None) if code in self.codes else self.inner.read(row)

    def write(self, row: Row, first: float | None) -> Row:
        """Write a code of the user's where the cell holds one."""
        if plain_code(self.cell(row)) in self.codes:
            return super().write(row, first)
        return self.inner.write(row, first)

    def spelled(self, old: object, first: float | None) -> object:
        """Return the code that the user says means the label."""
        for code, label in self.codes.items():
            if label == first:
                spelled = self.spellings.get(code, code)
                figure = number(spelled)
                return like(old, figure) if number(old) is not None else spelled
        raise CannotHold(f"--label-map has no code for {label_words(first)}")
