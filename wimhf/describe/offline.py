"""All describers compete: the best on the select split wins, and is reported on the test split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from wimhf.base import DescribeConfig, Event, Floats, Floats32, Ints, Progress, silent
from wimhf.concepts import load_concepts
from wimhf.describe.fidelity import correlation, fidelity
from wimhf.describe.lexical import LexicalDescription, candidates
from wimhf.describe.terms import TermTable, term_table

DESCRIPTION_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "author": pl.String(), "description": pl.String(),
    "opposite": pl.String(), "pole": pl.Int64(),
    "terms": pl.List(pl.String), "weights": pl.List(pl.Float64), "select_correlation": pl.Float64(),
    "won": pl.Boolean(), "fidelity": pl.Float64(), "fidelity_low": pl.Float64(),
    "fidelity_high": pl.Float64(), "fidelity_p": pl.Float64(), "sign_accuracy": pl.Float64(),
    "active_test": pl.Int64(), "understood": pl.Boolean(), "reason": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Described:
    """Every candidate with its scores; fidelity is filled in for the winners only."""

    table: pl.DataFrame
    n_fit: int
    n_select: int
    n_test: int


def describe_features(
    responses: tuple[list[str], list[str]],
    codes: Floats32,
    split: NDArray[np.str_],
    components: Ints,
    config: DescribeConfig,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> Described:
    """Describe every feature lexically and judge the descriptions.

    Parameters
    ----------
    responses
        The pairs' A and B texts.
    codes
        (n, m) signed codes.
    split
        (n,) "fit", "select" or "test".
    """
    sample = sampled(responses, split, config, config.max_pairs, rng, progress)
    own = np.asarray(codes[sample.rows], dtype=np.float64)
    table, parts = sample.table, sample.parts
    described = candidates(table, own, parts["fit"], parts["select"], config.max_terms)
    rngs = rng.spawn(len(described))
    held = {name: sparse.csc_array(table.columns[parts[name]]) for name in ("select", "test")}
    judge = _Judge(held, parts, components[sample.rows], config.min_fidelity, len(described))
    records: list[dict[str, object]] = []
    for feature, candidate in enumerate(described):
        records += judge.records(feature, candidate, own[:, feature], rngs[feature])
        progress(Event("describe", feature + 1, len(described), unit="features"))
    sizes = {name: len(part) for name, part in parts.items()}
    records_table = pl.DataFrame(records, schema=DESCRIPTION_COLUMNS)
    return Described(records_table, sizes["fit"], sizes["select"], sizes["test"])


@dataclass(frozen=True)
class Sample:
    """Pairs that descriptions are made and judged on.

    Attributes
    ----------
    rows
        Their rows in the pair table.
    table
        What can be counted in them.
    parts
        fit, select and test, as places in ``rows``.
    """

    rows: Ints
    table: TermTable
    parts: dict[str, Ints]


def sampled(
    responses: tuple[list[str], list[str]],
    split: NDArray[np.str_],
    config: DescribeConfig,
    most: int,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> Sample:
    """Draw at most ``most`` pairs and count what descriptions may speak of."""
    rows = _sample(split, most, rng)
    texts_a = [responses[0][row] for row in rows]
    texts_b = [responses[1][row] for row in rows]
    unique = sorted({*texts_a, *texts_b})
    row_of = {text: row for row, text in enumerate(unique)}
    parts = {name: np.flatnonzero(split[rows] == name) for name in ("fit", "select", "test")}
    progress(Event("describe", message=f"counting words and marks in {len(unique):,} responses"))
    table = term_table(
        unique,
        np.array([row_of[text] for text in texts_a], dtype=np.int64),
        np.array([row_of[text] for text in texts_b], dtype=np.int64),
        parts["fit"],
        load_concepts(config.concepts),
    )
    return Sample(rows, table, parts)


@dataclass(frozen=True)
class _Judge:
    """The same judgement for every description: chosen on select pairs, reported on test pairs."""

    columns: dict[str, sparse.csc_array]
    """The terms of the select and of the test pairs."""
    parts: dict[str, Ints]
    components: Ints
    min_fidelity: float
    n_features: int

    def records(
        self,
        feature: int,
        own: list[LexicalDescription],
        code: Floats,
        rng: np.random.Generator,
    ) -> list[dict[str, object]]:
        """Return one record per candidate of a feature, the winner's with its fidelity."""
        select, test = self.parts["select"], self.parts["test"]
        if not own:
            return [_nothing(feature, code, test)]
        scores = [
            correlation(one.predict(self.columns["select"]), one.pole * code[select]) for one in own
        ]
        winner = int(np.argmax(scores))
        records = [
            _record(feature, one, score, number == winner)
            for number, (one, score) in enumerate(zip(own, scores, strict=True))
        ]
        best = own[winner]
        judged = fidelity(
            best.predict(self.columns["test"]),
            best.pole * code[test],
            self.components[test],
            rng,
        )
        value, p = judged.correlation.value, judged.p
        records[winner] |= judged.columns()
        records[winner] |= verdict(value, p, self.n_features, self.min_fidelity)
        return records


def verdict(
    value: float | None, p: float | None, n_features: int, floor: float
) -> dict[str, object]:
    """Say whether a description of a fidelity is understood: past Bonferroni, above the floor."""
    if value is None:
        return {"understood": False}
    if p is None:
        return {"understood": False, "reason": "it predicts nothing on the held-out pairs"}
    if value < floor:
        return {"understood": False, "reason": f"fidelity is below {floor:g}"}
    if p * n_features > 0.05:
        return {"understood": False, "reason": "fidelity may be chance"}
    return {"understood": True}


def _record(feature: int, one: LexicalDescription, score: float, won: bool) -> dict[str, object]:
    return {
        "feature": feature, "author": one.author, "description": one.sentence,
        "opposite": one.opposite, "pole": one.pole,
        "terms": [term.key for term in one.terms], "weights": list(one.weights),
        "select_correlation": score, "won": won, "fidelity": None, "fidelity_low": None,
        "fidelity_high": None, "fidelity_p": None, "sign_accuracy": None, "active_test": None,
        "understood": None, "reason": None,
    }  # fmt: skip


def _nothing(feature: int, code: Floats, test: Ints) -> dict[str, object]:
    blank = LexicalDescription((), (), (), 1)
    record = _record(feature, blank, 0.0, won=True)
    active = int(np.count_nonzero(code[test]))
    reason = "nothing that can be counted goes with it"
    return record | {"active_test": active, "understood": False, "reason": reason}


def _sample(split: NDArray[np.str_], most: int, rng: np.random.Generator) -> Ints:
    n = len(split)
    if n <= most:
        return np.arange(n, dtype=np.int64)
    return np.sort(rng.choice(n, size=most, replace=False)).astype(np.int64)
