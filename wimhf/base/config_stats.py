"""Settings of what is measured: subsets, what labels reward, rules."""

from __future__ import annotations

from dataclasses import dataclass

from wimhf.base.config_checks import at_least, at_most, require
from wimhf.errors import ConfigError


@dataclass(frozen=True)
class SubsetConfig:
    """Subsets between which effects are compared."""

    by: str = "auto"
    """auto (a column of subsets, else asked), none, asked (what the prompt asks for), prompts
    (clusters of prompts), or a column of the pairs or of the source."""
    clusters: int | None = None
    """Clusters of prompts; None makes one for every 300 prompts, between 2 and 8."""

    def __post_init__(self) -> None:
        if self.clusters is not None and not 2 <= self.clusters <= 12:
            raise ConfigError(f"clusters is {self.clusters}; give 2 to 12, or leave it out")


@dataclass(frozen=True)
class PreferenceConfig:
    """The preference model."""

    controls: tuple[str, ...] = ("length",)
    """length, style, or numeric columns of the source: NAME, or FIRST:SECOND for a difference."""
    score_column: str | None = None
    """Scores in the source as one more baseline: NAME (first minus second) or FIRST:SECOND."""
    halvings: int = 50
    """Complementary halves drawn for stability selection."""
    folds: int = 5
    bootstrap: int = 500
    same: float = 0.4
    """Features whose mean distance, 1 - |correlation|, is below this are one finding."""
    interactions: int | None = None
    """Principal components of prompts that columns are multiplied with in two more models."""

    def __post_init__(self) -> None:
        if not 0 <= self.same <= 1:
            raise ConfigError(f"same is {self.same}; give a distance of 0 to 1")
        at_least("preference.interactions", self.interactions, 1)
        at_most("preference.interactions", self.interactions, 64)
        require("preference", self, {"folds": 2, "bootstrap": 50, "halvings": 1})


@dataclass(frozen=True)
class RulesConfig:
    """Rules that a Tsetlin machine learns, shown beside the sparse model."""

    clauses: int | None = None
    """How many; None learns none."""
    literals: int = 8
    """Conditions of a rule at most."""

    def __post_init__(self) -> None:
        require("rules", self, {"literals": 1})
        at_least("rules.clauses", self.clauses, 1)
        at_most("rules.clauses", self.clauses, 1_000)
