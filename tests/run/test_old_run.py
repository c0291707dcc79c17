"""A run of 0.1.0, with edits of every kind, opens and says what it said then."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import wimhf
from wimhf.base import Stream, stream
from wimhf.run import Run, measured_pairs
from wimhf.stats import design, effects, measure_preferences

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
EXPECTED: dict[str, Any] = json.loads((FIXTURES / "run_v1_expected.json").read_text())


@pytest.fixture
def old(tmp_path: Path) -> Run:
    return wimhf.open_run(shutil.copytree(FIXTURES / "run_v1", tmp_path / "run"))


def plain(table: pl.DataFrame) -> Any:
    return json.loads(table.write_json())


def same(one: Any, other: Any, within: float = 1e-9) -> bool:
    """Say whether two JSON values agree, numbers up to a relative difference."""
    if isinstance(one, float) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=within, abs_tol=1e-9)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k], within) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            same(a, b, within) for a, b in zip(one, other, strict=True)
        )
    return bool(one == other)


@pytest.fixture
def uncapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the sizes of codes, and treat effects at the edge, as that version did."""
    monkeypatch.setattr(design, "CAPPED_AT", 1.0)
    monkeypatch.setattr(effects, "EDGE", 0.0)


@pytest.mark.usefixtures("uncapped")
def test_its_tables_are_as_they_were(old: Run) -> None:
    curation = wimhf.open_curation(old, who="ann")
    curated = ["pair_id", "label", "weight", "kept", "edit", "edited_by", "edited_because"]
    pairs = old.pairs(feature=4).select("pair_id", "more_side", "code", "more_won")
    now = {
        "features": plain(old.features),
        "subset_effects": plain(old.subset_effects),
        "curated": plain(curation.pairs.select(curated)),
        "history": plain(curation.history),
        "suspects": plain(curation.suspects().drop("chance")),
        "preference": json.loads(json.dumps(old.preference)),
        "pairs_of_4": plain(pairs),
    }
    for name, expected in EXPECTED.items():
        assert same(expected, now[name]), name


@pytest.mark.usefixtures("uncapped")
def test_measuring_it_again_gives_the_same_effects(old: Run) -> None:
    labels = old.pair_table.select("label", "weight")
    config = old.config.preference
    rng = stream(old.config.seed, Stream.PREFERENCES)
    again = measure_preferences(measured_pairs(old, config), labels, config, rng)
    found = old.features_as_found
    turned = found["pole"].to_numpy()
    assert same((found["beta"] * turned).to_list(), again.effects["beta"].to_list(), 1e-6)
    for name in ("se", "heterogeneity_p", "flip_p"):
        assert same(found[name].to_list(), again.effects[name].to_list(), 1e-6), name
