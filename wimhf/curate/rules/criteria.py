"""Criteria: what a pair can be selected by. All look at the source's labels, and none at sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import NoneType
from typing import cast

import numpy as np
import polars as pl

from wimhf.base import Mask
from wimhf.curate.rules.conditions import Condition, Not, part
from wimhf.curate.rules.facts import Facts
from wimhf.errors import EditError

POLES = ("described", "opposite")
PLACES = ("any", "prompt", "responses", "both", "preferred", "other")
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

    feature: int | str = part(int, str)
    pole: str = part(among=POLES, default="described")
    quantile: float = part(int, float, default=0.0)
    rewarded: bool | None = part(bool, NoneType, default=None)
    BEGINS = ("feature",)

    def __post_init__(self) -> None:
        super().__post_init__()
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


@dataclass(frozen=True)
class Suspicion(Condition):
    """Models that never saw the pair expect another label.

    Attributes
    ----------
    suspicion
        At least this chance of the other label, 0 to 1; None takes what the suspects list holds.
    """

    suspicion: float | None = None
    BEGINS = ("suspicion", "suspect")

    def __post_init__(self) -> None:
        if self.suspicion is not None and not 0 <= self.suspicion <= 1:
            raise EditError(f"suspicion is {self.suspicion}; give a chance from 0 to 1")

    def mask(self, facts: Facts) -> Mask:
        """Select by the out-of-fold chance that a label is wrong."""
        if self.suspicion is None:
            return facts.suspect.copy()
        return np.nan_to_num(facts.suspicion, nan=-1.0) >= self.suspicion

    def reach(self, facts: Facts) -> Mask:
        """Take everything: any pair would be suspicious with another label."""
        return np.ones(len(facts.pairs), dtype=bool)

    def to_dict(self) -> dict[str, object]:
        """Write ``suspect`` for the list, ``suspicion`` for a chance."""
        return {"suspect": True} if self.suspicion is None else {"suspicion": self.suspicion}

    @classmethod
    def read(cls, begin: str, written: Mapping[str, object]) -> Condition:
        """Read either word."""
        if begin == "suspect":
            return cls() if written[begin] else Not(cls())
        return cls(float(str(written[begin])))


@dataclass(frozen=True)
class Health(Condition):
    """The examination of the data found something in the pair.

    Attributes
    ----------
    health
        Names of findings, as in health.json.
    """

    health: tuple[str, ...]
    BEGINS = ("health",)

    def __post_init__(self) -> None:
        if not self.health or not all(isinstance(item, str) for item in self.health):
            raise EditError(f"health is {list(self.health)!r:.80}; expected names of findings")

    def mask(self, facts: Facts) -> Mask:
        """Select the pairs behind the findings."""
        known = facts.health["item"].unique().sort().to_list()
        unknown = [item for item in self.health if item not in known]
        if unknown:
            raise EditError(
                f"health found nothing called {', '.join(unknown)}; it found: "
                f"{', '.join(known) or 'nothing that concerns single pairs'}"
            )
        ids = facts.health.filter(pl.col("item").is_in(list(self.health)))["pair_id"]
        chosen: Mask = facts.pairs["pair_id"].is_in(ids.implode()).to_numpy()
        return chosen

    def reach(self, facts: Facts) -> Mask:
        """Take everything, unless the findings look at texts alone."""
        if set(self.health) <= TEXT_FINDINGS:
            return self.mask(facts)
        return np.ones(len(facts.pairs), dtype=bool)

    def to_dict(self) -> dict[str, object]:
        """Write one item as it is, several as a list."""
        return {"health": self.health[0] if len(self.health) == 1 else list(self.health)}

    @classmethod
    def read(cls, begin: str, written: Mapping[str, object]) -> Condition:
        """Read one name or a list."""
        return cls(_listed(written[begin]))


@dataclass(frozen=True)
class Ids(Condition):
    """These pairs and no others."""

    pair_ids: tuple[str, ...]
    BEGINS = ("pair_ids",)

    def __post_init__(self) -> None:
        if not all(isinstance(one, str) for one in self.pair_ids):
            raise EditError(f"pair_ids is {list(self.pair_ids)!r:.80}; expected a list of pair ids")

    def mask(self, facts: Facts) -> Mask:
        """Select by pair id."""
        unknown = [one for one in self.pair_ids if one not in facts.places]
        if unknown:
            raise EditError(f"there is no pair {', '.join(unknown[:5])} in this run")
        chosen = np.zeros(len(facts.pairs), dtype=bool)
        chosen[[facts.places[one] for one in self.pair_ids]] = True
        return chosen

    @classmethod
    def read(cls, begin: str, written: Mapping[str, object]) -> Condition:
        """Read one id or a list."""
        return cls(_listed(written[begin]))


def _listed(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(cast("list[str]", value))


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

    text: str | None = part(str, NoneType, default=None)
    regex: str | None = part(str, NoneType, default=None)
    within: str = part(among=PLACES, default="any")
    case: bool = part(default=False)
    BEGINS = ("text", "regex")

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.text is None) == (self.regex is None) or "" in (self.text, self.regex):
            raise EditError("a search takes either text or regex, and not an empty one")

    def mask(self, facts: Facts) -> Mask:
        """Search the texts."""
        hits = facts.pairs.select(self._found())
        prompt, a, b = (hits[name].to_numpy() for name in hits.columns)
        label = facts.label
        decided = np.isfinite(label) & (label != 0.5)
        ways: dict[str, Mask] = {
            "any": prompt | a | b,
            "prompt": prompt,
            "responses": a | b,
            "both": a & b,
            "preferred": np.where(label >= 0.5, a, b) & decided,
            "other": np.where(label >= 0.5, b, a) & decided,
        }
        return ways[self.within]

    def _found(self) -> pl.Expr:
        texts = pl.col("prompt", "response_a", "response_b")
        if self.text is not None and self.case:
            return texts.str.contains(self.text, literal=True)
        pattern = str(self.regex) if self.text is None else pl.escape_regex(self.text)
        found = texts.str.contains(pattern if self.case else f"(?i){pattern}")
        try:
            pl.DataFrame({"prompt": "", "response_a": "", "response_b": ""}).select(found)
        except pl.exceptions.PolarsError as error:
            lines = [line for line in str(error).splitlines() if line.startswith("error:")]
            reason = lines[0].removeprefix("error: ") if lines else "see Rust's regex syntax"
            raise EditError(f"regex {self.regex!r} is not understood: {reason}") from None
        return found

    def reach(self, facts: Facts) -> Mask:
        """Take a find in either response where the label says in which to look."""
        judged = self.within in ("preferred", "other")
        return (replace(self, within="responses") if judged else self).mask(facts)
