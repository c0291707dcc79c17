"""Tables of the app's pages: laws of filters, orders and orientations."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("streamlit", reason="the app is not installed")

from tests.app_run import make_run
from wimhf.run.distributions import code_counts, feature_codes, label_counts, length_counts
from wimhf.run.opening import open_run
from wimhf.run.run import Run
from wimhf.ui.app import feature_pairs
from wimhf.ui.app import run_charts as charts
from wimhf.ui.app import run_rows as tables
from wimhf.ui.words.features import ShownFeature, ordered
from wimhf.ui.words.severity import MARGINS, parted_checks


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield open_run(make_run(tmp_path_factory.mktemp("app") / "runs"))


@pytest.fixture
def rows(run: Run) -> list[ShownFeature]:
    return ordered(run.feature_rows)


def test_filters_narrow_and_together_they_are_their_intersection(
    rows: list[ShownFeature],
) -> None:
    everything = tables.filtered(rows, (), "", "number", {3})
    assert [row.feature for row in everything] == sorted(row.feature for row in rows)
    kept = {
        chip: {row.feature for row in tables.filtered(rows, (chip,), "", "number", {3})}
        for chip in tables.CHIPS
    }
    assert kept["concern"] == {3}
    assert kept["significant"] == kept["rewarded"] | kept["penalised"]
    assert not kept["rewarded"] & kept["penalised"]
    both = tables.filtered(rows, ("rewarded", "understood"), "", "number", {3})
    assert {row.feature for row in both} == kept["rewarded"] & kept["understood"]


def test_search_finds_words_in_any_order_and_numbers(rows: list[ShownFeature]) -> None:
    row = next(row for row in rows if row.understood)
    words = row.label.split()
    found = tables.filtered(rows, (), f"{words[-1].upper()} {words[0]}", "", ())
    assert row.feature in [one.feature for one in found]
    assert row.feature in [r.feature for r in tables.filtered(rows, (), f"#{row.feature}", "", ())]
    assert tables.filtered(rows, (), "no such words anywhere", "", ()) == []


@pytest.mark.parametrize("sort", tables.SORTS)
def test_every_order_keeps_every_row(rows: list[ShownFeature], sort: str) -> None:
    found = tables.filtered(rows, (), "", sort, ())
    assert sorted(row.feature for row in found) == sorted(row.feature for row in rows)
    keys = [tables.SORTS[sort](row) for row in found]
    assert keys == sorted(keys)
    assert tables.feature_frame(found, {1})["No."].to_list() == [r.feature for r in found]


def test_muted_features_come_last(rows: list[ShownFeature]) -> None:
    first = tables.filtered(rows, (), "", "strongest first", ())[0].feature
    muted = [replace(row, muted=row.feature == first) for row in rows]
    assert tables.filtered(muted, (), "", "strongest first", ())[-1].feature == first


def test_a_features_pairs_are_those_of_the_run(run: Run, rows: list[ShownFeature]) -> None:
    for row in rows[:3]:
        codes = feature_codes(run, row.feature)
        theirs = run.pairs(feature=row.feature)
        assert codes["code"].to_list() == pytest.approx(theirs["code"].to_list())
        assert codes["more_won"].to_list() == theirs["more_won"].to_list()
        shown = feature_pairs.with_texts(run, codes.head(4))
        for ours, pair in zip(shown, theirs.head(4).iter_rows(named=True), strict=True):
            assert ours["pair_id"] == pair["pair_id"]
            assert (ours["more"], ours["less"]) == (pair["more"], pair["less"])


def test_each_way_shows_what_it_says(run: Run, rows: list[ShownFeature]) -> None:
    row = next(row for row in rows if row.effect)
    codes = feature_codes(run, row.feature)
    ways = {
        way: feature_pairs.chosen_pairs(codes, way, row.effect, 1) for way in feature_pairs.WAYS
    }
    for way in ("Strongest", "Random", "Weakest"):
        assert sorted(ways[way]["pair"].to_list()) == sorted(codes["pair"].to_list())
    assert ways["Weakest"]["code"].is_sorted()
    assert ways["Strongest"]["code"][0] == codes["code"].max()
    prompts = codes["component"].n_unique()
    assert ways["Strongest"].head(prompts)["component"].n_unique() == prompts
    against = ways["Counter-examples"]["more_won"]
    assert ((against < 0.5) if row.effect > 0 else (against > 0.5)).all()
    turned = feature_pairs.chosen_pairs(codes, "Counter-examples", -row.effect, 1)["more_won"]
    decided = codes.filter(pl.col("more_won") != 0.5)
    assert len(against) + len(turned) == len(decided)
    assert feature_pairs.chosen_pairs(codes, "Counter-examples", None, 1).is_empty()
    again = feature_pairs.chosen_pairs(codes, "Random", row.effect, 1)
    assert again.equals(ways["Random"])


def test_counts_of_charts_add_up(run: Run, rows: list[ShownFeature]) -> None:
    pairs = run.pair_table
    assert label_counts(run)["pairs"].sum() == len(pairs)
    decided = pairs.filter(pl.col("label").is_not_null() & (pl.col("label") != 0.5))
    lengths = length_counts(run).to_dicts()
    for side in ("preferred", "other"):
        own = [row for row in lengths if row["response"] == side]
        assert sum(row["pairs"] for row in own) == len(decided)
        assert sum(row["share"] for row in own) == pytest.approx(1)
    codes = feature_codes(run, rows[0].feature)
    assert code_counts(codes)["pairs"].sum() == len(codes)
    assert code_counts(codes.clear()).is_empty()


def test_neighbours_walk_through_all_features_and_back(rows: list[ShownFeature]) -> None:
    order = [row.feature for row in rows]
    walked, at = [order[0]], order[0]
    while (after := tables.neighbours(rows, at)[1]) is not None:
        assert tables.neighbours(rows, after)[0] == at
        walked.append(at := after)
    assert walked == order
    assert tables.neighbours(rows, 10**6) == (None, None)


def test_a_click_on_the_chart_names_its_feature(rows: list[ShownFeature]) -> None:
    assert charts.picked({"selection": {charts.PICKED: [{"feature": 7}]}}) == 7
    for nothing in (None, {}, {"selection": {}}, {"selection": {charts.PICKED: []}}):
        assert charts.picked(nothing) is None
    known = [row for row in rows if row.effect is not None]
    assert charts.PICKED in charts.effects(known).to_json()


def test_what_needs_a_look_is_told_apart_from_the_rest(run: Run) -> None:
    health = run.folder.read_json("health.json")
    open_, others = parted_checks(health)
    assert {item["severity"] for item in others} <= {"note", "ok"}
    assert {item["severity"] for item in open_} <= {"serious", "warning", "note"}
    assert not [item for item in others if item["severity"] == "note" and item["id"] in MARGINS]
    assert len(open_) + len(others) == sum(health["counts"].values())


def test_a_file_that_is_not_there_is_said_in_one_line(run: Run) -> None:
    from wimhf.errors import RunError

    with pytest.raises(RunError, match="has not come that far"):
        Run(Path("nowhere"), run.manifest.data).folder.scan_table("codes.parquet")
