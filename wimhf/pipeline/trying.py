"""Looking at an own concept before it is added: what words find, what a question would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, LlmConfig, Stream, stream
from wimhf.concepts import Concept, measure_concepts, odd_log
from wimhf.describe import question_allowance
from wimhf.pipeline.own_concepts import SAMPLE
from wimhf.run import Run
from wimhf.stats import Effect, capped, column_effect, labelled_pairs, spread_rows

LOOKED_AT = 20_000
"""Pairs that are looked at; of more, so many drawn evenly over prompts."""


@dataclass(frozen=True)
class Tried:
    """What words find in a run.

    Attributes
    ----------
    pairs
        That were looked at.
    differ, labelled
        Those of them whose sides it tells apart, and how many of these have a label.
    examples
        Rows of the pair table, strongest first, each of another prompt.
    a_has_more
        Of each example, whether response A has more.
    effect
        What the labels do with more of it, in points, controls held.
    """

    pairs: int
    differ: int
    labelled: int
    examples: tuple[int, ...]
    a_has_more: tuple[bool, ...]
    effect: Effect

    @property
    def share(self) -> float:
        """Share of the pairs that it tells apart, 0 to 1."""
        return self.differ / max(self.pairs, 1)


def try_written(
    run: Run, words: Sequence[str] = (), patterns: Sequence[str] = (), examples: int = 3
) -> Tried:
    """Say what words or patterns would tell apart; nothing is kept.

    Raises
    ------
    ConfigError
        If there is nothing to look for, or a pattern is no regular expression.
    """
    concept = Concept(
        "new", "has it", "lacks it", words=tuple(words), patterns=tuple(patterns),
        source="the new concept",
    )  # fmt: skip
    concept.check_patterns()
    rows = _looked_at(run)
    lead = _leads(run, concept, rows)
    order = np.argsort(-np.abs(lead), kind="stable")[: np.count_nonzero(lead)]
    component = run.pair_table["component"].to_numpy()[rows]
    first = np.sort(np.unique(component[order], return_index=True)[1])
    shown = order[first][:examples]
    label = run.pair_table["label"].gather(rows[order])
    return Tried(
        len(rows), len(order), len(label) - label.null_count(),
        tuple(rows[shown].tolist()), tuple((lead[shown] > 0).tolist()),
        _effect(run, lead, rows),
    )  # fmt: skip


def _effect(run: Run, lead: Floats, rows: Ints) -> Effect:
    """Return what the source's labels do with more of it, controls held, in the rows looked at."""
    pairs, whole = run.pair_table, np.zeros(len(run.pair_table))
    label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    weight = pairs["weight"].to_numpy()
    used = rows[np.isfinite(label[rows]) & (weight[rows] > 0)]
    if not len(used) or not lead.any():
        return Effect(0, effect_reason="it tells no labelled pair apart")
    whole[rows] = lead
    own = capped(whole[:, None])[used, 0]
    data = labelled_pairs(run.covariates(), label, weight, used)
    return column_effect(own / (np.sqrt(np.square(own).mean()) or 1.0), data)


def _looked_at(run: Run) -> Ints:
    count = len(run.pair_table)
    rows = pairs_to_mark(run) if count > LOOKED_AT else np.arange(count, dtype=np.int64)
    return np.sort(rows[:LOOKED_AT])


def _leads(run: Run, concept: Concept, rows: Ints) -> Floats:
    """Return by how much A has more than B, odd, of some rows."""
    sides = [run.pair_table[name].gather(rows).to_list() for name in ("response_a", "response_b")]
    texts = list(dict.fromkeys(sides[0] + sides[1]))
    found = measure_concepts([concept], texts).toarray()[:, 0]
    amount = dict(zip(texts, found.tolist(), strict=True))
    one, other = (np.array([amount[text] for text in side]) for side in sides)
    return odd_log(one - other).astype(np.float64)


def pairs_to_mark(run: Run, says: str = "") -> Ints:
    """Return rows in the order in which they are marked: drawn evenly over prompts.

    Parameters
    ----------
    says
        Only pairs of which a response has these words in it; case is ignored.
    """
    component = run.pair_table["component"].to_numpy()
    rng = stream(run.config.seed, Stream.OWN_CONCEPTS)
    rows = spread_rows(np.arange(len(component)), component, rng)
    if not says.strip():
        return rows
    wanted = says.strip().lower()
    sides = (run.pair_table[name].str.to_lowercase() for name in ("response_a", "response_b"))
    has, other = (side.str.contains(wanted, literal=True).to_numpy() for side in sides)
    kept: Ints = rows[(has | other)[rows]]
    return kept


@dataclass(frozen=True)
class Demand:
    """What a question to a model takes: in words, and whether that is within the budget."""

    words: str
    within: bool


def question_demand(run: Run, config: LlmConfig, sample: int = SAMPLE) -> Demand:
    """Say what a question takes, before it is asked of a model."""
    rows = pairs_to_mark(run)[:sample]
    shown = [run.pair_table[side].gather(rows) for side in ("response_a", "response_b")]
    length = float(np.mean([len(text) for side in shown for text in side])) if len(rows) else 0.0
    beyond: list[str] = []

    def agreed(question: str) -> bool:
        beyond.append(question)
        return True

    told: list[str] = []
    question_allowance(
        f"asking about {len(rows)} pairs", 2 * len(rows), config, length,
        lambda event: told.append(event.message), agreed,
    )  # fmt: skip
    return Demand(told[0], not beyond)
