"""Labels in words, numbers and names: which of two responses is preferred."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import as_text, missing, not_understood, number
from wimhf.data.formats.cells_out import cased, like
from wimhf.data.formats.family import CannotHold, label_words
from wimhf.data.formats.labels import Label, Verdict
from wimhf.data.formats.names import NOUNS, tokens
from wimhf.data.formats.reading import plain_code
from wimhf.data.pairs import RowReject

FIRST = frozenset(("a", "left", "first", "one"))
SECOND = frozenset(("b", "right", "second", "two"))
TIES = frozenset(
    ("tie", "tied", "draw", "equal", "same", "both", "neither", "bothbad", "bothgood",
     "tiebothbad", "tiebothgood", "tieinconsistent", "nopreference", "abouteven", "even", "a=b",
     "aboutthesame", "thesame", "similar", "nodifference", "equallygood", "equallybad", "undecided")
)  # fmt: skip
"""Words for a tie, without blanks and marks."""
FILLERS = frozenset(
    (*NOUNS, "model", "is", "are", "better", "best", "preferred", "wins", "won", "the", "winner",
     "prefer", "side", "human", "ref", "slightly", "much", "somewhat", "significantly", "strongly",
     "clearly", "far", "very")
)  # fmt: skip
"""Words that may stand beside a side's."""
ARROW = re.compile(r"(a|b|1|2)(>+|<+|=+|~|≻|≫|≺|≈)(a|b|1|2)")
WORDS: Mapping[str, float] = MappingProxyType({
    "a": 1.0, "b": 0.0, "tie": 0.5, "true": 1.0, "false": 0.0,
})  # fmt: skip
Scheme = Mapping[str, float | None]
"""Labels by the whole numbers that mean them."""
ONE_TWO: Scheme = MappingProxyType({"1": 1.0, "2": 0.0})
SIGNED: Scheme = MappingProxyType({"1": 1.0, "-1": 0.0, "0": 0.5})
INDEX: Scheme = MappingProxyType({"0": 1.0, "1": 0.0})
UNKNOWN: Scheme = MappingProxyType({})
ODD_SHARE = 0.02
"""Codes of a smaller share of the labels are faults and do not tell how labels are meant."""


@dataclass(frozen=True, kw_only=True)
class Winner(Label):
    """A cell that names the better response, or gives the chance that the first one is better.

    Attributes
    ----------
    sides
        The columns of the two responses, whose names are labels, too.
    models
        The columns that name the models behind them, whose names are labels, too.
    scheme
        What whole numbers mean; None where they are chances.
    seen
        The codes of the source, the most frequent first.
    """

    sides: tuple[str, str] = ("response_a", "response_b")
    models: tuple[str, str] = ("model_a", "model_b")
    scheme: Scheme | None = None
    seen: tuple[object, ...] = ()

    def read(self, row: Row) -> Verdict:
        """Return the label; the name of one of the two models is its response's."""
        value = self.cell(row)
        if missing(value):
            return None, None
        named = [as_text(row.get(name)) for name in self.models]
        if isinstance(value, str) and value.strip() in named and named[0] != named[1]:
            return (1.0 if value.strip() == named[0] else 0.0), None
        return self.meaning(value)

    def meaning(self, value: object) -> Verdict:
        """Look the word or number up."""
        label = word_label(value, self.sides)
        if label is not None:
            return label, None
        figure = number(float(value) if isinstance(value, bool) else value)
        if figure is None:
            raise not_understood(value, self.title)
        if self.scheme is None:
            if not 0 <= figure <= 1:
                raise RowReject(
                    "label out of range", f"{self.title} {figure:g} is not between 0 and 1",
                    code=plain_code(value),
                )  # fmt: skip
            return figure, None
        if plain_code(figure) not in self.scheme:
            raise not_understood(value, self.title)
        return self.scheme[plain_code(figure)], None

    def spelled(self, old: object, first: float | None) -> object:
        """Return the number, or a word as the source spells it."""
        if first is None:
            return like(old, first)
        if isinstance(old, bool) or word_label(old, self.sides) is None:
            if self.scheme is None or missing(old):
                return like(old, first)
            codes = [code for code, label in self.scheme.items() if label == first]
            if not codes:
                raise CannotHold(f"{self.title} holds no code for {label_words(first)}")
            return like(old, float(codes[0]))
        for code in self.seen:
            if type(code) is type(old) and word_label(code, self.sides) == first:
                return code
        return self._exchanged(str(old), first)

    def _exchanged(self, old: str, first: float) -> object:
        """Return a word of the old one's kind: the other letter, or the other response's name."""
        plain = old.strip().lower()
        kin = ("true", "false") if plain in ("true", "false") else ("a", "b", "tie")
        meant = next((name for name in kin if WORDS[name] == first), None)
        if plain in WORDS:
            if meant is None:
                raise CannotHold(f"a label of {' or '.join(kin)} cannot say {label_words(first)}")
            return cased(meant, old)
        if first not in (0.0, 1.0):
            return self._or_refused(first)
        if plain in [side.lower() for side in self.sides]:
            return self.sides[0 if first == 1.0 else 1]
        pairs = (("a", "b"), ("left", "right"), ("first", "second"), ("1", "2"), ("one", "two"))
        for pair in pairs:
            own, other = pair if first == 0.0 else pair[::-1]
            there = re.compile(rf"(?<![^\W\d_]){own}(?![^\W\d_])", re.IGNORECASE)
            if len(there.findall(old)) == 1:
                return there.sub(cased(other, there.findall(old)[0]), old)
        return self._or_refused(first)

    def _or_refused(self, first: float) -> object:
        raise CannotHold(f"no code of {self.title} is known for {label_words(first)}")


def word_label(value: object, sides: tuple[str, str]) -> float | None:
    """Return the label that a word or a side's name says; None where it says none."""
    if isinstance(value, bool):
        return float(value) if sides[0].lower().endswith("a") else None
    if not isinstance(value, str):
        return None
    if value.strip().upper() == "[[C]]":  # what judges are told to write for a tie
        return 0.5
    plain = value.strip().strip("[]()\"'.").lower()
    names = [side.lower() for side in sides]
    if plain in names:
        return 1.0 if plain == names[0] else 0.0
    if plain in WORDS:
        return WORDS[plain]
    bare = re.sub(r"[\s_\-()\[\]]", "", plain)
    if bare in TIES:
        return 0.5
    arrow = ARROW.fullmatch(re.sub("|".join((*NOUNS, "model")), "", bare))
    if arrow is not None:
        return _arrow_label(*arrow.groups())
    return _told_side(plain)


def _arrow_label(left: str, sign: str, right: str) -> float | None:
    if {left, right} not in ({"a", "b"}, {"1", "2"}):
        return None
    if sign[0] in "=~≈":
        return 0.5
    winner = left if sign[0] in ">≻≫" else right
    return 1.0 if winner in ("a", "1") else 0.0


def _told_side(plain: str) -> float | None:
    """Return the label of words such as ``model_a`` or ``response 2 is better``."""
    if len(plain) > 60:
        return None
    words = tokens(plain)
    telling = [word for word in words if word not in FILLERS]
    if len(telling) != 1:
        return None
    (word,) = telling
    if word in FIRST or (word == "1" and len(words) > 1):
        return 1.0
    return 0.0 if word in SECOND or (word == "2" and len(words) > 1) else None


def scheme_of(codes: Counter[object], sides: tuple[str, str]) -> Scheme | None:
    """Return what the numbers among a source's labels mean; None where they are chances.

    UNKNOWN where they may be meant in more than one way: 0, 1 and 2 with a tie at either end, or
    0 and 1 of responses that are counted from 1.
    """
    counts: Counter[str] = Counter()
    for code, count in codes.items():
        if not isinstance(code, bool) and number(code) is not None and not missing(code):
            counts[plain_code(code)] += count
    total = counts.total()
    told = {code for code, count in counts.items() if count >= ODD_SHARE * total}
    marks = [tokens(side)[-1] for side in sides]
    if told <= {"1", "-1", "0"} and "-1" in told:
        return SIGNED
    if "2" in told:
        return ONE_TWO if told <= {"1", "2"} and marks != ["0", "1"] else UNKNOWN
    if marks in (["a", "b"], ["A", "B"]):
        return None
    if marks == ["0", "1"] and told <= {"0", "1"}:
        return INDEX
    return UNKNOWN if told != {"1"} or marks != ["1", "2"] else ONE_TWO


def codes_of(
    rows: Iterable[Row], columns: Iterable[str], most: int = 1000
) -> dict[str, Counter[object]]:
    """Count the codes in some columns, up to so many different ones in each."""
    counts: dict[str, Counter[object]] = {name: Counter() for name in columns}
    for row in rows:
        for name, count in counts.items():
            value = row.get(name)
            if not missing(value) and isinstance(value, (str, int, float)):
                if len(count) < most or value in count:
                    count[value] += 1
    return counts
