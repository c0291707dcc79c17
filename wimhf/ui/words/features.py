"""Features as windows show them, in the order in which a reader should meet them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wimhf.run import Feature
from wimhf.ui.words import findings
from wimhf.ui.words.labels import Verdict


@dataclass(frozen=True)
class ShownFeature(Feature):
    """A feature with the words that name it and say what the labels do with it."""

    @property
    def expressed(self) -> bool:
        """Whether its effect is beyond chance and nobody muted it."""
        return findings.is_expressed(vars(self))

    @property
    def heterogeneous(self) -> bool:
        """Whether its effect depends on the subset."""
        return findings.is_heterogeneous(vars(self))

    @property
    def sentence(self) -> str:
        """Its effect, so that anybody can read it."""
        return findings.sentence(vars(self))

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
        return "rewarded" if self.effect > 0 else "punished"

    @property
    def looks(self) -> Verdict:
        """Its verdict for style sheets: unclear where it is not understood."""
        return self.verdict if self.understood and self.description else "unclear"

    @property
    def label(self) -> str:
        """Its description, or its number."""
        if self.understood and self.description:
            return self.description
        return f"feature {self.feature} (not understood)"

    @property
    def why(self) -> str:
        """Why it is not understood."""
        return self.reason or "the description could not be checked on held-out pairs"


def ordered(features: Iterable[Feature]) -> list[ShownFeature]:
    """Return all features: pinned ones first, then by strength, not understood and muted last."""
    return sorted(
        (ShownFeature(**vars(feature)) for feature in features),
        key=lambda f: (
            f.muted, not f.pinned, not f.understood, not f.expressed, -abs(f.effect or 0),
            f.feature,
        ),
    )  # fmt: skip
