"""How the data stand: the source, and what edits leave of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wimhf
from tests.conftest import toy_rows, write_rows
from wimhf.curate import Curation, curated_standing, flagged_pairs, source_standing


@pytest.fixture
def curation(tmp_path: Path, analyze_toy: Callable[..., Any]) -> Curation:
    rows = toy_rows(240)
    run = analyze_toy(write_rows(tmp_path / "rows.jsonl", [*rows, *rows[:20]]))
    return wimhf.open_curation(run, who="kim")


def test_without_edits_both_states_are_the_same(curation: Curation) -> None:
    source, curated = source_standing(curation.run), curated_standing(curation.state)
    for name in ("pairs", "dropped", "changed", "labelled", "ties", "flagged"):
        assert getattr(source, name) == getattr(curated, name), name
    effects = [(f.effect, f.q) for f in source.features]
    assert [(f.effect, f.q) for f in curated.features] == effects
    verdicts = [row["verdict"] for row in source.audit]
    assert [row["verdict"] for row in curated.audit] == verdicts


def test_dropped_repeats_are_gone_from_the_curated_data_and_stay_in_the_source(
    curation: Curation,
) -> None:
    before = source_standing(curation.run)
    assert before.flagged["duplicates"] == (20, 20)
    assert len(flagged_pairs(curation.run, "duplicates", 5)) == 5
    curation.apply({"when": {"health": "duplicates"}, "then": "drop"})
    after = curated_standing(curation.state)
    assert (after.pairs, after.dropped, after.changed) == (before.pairs - 20, 20, 20)
    assert after.flagged["duplicates"] == (20, 0)
    assert after.touched == set(curation.changed["pair_id"])
    assert source_standing(curation.run) == before
    moved = [f.effect for f in after.features if f.effect is not None]
    assert moved
    assert all(f.shrunk is None for f in after.features if not f.muted)


def test_flipping_every_label_turns_every_effect(curation: Curation) -> None:
    before = {f.feature: f.effect for f in source_standing(curation.run).features}
    everything = {"not": {"text": "no pair says this"}}
    curation.apply({"when": everything, "then": "flip"}, anyway=True)
    for feature in curated_standing(curation.state).features:
        effect = before[feature.feature]
        if effect is not None:
            assert feature.effect == pytest.approx(-effect, abs=1e-6)
