"""Features as windows show them, in the order in which a reader should meet them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wimhf.describe import KNOWN
from wimhf.run import CONCEPT, Feature
from wimhf.stats import EQUIVALENT
from wimhf.ui.words import findings
from wimhf.ui.words.labels import Verdict

LAST = 10**9
"""Known share from which a discovered feature is shown under its concept."""


@dataclass(frozen=True)
class ShownFeature(Feature):
    """A feature with the words that name it and say what the labels do with it."""

    @property
    def expressed(self) -> bool:
        """Whether its effect is beyond chance and nobody muted it."""
        return findings.is_expressed(vars(self))

    @property
    def is_concept(self) -> bool:
        """Whether it is its own definition."""
        return self.kind == CONCEPT

    @property
    def mostly(self) -> str | None:
        """The concept that says most of a discovered feature, where the bank knows it."""
        known = self.known_share is not None and self.known_share >= KNOWN
        return self.known_as if known and not self.is_concept else None

    @property
    def explained(self) -> bool:
        """Whether it is beyond chance alone and nothing beside the other findings."""
        return self.expressed and self.finding is None and self.group is not None

    @property
    def heterogeneous(self) -> bool:
        """Whether its effect depends on the subset."""
        return findings.is_heterogeneous(vars(self))

    @property
    def sentence(self) -> str:
        """Its effect, so that anybody can read it."""
        return findings.sentence(vars(self))

    @property
    def told(self) -> float | None:
        """Its effect without the winner's curse, as its sentence has it."""
        return self.said[0]

    @property
    def unseen(self) -> str:
        """Which effects would have been seen, where none is beyond chance."""
        if self.expressed or self.effect is None:
            return ""
        return findings.seen_from(self.effect_low, self.effect_high)

    @property
    def neutral(self) -> bool:
        """Whether its effect is surely as good as none."""
        low, high = self.effect_low, self.effect_high
        if self.expressed or low is None or high is None:
            return False
        return -EQUIVALENT < low and high < EQUIVALENT

    @property
    def title(self) -> str:
        """What it is called in a list: a title where it has one, else the words that name it."""
        return self.short if self.short and self.understood else self.label

    @property
    def fit(self) -> str:
        """How well its name fits it; empty of a concept."""
        return findings.fit_of(vars(self))

    @property
    def beside(self) -> str:
        """Its effect beside the other findings, where alone it shows nothing; else empty."""
        return findings.suppressed_sentence(vars(self))

    @property
    def subject(self) -> str:
        """The response with more of it."""
        return findings.subject(vars(self))

    @property
    def verdict(self) -> Verdict:
        """What the labels do with it."""
        if self.effect is None:
            return "unknown"
        if not self.expressed:
            return "unclear"
        return "rewarded" if self.effect > 0 else "penalised"

    @property
    def looks(self) -> Verdict:
        """Its verdict for style sheets: unclear where it is not understood."""
        return self.verdict if self.understood and self.description else "unclear"

    @property
    def label(self) -> str:
        """Its description, or its number."""
        if self.mostly and not self.found:
            return f"mostly: {self.mostly}"
        if self.understood and self.description:
            return self.description
        if self.partly and self.description:
            return f"partly: {self.description}"
        return f"feature {self.feature} (not understood)"

    @property
    def why(self) -> str:
        """Why it is not understood."""
        return self.reason or "the description could not be checked on held-out pairs"


def ordered(features: Iterable[Feature]) -> list[ShownFeature]:
    """Return all features: pinned ones, then findings, then by strength, muted ones last."""
    return sorted(
        (ShownFeature(**vars(feature)) for feature in features),
        key=lambda f: (
            f.muted, not f.pinned, f.finding or LAST, not f.understood, not f.expressed,
            -f.least, -abs(f.effect or 0), f.feature,
        ),
    )  # fmt: skip
