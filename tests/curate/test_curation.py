"""Curating a run: what edits leave, what a preview says, suspects and decisions."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.conftest import ToyEncoder, toy_rows, write_rows
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.curate import Curation, open_curation
from wimhf.curate.export import check_source
from wimhf.curate.rules import Feature, Rule
from wimhf.curate.rules.rule import Action
from wimhf.errors import EditError, RunError
from wimhf.run.log import LOG
from wimhf.run.opening import open_run
from wimhf.run.run import Run
from wimhf.run.verify import repair_run

FLIP = {"when": {"feature": 0, "rewarded": True}, "then": "flip"}


@pytest.fixture
def curation(toy_run: Run) -> Curation:  # noqa: F811
    return open_curation(toy_run, "ann")


def labels(curation: Curation) -> list[float | None]:
    return curation.pairs["label"].to_list()


def test_without_edits_the_pairs_are_the_sources(curation: Curation) -> None:
    assert curation.changed.is_empty()
    assert curation.pairs.select(curation.run.pair_table.columns).equals(curation.run.pair_table)


def test_a_preview_is_what_applying_does(curation: Curation) -> None:
    found = curation.preview(FLIP)
    assert not curation.run.log.path.exists()
    curation.apply(FLIP, "why not")
    assert sorted(found.touched["pair_id"]) == sorted(curation.changed["pair_id"])
    after = dict(found.touched.select("pair_id", "label_after").iter_rows())
    assert after == dict(curation.changed.select("pair_id", "label").iter_rows())
    again = curation.state.effects()
    said = dict(found.effects.select("feature", "effect_after").iter_rows())
    for row in again.features.iter_rows(named=True):
        assert row["effect"] == pytest.approx(said[row["feature"]])
    assert abs(found.effects["moved"][0]) == found.effects["moved"].abs().max()
    assert found.balance["after"] == again.balance


def test_effects_before_any_edit_are_the_analysis_own(curation: Curation) -> None:
    """Two ways to the same numbers: as saved, and measured anew from the saved controls."""
    from wimhf.stats.whatif import Labels, state_effects

    numbers, measured = curation.state.columns
    anew = state_effects(
        measured, numbers, Labels.of(curation.pairs), np.arange(len(curation.pairs))
    ).features
    saved = curation.state.effects().features
    both = saved.join(anew, on="feature", suffix="_anew")
    for name in ("effect", "effect_low", "effect_high", "p", "q"):
        pairs = both.select(name, f"{name}_anew").drop_nulls()
        assert len(pairs) > 0
        assert np.allclose(pairs[:, 0], pairs[:, 1], atol=1e-4)


def test_actions_say_what_they_do(curation: Curation) -> None:
    source = curation.run.pair_table
    chosen = Feature(1).mask(curation.facts)
    when = {"feature": 1}
    wanted: list[tuple[Any, str, Any]] = [
        ("flip", "label", (1 - source["label"]).filter(pl.Series(chosen)).to_list()),
        ("tie", "label", [0.5] * int(chosen.sum())),
        ({"label": "B"}, "label", [0.0] * int(chosen.sum())),
        ({"weight": 0.25}, "weight", [0.25] * int(chosen.sum())),
        ("drop", "kept", [False] * int(chosen.sum())),
    ]
    for then, field, values in wanted:
        curation.apply({"when": when, "then": then})
        assert curation.pairs.filter(pl.Series(chosen))[field].to_list() == values
        assert (
            curation.pairs.filter(pl.Series(~chosen))
            .select(source.columns)
            .equals(source.filter(pl.Series(~chosen)))
        )
        curation.undo()
    assert curation.changed.is_empty()


def test_preferring_a_pole_sets_every_active_pair(curation: Curation) -> None:
    code = curation.facts.code(2)
    curation.apply({"when": {"feature": 2}, "then": {"prefer": "less"}})
    label = curation.pairs["label"].to_numpy()
    assert np.array_equal(label[code != 0], (code[code != 0] < 0).astype(float))
    curation.undo()
    curation.apply({"when": {"feature": 2, "pole": "opposite"}, "then": {"prefer": "more"}})
    assert np.array_equal(curation.pairs["label"].to_numpy(), label)


def test_later_rules_outrank_earlier_and_single_edits_both(curation: Curation) -> None:
    one, two = Feature(0).mask(curation.facts), Feature(1).mask(curation.facts)
    both = np.flatnonzero(one & two)
    assert len(both) > 1
    curation.apply({"when": {"feature": 0}, "then": "tie"})
    pair_id = curation.pairs["pair_id"][int(both[0])]
    curation.edit(pair_id, {"label": 0.9}, "seen")
    found = curation.preview({"when": {"feature": 1}, "then": {"label": 0.2}})
    told = {met.edit.kind: met for met in found.matched[0].overlaps}
    assert told["rule"].pairs == len(both)
    assert not told["rule"].outranks
    assert told["pairs"].outranks
    assert found.matched[0].held == 1
    curation.apply({"when": {"feature": 1}, "then": {"label": 0.2}})
    label = np.array(labels(curation))
    assert label[both[0]] == 0.9
    assert (label[both[1:]] == 0.2).all()
    assert (label[one & ~two] == 0.5).all()
    row = curation.pairs.row(int(both[0]), named=True)
    assert (row["edited_by"], row["edited_because"]) == ("ann", "seen")


def test_undoing_a_rule_leaves_what_others_say(curation: Curation) -> None:
    curation.apply({"when": {"feature": 1}, "then": {"label": 0.2}})
    alone = labels(curation)
    curation.undo()
    curation.apply({"when": {"feature": 0}, "then": "tie"})
    curation.apply({"when": {"feature": 1}, "then": {"label": 0.2}})
    curation.undo(3)
    assert labels(curation) == alone


def test_replay_gives_the_same_table_and_bytes(curation: Curation, tmp_path: Path) -> None:
    curation.apply([FLIP, {"when": {"text": "water"}, "then": {"weight": 2.0}}])
    curation.edit(curation.pairs["pair_id"].head(3), "drop")
    curation.undo()
    copied = shutil.copytree(curation.run.path, tmp_path / "copy")
    again = open_curation(open_run(copied))
    assert again.pairs.equals(curation.pairs)
    ways = [c.export("native", tmp_path / f"{n}.jsonl") for n, c in enumerate((curation, again))]
    assert ways[0].sha256 == ways[1].sha256


def test_the_same_rule_twice_changes_nothing_and_says_so(curation: Curation) -> None:
    curation.apply(FLIP)
    with pytest.raises(EditError, match="changes none"):
        curation.apply(FLIP)


def test_a_contradiction_is_refused_unless_wanted(curation: Curation) -> None:
    curation.apply(FLIP)
    again = {"when": {"feature": 0, "rewarded": True}, "then": "tie", "name": "other"}
    with pytest.raises(EditError, match="other contradicts edit 1"):
        curation.apply(again)
    curation.apply(again, anyway=True)
    assert set(curation.changed["label"]) == {0.5}
    restore = {"when": {"feature": 0, "rewarded": True}, "then": "restore"}
    curation.apply(restore)
    assert curation.changed.is_empty()


def test_of_several_rules_all_or_none_is_applied(curation: Curation) -> None:
    with pytest.raises(EditError, match="rule 2 matches none"):
        curation.apply([FLIP, {"when": {"text": "zebra"}, "then": "drop"}])
    assert len(curation.history) == 0


def test_single_edits_flip_what_is_there(curation: Curation) -> None:
    pair_id = curation.pairs["pair_id"][0]
    before = labels(curation)[0]
    curation.edit(pair_id, "flip")
    curation.edit(pair_id, "flip")
    assert labels(curation)[0] == before
    with pytest.raises(EditError, match="is already as restore would make it"):
        curation.edit(pair_id, "restore")
    with pytest.raises(EditError, match="no such pair"):
        curation.edit("nope", "flip")
    with pytest.raises(EditError, match="no such pair"):
        curation.edit([], "flip")


def test_swapping_sides_swaps_nothing_of_a_rule(tmp_path: Path) -> None:
    """The same data with sides exchanged: the same pairs are selected, labels mirrored."""
    import wimhf
    from tests.conftest import toy_config

    rows = toy_rows(200)
    turned = [
        row | {"response_a": row["response_b"], "response_b": row["response_a"],
               "label": 1 - row["label"]}
        for row in rows
    ]  # fmt: skip
    found = []
    for name, drawn in (("one", rows), ("two", turned)):
        file = write_rows(tmp_path / f"{name}.jsonl", drawn)
        run = wimhf.analyze(file, tmp_path / name, config=toy_config(), encoder=ToyEncoder())
        curation = open_curation(run)
        curation.apply({"when": {"feature": 0, "rewarded": False}, "then": {"prefer": "more"}})
        found.append(curation.changed.sort("pair_id"))
    assert found[0]["pair_id"].to_list() == found[1]["pair_id"].to_list()
    assert np.allclose(found[0]["label"], 1 - found[1]["label"])


def test_two_people_see_and_keep_each_others_edits(toy_run: Run) -> None:  # noqa: F811
    ann, bob = (
        open_curation(open_run(toy_run.path), "ann"),
        open_curation(open_run(toy_run.path), "bob"),
    )
    ids = ann.pairs["pair_id"].to_list()
    for n in range(6):
        (ann if n % 2 else bob).edit(ids[n], "tie")
    assert ann.pairs.equals(bob.pairs)
    assert ann.history["who"].to_list() == ["bob", "ann"] * 3


def test_suspects_are_ranked_and_decisions_remembered(curation: Curation) -> None:
    judged = curation.state.suspects
    assert judged["suspicion"].is_sorted(descending=True)
    table = curation.suspects()
    assert len(table) > 2
    first, second = table["pair_id"][0], table["pair_id"][1]
    before = curation.pairs.filter(pl.col("pair_id") == first)["label"].item()
    curation.accept(first)
    curation.dismiss(second, "looks right")
    left = curation.suspects()["pair_id"].to_list()
    assert first not in left
    assert second not in left
    assert curation.decisions == {first: "accepted", second: "dismissed"}
    assert curation.pairs.filter(pl.col("pair_id") == first)["label"].item() == 1 - before
    curation.undo()
    curation.undo()
    assert curation.suspects()["pair_id"].to_list()[:2] == [first, second]


def test_reasons_add_up_to_what_the_features_say(curation: Curation) -> None:
    """Two ways to one number: the model's score, and the sum of the reasons."""
    predicted = curation.run.folder.read_table("predictions.parquet")
    for place in (0, 5, 50):
        row = predicted.row(place, named=True)
        label = curation.run.pair_table["label"][row["pair"]]
        told = curation.reasons(curation.run.pair_table["pair_id"][row["pair"]])
        side = 1.0 if label > 0.5 else -1.0
        if label != 0.5:
            assert told["against"].sum() == pytest.approx(-side * row["features"], abs=1e-4)


def test_planted_wrong_labels_are_found_more_often_than_chance(tmp_path: Path) -> None:
    import wimhf
    from tests.conftest import toy_config

    rng = np.random.default_rng(1)
    rows = toy_rows(600, seed=1)
    wrong = rng.random(600) < 0.1
    for row, turned in zip(rows, wrong, strict=True):
        row["label"] = 1 - row["label"] if turned else row["label"]
    file = write_rows(tmp_path / "w.jsonl", rows)
    run = wimhf.analyze(file, tmp_path / "w", config=toy_config(), encoder=ToyEncoder())
    judged = open_curation(run).state.suspects.sort("rank")
    place = run.pair_table["source_row"].to_numpy()[judged["pair"].to_numpy()]
    assert wrong[place[:50]].mean() > 2 * wrong.mean()


def test_a_changed_source_is_told(toy_run: Run, tmp_path: Path) -> None:  # noqa: F811
    file = write_rows(tmp_path / "s.jsonl", toy_rows(20))
    toy_run.manifest.data["config"]["read"]["source"] = str(file)
    with pytest.raises(EditError, match="changed since"):
        check_source(toy_run)
    with pytest.raises(EditError, match="--anyway"):
        open_curation(toy_run).export("native", tmp_path / "o.jsonl")
    assert not (tmp_path / "o.jsonl").exists()
    open_curation(toy_run).export("native", tmp_path / "o.jsonl", anyway=True)
    file.unlink()
    check_source(toy_run)


def test_edits_of_pairs_that_are_gone_are_told(curation: Curation) -> None:
    curation.edit(curation.pairs["pair_id"][0], "tie")
    text = curation.run.log.path.read_text()
    curation.run.log.path.write_text(text.replace(curation.pairs["pair_id"][0], "0" * 16))
    repair_run(curation.run.path)
    again = open_curation(open_run(curation.run.path))
    assert again.changed.is_empty()
    assert again.notes == ["edit 1 speaks of 1 pairs that the run does not hold any more"]


def test_a_probe_learns_what_the_edits_say(curation: Curation, tmp_path: Path) -> None:
    """Reversing every label reverses what a probe prefers on pairs it never saw."""
    held = [row | {"prompt": f"held {n}"} for n, row in enumerate(toy_rows(120, seed=9))]
    file = write_rows(tmp_path / "held.jsonl", held)
    rule = Rule(~Feature(0) | Feature(0), Action("flip"))
    found = curation.evaluate(file, rule, anyway=True, encoder=ToyEncoder())
    shares = found["held_out"]
    assert shares["before"]["wins"]["value"] > 0.6
    assert shares["before"]["wins"]["value"] + shares["after"]["wins"]["value"] == pytest.approx(1)
    assert shares["difference"]["high"] < 0
    assert found["general"]["pairs"] == 0


def test_pairs_of_the_run_judge_no_probe(curation: Curation, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "same.jsonl", toy_rows(50))
    with pytest.raises(EditError, match="kept apart"):
        curation.evaluate(file, FLIP, encoder=ToyEncoder())


def test_history_tells_who_did_what(curation: Curation) -> None:
    curation.apply(FLIP, "they rewarded it")
    curation.checkpoint("half way")
    curation.undo()
    table = curation.history
    assert table["kind"].to_list() == ["rule", "checkpoint", "undo"]
    assert table["in_force"].to_list() == [False, False, False]
    assert table["why"][0] == "they rewarded it"
    assert "flip where feature = 0, rewarded = true" in table["what"][0]
    curation.return_to("half way")
    assert curation.history["in_force"][0]
    assert (curation.run.path / LOG).read_bytes().count(b"\n") == 4


def test_labels_that_are_noise_give_no_gain_on_pairs_out_of_reach() -> None:
    """A rule that picks pairs by their labels must not seem to make the rest easier to predict."""
    from wimhf.stats.design import Controls, Measured
    from wimhf.stats.whatif import Labels, untouched_auc

    rng = np.random.default_rng(0)
    n = 3000
    codes = (rng.standard_normal((n, 6)) * (rng.random((n, 6)) < 0.3)).astype(np.float32)
    nothing = Controls([], np.empty((n, 0)))
    measured = Measured(codes, codes[:, :0], np.zeros(n), nothing, {}, np.arange(n))
    label = (rng.random(n) < 0.5).astype(float)
    active = codes[:, 0] != 0
    won = active & ((codes[:, 0] > 0) == (label > 0.5))
    before, after = Labels(label, np.ones(n)), Labels(np.where(won, 1 - label, label), np.ones(n))
    naive = untouched_auc(measured, before, after, won, 0)["difference"]
    fair = untouched_auc(measured, before, after, active, 0)["difference"]
    assert naive["low"] > 0.03  # what the reach is there to prevent
    assert fair["low"] < 0 < fair["high"] or abs(fair["value"]) < 0.02


def test_reach_is_what_a_rule_selects_under_any_labels(curation: Curation) -> None:
    from wimhf.curate.rules import condition

    facts = curation.facts
    rng = np.random.default_rng(0)
    written: list[Any] = [
        {"feature": 0, "rewarded": True}, {"text": "sorry", "within": "preferred"},
        {"column": "label", "equals": 0.5},
        {"all": [{"feature": 1}, {"column": "topic", "equals": "t1"}]},
        {"not": {"feature": 0, "rewarded": False}}, {"not": {"feature": 0}},
        {"any": [{"text": "water"}, {"feature": 2, "rewarded": False}]}, {"suspect": True},
    ]  # fmt: skip
    for one in map(condition, written):
        reach = one.reach(facts)
        for _ in range(4):
            drawn = facts.pairs.with_columns(label=pl.Series(rng.choice([0.0, 0.5, 1.0], 400)))
            assert (one.mask(replace(facts, pairs=drawn)) <= reach).all()


def test_shares_have_intervals_at_the_ends_too() -> None:
    from wimhf.stats.inference import mean_interval, share_interval

    ones = share_interval(np.ones(5), np.ones(5), np.arange(5))
    assert ones["value"] == 1.0
    assert 0.2 < ones["low"] < 0.7
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(300):
        drawn = (rng.random(80) < 0.3).astype(float)
        found = share_interval(drawn, np.ones(80), np.arange(80))
        inside += found["low"] <= 0.3 <= found["high"]
    assert inside / 300 > 0.91
    assert mean_interval(np.zeros(4), np.ones(4), np.arange(4))["low"] is None


def test_several_rules_are_written_as_one(
    curation: Curation, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = [FLIP, {"when": {"text": "water"}, "then": {"weight": 2.0}}]

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RunError, match="No space left"):
        curation.apply(rules)
    monkeypatch.undo()
    assert curation.changed.is_empty()
    assert len(curation.apply(rules)) == 2


def test_sides_that_were_drawn_mean_nothing_to_a_rule(curation: Curation) -> None:
    facts = replace(curation.facts, sides_drawn=True)
    with pytest.raises(EditError, match="drawn by a hash"):
        Rule(Feature(0), Action("label", 1.0)).selected(facts)
    assert Rule(Feature(0), Action("label", 0.5)).selected(facts).any()
