"""The rules that a run learned beside its sparse model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wimhf.run.run import Run

RULES = "rules.json"


@dataclass(frozen=True)
class Rule:
    """A rule, judged on pairs that it was not learned from.

    Attributes
    ----------
    sentence
        What it says.
    votes
        Clauses that say it.
    pairs
        Test pairs in which it holds of one response alone.
    won
        Share of these in which that response is preferred; None without any.
    """

    sentence: str
    votes: int
    pairs: int
    won: float | None


@dataclass(frozen=True)
class Rules:
    """What rules say of a run's labels.

    Attributes
    ----------
    rules
        The most voted first.
    auc, auc_features
        Of the rules, and of the sparse model on the same test pairs; None where not measured.
    pairs
        Those test pairs.
    reason
        Why there are none.
    """

    rules: tuple[Rule, ...]
    auc: float | None
    auc_features: float | None
    pairs: int
    reason: str | None

    @property
    def words(self) -> str:
        """How well the rules predict labels, beside the sparse model."""
        if self.reason is not None or self.auc is None:
            return f"No rules were learned: {self.reason}."
        sparse = self.auc_features
        beside = "" if sparse is None else f"; the sparse model’s is {sparse:.3f}"
        return f"On {self.pairs:,} pairs they did not see their AUC is {self.auc:.3f}{beside}."


def rules_of(run: Run) -> Rules | None:
    """Return a run's rules; None where none were asked for."""
    if run.config.rules.clauses is None or not run.manifest.done("rules"):
        return None
    card: dict[str, Any] = run.folder.read_json(RULES)
    rules = tuple(
        Rule(row["sentence"], row["votes"], row["pairs"], row["won"]) for row in card["rules"]
    )
    return Rules(rules, card["auc"], card.get("auc_features"), card.get("pairs", 0), card["reason"])
