"""Comparing runs, groups and labels: the laws, and what cannot be compared."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.app_run import make_run, unfinish
from tests.comparable import EXCLAIMS, QUESTIONS, opposed_rows
from tests.rewritten import record
from wimhf.compare import (
    Comparison,
    compare_groups,
    compare_labels,
    compare_runs,
    dividing_columns,
)
from wimhf.curate import open_curation
from wimhf.errors import ConfigError, RunError
from wimhf.run import open_run


def row_of(comparison: Comparison, table: str, column: str) -> dict[str, Any]:
    number = comparison.number(column)
    (row,) = [r for r in getattr(comparison, table).to_dicts() if r["feature"] == number][:1]
    return dict(row)


def test_opposite_wishes_are_a_conflict_and_equal_ones_are_not(likes: Path, dislikes: Path) -> None:
    found = compare_runs([likes, dislikes])
    assert row_of(found, "conflicts", QUESTIONS)["conflict"]
    assert not row_of(found, "conflicts", EXCLAIMS)["conflict"]
    gap = row_of(found, "gaps", QUESTIONS)
    assert gap["low"] > 20
    assert gap["q"] < 0.001
    assert row_of(found, "gaps", EXCLAIMS)["q"] > 0.05
    assert found.columns[found.contested()[0]].id == QUESTIONS
    even = found.mixture((1, 1))
    assert found.number(QUESTIONS) in found.cancelled(even)
    (between,) = found.distances
    assert between.measured.distance["low"] > 0.3


def test_effects_are_those_of_the_runs(likes: Path, dislikes: Path) -> None:
    found = compare_runs([likes, dislikes])
    for place, path in enumerate((likes, dislikes)):
        for column in (QUESTIONS, EXCLAIMS):
            own, number = open_run(path).feature(column), found.number(column)
            rows = found.effects.to_dicts()
            (row,) = [r for r in rows if (r["feature"], r["camp"]) == (number, place)]
            for name in ("effect", "effect_low", "effect_high", "n_active", "prevalence"):
                assert row[name] == pytest.approx(getattr(own, name), rel=1e-5)


def test_exchanging_runs_negates_gaps(likes: Path, dislikes: Path) -> None:
    there, back = compare_runs([likes, dislikes]), compare_runs([dislikes, likes])
    for column in (QUESTIONS, EXCLAIMS):
        one, two = row_of(there, "gaps", column), row_of(back, "gaps", column)
        assert one["gap"] == pytest.approx(-two["gap"])
        assert (one["low"], one["high"]) == pytest.approx((-two["high"], -two["low"]))


def test_a_run_differs_from_itself_in_nothing_and_it_says_so(likes: Path, tmp_path: Path) -> None:
    again = shutil.copytree(likes, tmp_path / "again")
    found = compare_runs([likes, again])
    assert found.gaps["gap"].abs().max() == 0
    assert found.gaps["q"].min() > 0.05
    assert found.contested() == []
    assert "the same 400 pairs" in found.notes[0]
    assert "the same data twice" in found.notes[1]


def test_a_share_of_one_gives_a_runs_own_effects(likes: Path, dislikes: Path) -> None:
    found = compare_runs([likes, dislikes])
    mixed = found.mixture((0, 5))
    number = found.number(QUESTIONS)
    effect = mixed.effects.to_dicts()[number]["effect"]
    assert effect == pytest.approx(open_run(dislikes).feature(QUESTIONS).effect)
    assert mixed.shares == (0, 1)


def test_groups_of_nothing_but_chance_do_not_differ(likes: Path) -> None:
    found = compare_groups(likes, "topic")
    assert [camp.name for camp in found.camps] == ["t0", "t1"]
    assert {column.kind for column in found.columns} == {"concept", "discovered"}
    assert found.contested() == []
    assert len(found.members(0)) == len(found.members(1)) == 200
    assert "topic" in dividing_columns(open_run(likes))
    assert "label" not in dividing_columns(open_run(likes))


def test_curated_labels_are_told_from_the_source(dislikes: Path, tmp_path: Path) -> None:
    path = shutil.copytree(dislikes, tmp_path / "edited")
    curation = open_curation(path)
    with pytest.raises(RunError, match="no curated label"):
        compare_labels(path, curation.pairs)
    asks = curation.run.pairs(QUESTIONS)
    curation.edit(asks["pair_id"].to_list(), "flip")
    found = compare_labels(path, curation.pairs)
    assert [camp.name for camp in found.camps] == ["source", "curated"]
    assert row_of(found, "gaps", QUESTIONS)["gap"] < -20
    assert row_of(found, "conflicts", QUESTIONS)["conflict"]


def test_everything_is_plain_json(likes: Path, dislikes: Path) -> None:
    told = json.loads(json.dumps(compare_runs([likes, dislikes]).to_dict(), allow_nan=False))
    assert told["gaps"][0]["first"] == "likes"
    assert {row["feature"] for row in told["mixture"]["effects"]} >= {QUESTIONS, EXCLAIMS}


def test_what_cannot_be_compared_is_refused(likes: Path, tmp_path: Path) -> None:
    half = shutil.copytree(likes, tmp_path / "half")
    unfinish(half)
    with pytest.raises(RunError, match="has not come that far"):
        compare_runs([likes, half])
    with pytest.raises(ConfigError, match="one run alone"):
        compare_runs([likes])
    old = shutil.copytree(likes, tmp_path / "old")
    counted = json.loads((old / "concepts.json").read_text())
    for row in counted["concepts"]:
        del row["unread"]
    earlier = open_run(old)
    earlier.folder.write_json("concepts.json", counted)
    record(earlier, "concepts")
    with pytest.raises(RunError, match="another version"):
        compare_runs([likes, old])
    with pytest.raises(
        ConfigError, match="has no column 'planet'; its pairs can be divided by topic"
    ):
        compare_groups(likes, "planet")
    with pytest.raises(ConfigError, match="do not say how 2 are mixed"):
        compare_groups(likes, "topic").mixture((1, 2, 3))


def test_a_group_of_three_pairs_is_left_out_and_one_group_alone_is_refused(tmp_path: Path) -> None:
    rows = opposed_rows(200, 3, group=False)
    for number, row in enumerate(rows):
        row["country"] = "few" if number < 3 else "fr" if number < 100 else "de"
        row["lone"] = "few" if number < 3 else "all"
    path = make_run(tmp_path / "runs", "small", rows)
    found = compare_groups(path, "country")
    assert [camp.name for camp in found.camps] == ["de", "fr"]
    assert "fewer than 50 pairs" in found.notes[0]
    with pytest.raises(ConfigError, match="cannot be divided by lone: fewer than two values"):
        compare_groups(path, "lone")


def test_unlabelled_pairs_are_refused_by_name(likes: Path, tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "label"} for row in opposed_rows(120, 4)]
    with pytest.raises(RunError, match="bare: no pair has a label"):
        compare_runs([likes, make_run(tmp_path / "runs", "bare", rows)])


def test_two_judges_of_the_same_pairs_are_compared_by_pair(likes: Path, tmp_path: Path) -> None:
    rows = opposed_rows(400, 0)
    for row in rows[:40]:
        row["label"] = 1 - row["label"]
    judge = make_run(tmp_path / "runs", "judge", rows)
    found = compare_runs([likes, judge])
    assert "the same 400 pairs" in found.notes[0]
    gap = row_of(found, "gaps", EXCLAIMS)
    own = row_of(found, "effects", EXCLAIMS)
    assert gap["high"] - gap["low"] < own["effect_high"] - own["effect_low"]


def test_one_dictionary_is_applied_to_both_and_to_itself_gives_its_own_effects(
    likes: Path, dislikes: Path
) -> None:
    found = compare_runs([likes, dislikes], discovered=True)
    kinds = [column.kind for column in found.columns]
    assert kinds.count("discovered") == 8
    rows = {(r["feature"], r["camp"]): r for r in found.effects.to_dicts()}
    for number, column in enumerate(found.columns):
        if column.kind == "discovered":
            own = open_run(likes).feature(column.feature)
            assert rows[number, 0]["n_active"] == own.n_active
            assert rows[number, 0]["effect"] == pytest.approx(own.effect, rel=1e-4)
    assert not any("outside" in note or "lie farther" in note for note in found.notes)


def test_a_dictionary_of_another_encoder_is_refused_and_strange_pairs_are_told(
    likes: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(likes, tmp_path / "other")
    manifest = json.loads((other / "manifest.json").read_text())
    manifest["stages"]["embed"]["facts"]["encoder"] = "minilm"
    del manifest["check"]
    manifest["schema_version"] = 1  # in which it was absent
    (other / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match="analyze one again with the other's encoder"):
        compare_runs([likes, other], discovered=True)
    rows = opposed_rows(200, 5)
    for row in rows:
        row["response_a"] = " ".join([row["response_a"].split()[0]] * 12)
    strange = make_run(tmp_path / "runs", "strange", rows)
    notes = compare_runs([likes, strange], discovered=True).notes
    assert any("of the pairs of strange lie farther" in note for note in notes)


def test_a_finding_that_hangs_on_one_source_is_told(
    likes: Path, dislikes: Path, tmp_path: Path
) -> None:
    from wimhf.ui.words.comparison import driven_sentences

    rows = opposed_rows(400, 6)
    rows = [row | {"label": float(number % 2)} for number, row in enumerate(rows)]
    indifferent = make_run(tmp_path / "runs", "indifferent", rows)
    found = compare_runs([likes, dislikes, indifferent])
    mixture = found.mixture((6, 1, 6))
    number = found.number(QUESTIONS)
    without = found.left_out(mixture, [number])
    assert without["camp"].to_list() == [0, 1, 2]
    assert without["effect"][0] < 0 < without["effect"][1]
    title = found.columns[number].title
    (said,) = [one for one in driven_sentences(found, mixture) if one.startswith("Without likes")]
    assert title in said
    two = compare_runs([likes, dislikes])
    assert two.left_out(two.mixture(), [number]).is_empty()
