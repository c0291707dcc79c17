"""Replaying by layers gives what going through the log pair by pair gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.curate import open_curation, pair_codes
from wimhf.curate.replay import Change, Replay
from wimhf.run import Run, Value
from wimhf.run.anchor import ANCHOR

N = 6
IDS = [f"p{i}" for i in range(N)]
PAIRS = pl.DataFrame(
    {
        "pair_id": IDS,
        "label": [1.0, 0.0, 0.5, None, 0.7, 1.0],
        "weight": [1.0, 2.0, 1.0, 1.0, 0.0, 3.0],
    }
)
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "label": st.sampled_from([1.0, 0.0, 0.5, None]),
    "weight": st.sampled_from([0.0, 0.5, 2.0]),
    "kept": st.booleans(),
}


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    made = []
    for number in range(1, draw(st.integers(0, 8)) + 1):
        ids = draw(st.lists(st.sampled_from([*IDS, "gone"]), min_size=1, unique=True))
        names = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, unique=True))
        new = {name: [draw(VALUES[name]) for _ in ids] for name in names}
        kind = draw(st.sampled_from(["rule", "pairs"]))
        made.append(Change(kind, {"pair_ids": ids, "new": new}, number, "ann", f"why {number}"))
    return made


def one_by_one(made: list[Change]) -> list[dict[str, Any]]:
    rows = [row | {"kept": True, "edit": None} for row in PAIRS.to_dicts()]
    for change in sorted(made, key=lambda one: (one.single, one.number)):
        for place, pair_id in enumerate(change.pair_ids):
            for row in rows:
                if row["pair_id"] == pair_id:
                    row |= {name: values[place] for name, values in change.values.items()}
                    row["edit"] = change.number
    return rows


def table(replay: Replay) -> list[dict[str, Any]]:
    return replay.now.pairs.select("pair_id", "label", "weight", "kept", "edit").to_dicts()


def replay(made: list[Change]) -> Replay:
    return Replay(PAIRS, {one: row for row, one in enumerate(IDS)}, made)


@given(changes())
def test_layers_say_what_the_log_says(made: list[Change]) -> None:
    done = replay(made)
    assert table(done) == one_by_one(made)
    lost = {c.number: 1 for c in made if "gone" in c.pair_ids}
    assert done.now.missing == lost


@given(changes(), changes())
def test_planned_rules_stand_behind_rules_and_before_single_edits(
    made: list[Change], more: list[Change]
) -> None:
    planned = [Change("rule", change.data) for change in more]
    numbered = [Change("rule", c.data, 100 + i) for i, c in enumerate(planned)]
    after = replay(made).after(planned)
    for name in ("label", "weight", "kept"):
        wanted = replay([*made, *numbered]).now
        assert after.pairs[name].to_list() == wanted.pairs[name].to_list()
    assert not after.differs(replay([*made, *numbered]).now).any()


@given(changes())
def test_what_was_said_before_is_recorded(made: list[Change]) -> None:
    now = replay(made).now
    recorded = now.record([0, 3], {"label": [0.5, 0.5], "kept": [False, False]})
    assert recorded["pair_ids"] == ["p0", "p3"]
    rows = one_by_one(made)
    old = {name: [rows[0][name], rows[3][name]] for name in ("label", "kept")}
    assert recorded["old"] == old


def test_a_pair_opened_is_a_row_of_every_column(toy_run: Run) -> None:  # noqa: F811
    curation = open_curation(toy_run, "ann")
    curation.own(5, merged_into=4)
    facts = curation.facts
    numbers = [feature.feature for feature in facts.features]
    columns = [facts.code(number) for number in numbers]
    for row in range(0, len(facts.pairs), 37):
        wanted = [code[row] / (np.sqrt(np.square(code).mean()) or 1.0) for code in columns]
        assert pair_codes(facts, numbers, row) == pytest.approx(wanted)


def test_another_log_of_the_same_length_is_another_state(toy_run: Run) -> None:  # noqa: F811
    curation = open_curation(toy_run, "ann")
    curation.own(1, name="one name")
    assert "one name" in toy_run.features["description"]
    toy_run.log.path.unlink()
    (toy_run.path / ANCHOR).unlink()
    open_curation(toy_run.path, "bo").own(1, name="other")  # nothing was read in between
    assert "other" in toy_run.features["description"]
