"""Rules beside the sparse model: clauses over words, concepts and features, read as sentences."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, Mask
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext
from wimhf.run import RULES, Run
from wimhf.stats import Clauses, TsetlinSettings, auc, tsetlin_clauses

WORDS = 150
"""Words looked for: those that most pairs to fit have in one response alone."""
LEAST_SHARE = 0.01
"""Share of the pairs to fit that such a word, concept or feature tells apart."""
LEAST_PAIRS = 50
"""Decided pairs to fit and to test without which no rules are learned."""
WORD = re.compile(r"[^\W\d_][\w'’]{2,}")


def learn_rules(context: StageContext) -> Result:
    """Learn rules of the pairs to fit and judge them on the test pairs, if any are asked for."""
    run, settings = context.run, context.config.rules
    if settings.clauses is None:
        return [], {"rules": None}
    said = _conditions(run)
    labels = run.pair_table["label"].cast(pl.Float64).fill_null(0.5).to_numpy()
    weight = run.pair_table["weight"].cast(pl.Float64).to_numpy()
    decided = (labels != 0.5) & (weight > 0)
    split = run.pair_table["split"].to_numpy()
    fit = np.flatnonzero(decided & (split != "test"))
    test = np.flatnonzero(decided & (split == "test"))
    if min(len(fit), len(test)) < LEAST_PAIRS:
        reason = f"{len(fit)} decided pairs to learn from and {len(test)} to test are too few"
        found: dict[str, object] = {"reason": reason, "rules": [], "auc": None}
    else:
        asked = TsetlinSettings(settings.clauses, settings.literals)
        clauses = tsetlin_clauses(
            said.ab[fit], said.ba[fit], labels[fit] > 0.5, asked, context.config.seed
        )
        score = clauses.score(said.ab[test], said.ba[test])
        found = {
            "reason": None,
            "auc": auc(score, labels[test], weight[test]),
            "auc_features": _features_auc(run, test, labels, weight),
            "pairs": len(test),
            "rules": _rules(clauses, said, test, labels),
        }
    output = run.folder.write_json(RULES, asdict(settings) | found)
    return [output], {"rules": len(found["rules"])}  # type: ignore[arg-type]


class _Conditions:
    """What one response of a pair has and the other has not.

    Attributes
    ----------
    said
        Per condition what the response does that has it.
    ab, ba
        (n, p) whether A has it alone, and B.
    """

    def __init__(self) -> None:
        self.said: list[str] = []
        self._sides: list[tuple[Mask, Mask]] = []

    def add(self, said: str, sign: Floats) -> None:
        """Add one by its sign (n,): positive where A has it or more of it."""
        self.said.append(said)
        self._sides.append((sign > 0, sign < 0))

    @property
    def ab(self) -> Mask:
        return np.column_stack([one for one, _ in self._sides])

    @property
    def ba(self) -> Mask:
        return np.column_stack([one for _, one in self._sides])


def _conditions(run: Run) -> _Conditions:
    """Return words, concepts and described features that tell enough pairs to fit apart."""
    pairs = run.pair_table
    fit = (pairs["split"] == "fit").to_numpy()
    least = max(5, LEAST_SHARE * fit.sum())
    found = _Conditions()
    sides = [[_words(text) for text in pairs[name]] for name in ("response_a", "response_b")]
    alone = Counter[str]()
    for here, a, b in zip(fit.tolist(), *sides, strict=True):
        if here:
            alone.update(a ^ b)
    for word in sorted(word for word, count in alone.most_common(WORDS) if count >= least):
        lead = [float(word in a) - float(word in b) for a, b in zip(*sides, strict=True)]
        found.add(f"says “{word}”", np.array(lead))
    codes, poles = run.codes(), run.poles
    for one in run.feature_rows:
        if one.description is None or one.muted or one.members or not one.understood:
            continue
        sign: Floats = codes[:, one.feature].astype(np.float64) * poles[one.feature]
        if np.count_nonzero(sign[fit]) >= least:
            found.add(one.description.split("; ")[0], sign)
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in WORD.findall(text))


def _features_auc(run: Run, test: Ints, labels: Floats, weight: Floats) -> float | None:
    """Return the AUC of the sparse model on the same pairs, where it predicted them."""
    table = run.table("predictions.parquet")
    place = {pair: at for at, pair in enumerate(table["pair"].to_list())}
    if not all(pair in place for pair in test.tolist()):
        return None
    score = table["features"].to_numpy()[[place[pair] for pair in test.tolist()]]
    return auc(score, labels[test], weight[test])


def _rules(clauses: Clauses, said: _Conditions, test: Ints, labels: Floats) -> list[dict[str, Any]]:
    """Return every rule as a sentence, with how often it holds and wins in test pairs."""
    ab, ba = clauses.fire(said.ab[test]), clauses.fire(said.ba[test])
    for_a, count = labels[test] > 0.5, len(said.said)
    votes = Counter(tuple(np.flatnonzero(one).tolist()) for one in clauses.included)
    first = {tuple(np.flatnonzero(one).tolist()): at for at, one in enumerate(clauses.included)}
    rows: list[dict[str, Any]] = []
    for literals, times in votes.items():
        if not literals:
            continue
        number = first[literals]
        one = ab[:, number] != ba[:, number]
        won = (ab[:, number] == for_a)[one]
        has = [said.said[at] for at in literals if at < count]
        lacks = [said.said[at - count] for at in literals if at >= count]
        rows.append({
            "sentence": _sentence(has, lacks), "has": has, "lacks": lacks,
            "votes": times, "pairs": int(one.sum()), "won": float(won.mean()) if len(won) else None,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["votes"], row["pairs"]), reverse=True)


def _sentence(has: list[str], lacks: list[str]) -> str:
    """Return a rule in words: what the response does alone or more, and what the other does."""
    told = [_joined(has, "and")] if has else []
    told += [f"is not the one that {_joined(lacks, 'or')}"] if lacks else []
    return f"The response is preferred that {' and '.join(told)}."


def _joined(terms: list[str], last: str) -> str:
    return terms[0] if len(terms) == 1 else f"{', '.join(terms[:-1])} {last} {terms[-1]}"


def rules_settings(context: StageContext) -> Settings:
    """Return what decides the rules; nothing where none are asked for."""
    config = context.config.rules
    return {} if config.clauses is None else asdict(config) | {"seed": context.config.seed}


STAGE = Stage(
    "rules", "", learn_rules, ("read", "concepts", "dictionary", "name", "preference"),
    rules_settings,
)  # fmt: skip
