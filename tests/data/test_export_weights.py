"""Weights act by how often a pair is written."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from wimhf.data.export.target import Target
from wimhf.data.export.targets import TARGETS
from wimhf.data.export.weighting import weights_act
from wimhf.data.export.write import export_pairs
from wimhf.data.pairs import Pair, pair_table
from wimhf.errors import ExportError

N = 600


@pytest.fixture
def pairs() -> pl.DataFrame:
    rows = [Pair(f"q{i}", f"a{i}", f"b{i}", float(i % 2)) for i in range(N)]
    weight = np.resize([1.0, 1.0, 0.25, 2.5], N)
    return pair_table(rows, list(range(N))).with_columns(weight=pl.Series(weight))


def written(table: pl.DataFrame) -> np.ndarray:
    """Return how often every pair counts."""
    times = Counter(table.filter(pl.col("weight") > 0)["pair_id"])
    ids = dict.fromkeys(table["pair_id"])
    return np.array([times[one] for one in ids])


def test_copies_are_the_weight_on_average(pairs: pl.DataFrame) -> None:
    weight = pairs["weight"].to_numpy()
    runs = np.array([written(weights_act(pairs, "duplicate", s).pairs) for s in range(200)])
    assert (runs >= np.floor(weight)).all()
    assert (runs <= np.ceil(weight)).all()
    assert np.abs(runs.mean(axis=0) - weight).max() < 0.15
    drawn = np.array([written(weights_act(pairs, "resample", s).pairs) for s in range(200)])
    assert (drawn.sum(axis=1) == N).all()
    assert np.corrcoef(drawn.mean(axis=0), weight)[0, 1] > 0.97


def test_a_bar_leaves_the_lighter_ones_out(pairs: pl.DataFrame) -> None:
    found = weights_act(pairs, "drop-below:0.5")
    assert (written(found.pairs) == (pairs["weight"].to_numpy() >= 0.5)).all()
    assert f"{N} pairs became {N * 3 // 4}" in found.note


def test_a_column_does_nothing_and_the_same_seed_draws_the_same(pairs: pl.DataFrame) -> None:
    assert weights_act(pairs, "column").pairs.equals(pairs)
    alike = pairs.with_columns(weight=pl.lit(0.5))
    assert weights_act(alike, "resample").pairs.equals(alike)
    one, other = (weights_act(pairs, "duplicate", 5).pairs for _ in range(2))
    assert one.equals(other)
    for way in ("drop-below", "drop-below:x", "drop-below:-1", "twice"):
        with pytest.raises(ExportError, match="is unknown; use column, duplicate"):
            weights_act(pairs, way)


@pytest.mark.parametrize("target", [t for t in TARGETS if not t.zero_weights], ids=lambda t: t.name)
def test_every_format_for_a_trainer_takes_copies(
    pairs: pl.DataFrame, target: Target, tmp_path: Path
) -> None:
    name = target.name
    place = tmp_path / ("out.json" if "json" in target.containers else "out.jsonl")
    done = export_pairs(pairs, name, place, weights="duplicate")
    assert done.pairs == written(weights_act(pairs, "duplicate", 0).pairs).sum()
    assert any("weights act (duplicate)" in warning for warning in done.warnings)
    card = json.loads(done.cards[1].read_text(encoding="utf-8"))
    assert any("weights act" in warning for warning in card["warnings"])


def test_a_weight_that_no_trainer_reads_is_said_to_be_so(
    pairs: pl.DataFrame, tmp_path: Path
) -> None:
    done = export_pairs(pairs, "trl", tmp_path / "o.jsonl")
    assert any("no trainer of TRL reads `weight`" in warning for warning in done.warnings)
    with pytest.raises(ExportError, match="keeps every pair with its weight"):
        export_pairs(pairs, "native", tmp_path / "n.jsonl", weights="duplicate")


def test_the_card_counts_the_edits_that_people_made_and_copies_have_a_bound(
    pairs: pl.DataFrame, tmp_path: Path
) -> None:
    own = pairs.with_columns(
        source_label=pl.col("label"), source_weight=pl.col("weight"), kept=pl.lit(True)
    )
    done = export_pairs(own, "trl", tmp_path / "o.jsonl", weights="duplicate")
    assert done.facts.edited == {}
    with pytest.raises(ExportError, match="would write 60,000 copies of 600 pairs"):
        weights_act(pairs.with_columns(weight=pl.Series([99.0, 101.0] * 300)), "duplicate")
