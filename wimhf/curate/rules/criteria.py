"""Criteria: what a pair can be selected by. All look at the source's labels, and none at sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import NoneType
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Mask
from wimhf.curate.rules.conditions import Condition
from wimhf.curate.rules.facts import Facts
from wimhf.curate.rules.values import check_kind, decided, number_of, same_value, written_parts
from wimhf.errors import EditError

PLACES = ("any", "prompt", "responses", "both", "preferred", "other")
POLES = ("described", "opposite")
LABEL_COLUMNS = ("label", "weight", "strength")
"""Columns that say what was preferred, or how much."""
TEXT_FINDINGS = frozenset({
    "duplicates", "near_duplicates", "identical", "refusals", "broken", "private", "empty_prompts",
})  # fmt: skip
"""Findings of the health panel that do not look at labels."""


@dataclass(frozen=True)
class Feature(Condition):
    """A feature is active.

    Attributes
    ----------
    feature
        Its number or its name.
    pole
        ``described`` or ``opposite``: which of its poles ``rewarded`` speaks of.
    quantile
        At least as active as this quantile of the pairs in which it is active; 0 is any.
    rewarded
        Whether the label prefers the response with more of the pole; None is either.
    """

    feature: int | str
    pole: str = "described"
    quantile: float = 0.0
    rewarded: bool | None = None

    def __post_init__(self) -> None:
        check_kind("feature", self.feature, int, str)
        check_kind("quantile", self.quantile, int, float)
        check_kind("rewarded", self.rewarded, bool, NoneType)
        if self.pole not in POLES:
            raise EditError(f"pole is {self.pole!r}; write described or opposite")
        if not 0 <= self.quantile < 1:
            raise EditError(f"quantile is {self.quantile}; give 0 up to, not including, 1")

    def mask(self, facts: Facts) -> Mask:
        """Select by the code, and by what the label says of it."""
        code = facts.code(self.feature) * (1 if self.pole == "described" else -1)
        size = np.abs(code)
        chosen: Mask = size > 0
        if self.quantile > 0 and chosen.any():
            chosen &= size >= np.quantile(size[chosen], self.quantile)
        if self.rewarded is not None:
            won = np.sign(code) * (facts.label - 0.5)
            chosen &= won > 0 if self.rewarded else won < 0
        return chosen

    def reach(self, facts: Facts) -> Mask:
        """Take the pairs in which it is so active, whatever their labels."""
        return replace(self, rewarded=None).mask(facts)

    def to_dict(self) -> dict[str, Any]:
        """Leave out what was not set."""
        return {"feature": self.feature} | written_parts(self, ("pole", "quantile", "rewarded"))


@dataclass(frozen=True)
class Suspicion(Condition):
    """Models that never saw the pair expect another label.

    Attributes
    ----------
    at_least
        The chance they give the other label, 0 to 1; None takes what the suspects list holds.
    """

    at_least: float | None = None

    def __post_init__(self) -> None:
        if self.at_least is not None and not 0 <= self.at_least <= 1:
            raise EditError(f"suspicion is {self.at_least}; give a chance from 0 to 1")

    def mask(self, facts: Facts) -> Mask:
        """Select by the out-of-fold chance that a label is wrong."""
        if self.at_least is None:
            return facts.suspect.copy()
        return np.nan_to_num(facts.suspicion, nan=-1.0) >= self.at_least

    def reach(self, facts: Facts) -> Mask:
        """Take everything: any pair would be suspicious with another label."""
        return np.ones(len(facts.pairs), dtype=bool)

    def to_dict(self) -> dict[str, Any]:
        """Write ``suspect`` for the list, ``suspicion`` for a chance."""
        return {"suspect": True} if self.at_least is None else {"suspicion": self.at_least}


@dataclass(frozen=True)
class Text(Condition):
    """A text is found.

    Attributes
    ----------
    text, regex
        One of them: words as they stand, or a regular expression (Rust's syntax, as in polars).
    within
        ``any`` text, the ``prompt``, one of the ``responses``, ``both`` responses, or the
        ``preferred`` one or the ``other``.
    case
        Whether capital letters matter.
    """

    text: str | None = None
    regex: str | None = None
    within: str = "any"
    case: bool = False

    def __post_init__(self) -> None:
        for name in ("text", "regex"):
            check_kind(name, getattr(self, name), str, NoneType)
        if (self.text is None) == (self.regex is None) or "" in (self.text, self.regex):
            raise EditError("a search takes either text or regex, and not an empty one")
        if self.within not in PLACES:
            raise EditError(f"within is {self.within!r}; write one of {', '.join(PLACES)}")

    def mask(self, facts: Facts) -> Mask:
        """Search the texts."""
        texts = pl.col("prompt", "response_a", "response_b")
        if self.text is not None and self.case:
            found = texts.str.contains(self.text, literal=True)
        else:
            pattern = str(self.regex) if self.text is None else pl.escape_regex(self.text)
            found = texts.str.contains(pattern if self.case else f"(?i){pattern}")
        try:
            hits = facts.pairs.select(found)
        except pl.exceptions.PolarsError as error:
            lines = [line for line in str(error).splitlines() if line.startswith("error:")]
            said = lines[0].removeprefix("error: ") if lines else "see Rust's regex syntax"
            raise EditError(f"regex {self.regex!r} is not understood: {said}") from None
        prompt, a, b = (hits[name].to_numpy() for name in hits.columns)
        label = facts.label
        first = np.where(label >= 0.5, a, b)
        ways: dict[str, Mask] = {
            "any": prompt | a | b,
            "prompt": prompt,
            "responses": a | b,
            "both": a & b,
            "preferred": first & decided(label),
            "other": np.where(label >= 0.5, b, a) & decided(label),
        }
        return ways[self.within]

    def reach(self, facts: Facts) -> Mask:
        """Take a find in either response where the label says in which to look."""
        judged = self.within in ("preferred", "other")
        return (replace(self, within="responses") if judged else self).mask(facts)

    def to_dict(self) -> dict[str, Any]:
        """Leave out what was not set."""
        return written_parts(self, ("text", "regex", "within", "case"))


@dataclass(frozen=True)
class Column(Condition):
    """A column of the pairs, or of the source, has a value.

    Attributes
    ----------
    column
        Its name.
    equals, one_of, at_least, at_most, missing
        What is asked of it; those that are set hold together.
    """

    column: str
    equals: Any = None
    one_of: tuple[Any, ...] | None = None
    at_least: float | None = None
    at_most: float | None = None
    missing: bool | None = None

    def __post_init__(self) -> None:
        check_kind("column", self.column, str)
        for name in ("at_least", "at_most"):
            check_kind(name, getattr(self, name), int, float, NoneType)
        if not written_parts(self, ("equals", "one_of", "at_least", "at_most", "missing")):
            raise EditError(
                f"column {self.column!r}: say what is asked of it with equals, one_of, at_least, "
                "at_most or missing"
            )

    def mask(self, facts: Facts) -> Mask:
        """Compare every value; text that is a number compares as one."""
        values = facts.column(self.column)
        return np.fromiter((self._holds(value) for value in values), dtype=bool, count=len(values))

    def reach(self, facts: Facts) -> Mask:
        """Take everything where the column is the label's."""
        if self.column in LABEL_COLUMNS:
            return np.ones(len(facts.pairs), dtype=bool)
        return self.mask(facts)

    def _holds(self, value: Any) -> bool:
        if self.missing is not None and (value is None) != self.missing:
            return False
        if self.equals is not None and not same_value(value, self.equals):
            return False
        if self.one_of is not None and not any(same_value(value, one) for one in self.one_of):
            return False
        if self.at_least is None and self.at_most is None:
            return True
        number = number_of(value)
        if number is None:
            return False
        low = -np.inf if self.at_least is None else self.at_least
        high = np.inf if self.at_most is None else self.at_most
        return bool(low <= number <= high)

    def to_dict(self) -> dict[str, Any]:
        """Leave out what was not set."""
        asked = written_parts(self, ("equals", "one_of", "at_least", "at_most", "missing"))
        return {"column": self.column} | asked


@dataclass(frozen=True)
class Health(Condition):
    """The examination of the data found something in the pair.

    Attributes
    ----------
    items
        Names of findings, as in health.json.
    """

    items: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.items or not all(isinstance(item, str) for item in self.items):
            raise EditError(f"health is {list(self.items)!r:.80}; expected names of findings")

    def mask(self, facts: Facts) -> Mask:
        """Select the pairs behind the findings."""
        known = facts.health["item"].unique().sort().to_list()
        unknown = [item for item in self.items if item not in known]
        if unknown:
            raise EditError(
                f"health found nothing called {', '.join(unknown)}; it found: "
                f"{', '.join(known) or 'nothing that concerns single pairs'}"
            )
        ids = facts.health.filter(pl.col("item").is_in(list(self.items)))["pair_id"]
        chosen: Mask = facts.pairs["pair_id"].is_in(ids.implode()).to_numpy()
        return chosen

    def reach(self, facts: Facts) -> Mask:
        """Take everything, unless the findings look at texts alone."""
        if set(self.items) <= TEXT_FINDINGS:
            return self.mask(facts)
        return np.ones(len(facts.pairs), dtype=bool)

    def to_dict(self) -> dict[str, Any]:
        """Write one item as it is, several as a list."""
        return {"health": self.items[0] if len(self.items) == 1 else list(self.items)}
