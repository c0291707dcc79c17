"""Tables of the app's pages: laws of filters, orders and orientations."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

pytest.importorskip("streamlit", reason="the app is not installed")

from tests.app_run import make_run
from wimhf.run.audit import AuditRow, alerts_of
from wimhf.run.distributions import code_counts, feature_codes, label_counts, length_counts
from wimhf.run.opening import open_run
from wimhf.run.run import Run
from wimhf.run.showing import pairs_showing
from wimhf.run.views import shown_alerts
from wimhf.ui.app import feature_pairs, pair_charts
from wimhf.ui.app import run_charts as charts
from wimhf.ui.app import run_rows as tables
from wimhf.ui.words import themes
from wimhf.ui.words.audit import alert_size, audit_lines
from wimhf.ui.words.features import ShownFeature, ordered
from wimhf.ui.words.severity import MARGINS, parted_checks
from wimhf.ui.words.telling import _blurred, _marked, telling_pair
from wimhf.ui.words.views import Headlines, headlines
from wimhf.ui.words.worddiff import telling_marks


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


def test_drawn_sides_are_counted_together_and_none_is_called_a_or_b(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = dict(label_counts(run).select("label", "pairs").iter_rows())
    facts = {**run.facts("read"), "sides_drawn": True}
    monkeypatch.setattr(run.manifest, "facts", lambda stage: facts)
    together = dict(label_counts(run).select("label", "pairs").iter_rows())
    assert together["one preferred"] == apart["A preferred"] + apart["B preferred"]
    assert not any("A" in name or "B" in name for name in together)


def test_the_map_of_drawn_sides_says_which_response_was_preferred() -> None:
    labels, codes = [1.0, 0.0, 1.0, 0.5, 1.0], np.array([2.0, 1.0, -1.0, 1.0, 0.0])
    told = pair_charts.map_words(labels, codes, drawn=True)
    preferred, other, none = (words for words, _ in pair_charts.OUTCOMES.values())
    assert told == [preferred, other, other, none, "not active"]
    exchanged = pair_charts.map_words([1 - one for one in labels], -codes, drawn=True)
    assert exchanged == told
    assert pair_charts.map_words(labels, None, drawn=True)[:2] == ["one preferred"] * 2
    assert pair_charts.map_words(labels, codes, drawn=False)[0] == "A has more of it"


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


def test_sentences_say_at_equal_length_where_length_is_controlled_for(
    run: Run, rows: list[ShownFeature]
) -> None:
    held = [row for row in ordered(replace(one, equal_length=True) for one in run.feature_rows)]
    told = [row.sentence for row in held if row.effect is not None]
    assert told
    assert all("at equal length" in one for one in told)
    bare = ordered(replace(one, equal_length=False) for one in run.feature_rows)
    assert not any("equal length" in row.sentence for row in bare)
    assert run.equal_length == ("length" in run.preference["controls"])
    assert {row.equal_length for row in rows} == {run.equal_length}


def test_a_raw_effect_is_on_the_scale_of_the_effect(rows: list[ShownFeature]) -> None:
    known = [row for row in rows if row.effect is not None and row.raw_effect is not None]
    assert known
    assert all(abs(row.raw_effect or 0) <= 50 for row in known)
    if not known[0].equal_length:
        assert all(row.raw_effect == pytest.approx(row.effect) for row in known)


def test_a_telling_pair_goes_as_the_finding_says_and_is_none_that_was_edited(
    run: Run, rows: list[ShownFeature]
) -> None:
    strong = max(rows, key=lambda row: abs(row.effect or 0))
    pair = telling_pair(run, strong.feature, strong.effect or 0)
    assert pair is not None
    listed = run.pairs(feature=strong.feature).filter(pl.col("pair_id") == pair.pair_id)
    assert (listed["more_won"][0] > 0.5) == ((strong.effect or 0) > 0) == pair.more_won
    other = telling_pair(run, strong.feature, strong.effect or 0, {pair.pair_id})
    assert other is None or other.pair_id != pair.pair_id


def test_a_pair_tells_most_where_only_one_response_has_what_is_marked() -> None:
    pairs = pl.DataFrame({
        "more": ["no, never", "No one is in", "sure", "not that"],
        "less": ["no way", "all are in", "fine", "not, no"],
    })  # fmt: skip
    assert _blurred(pairs, r"(?i)\b(?:no|never|not)\b").to_list() == [1, 0, 2, 2]
    assert _blurred(pairs, "").to_list() == [0] * 4


def test_pairs_that_show_a_name_are_the_strongest_and_a_concept_shows_itself(
    run: Run, rows: list[ShownFeature]
) -> None:
    concept = next(row.feature for row in rows if row.is_concept and (row.n_active or 0) > 20)
    shown = pairs_showing(run, concept, 20)
    assert shown.drop("shows").equals(run.pairs(feature=concept, limit=20))
    assert (shown["shows"] == 1).all()


def test_what_gives_a_feature_away_is_marked_in_the_texts_own_letters() -> None:
    more, less = _marked("So, I’m sorry.", "No.", [r"(?i)i'm sorry"])
    assert more == [("So, ", False), ("I’m sorry", True), (".", False)]
    assert less == [("No.", False)]
    assert _marked("a b c", "a b d", []) == (telling_marks("a b c", "a b d"),
                                             telling_marks("a b d", "a b c"))  # fmt: skip


@pytest.mark.parametrize(
    ("told", "said"),
    [(7, "7 more findings and 14 features beyond chance that the findings explain: see them all"),
     (13, "1 more finding and 14 features beyond chance that the findings explain: see them all"),
     (14, "14 features beyond chance that the findings explain: see them all")],
)  # fmt: skip
def test_what_is_left_beside_the_findings_told_is_counted(told: int, said: str) -> None:
    assert themes.more(Headlines([], [], {}, [], 14, 28, 0), told) == said
    assert themes.more(Headlines([], [], {}, [], 14, 14, 0), 14) == ""


def test_themes_hold_each_finding_once_and_every_audit_row_has_a_light(
    run: Run, rows: list[ShownFeature]
) -> None:
    found = headlines(rows)
    shown = [f.feature for theme in themes.themes(found, 99) for f in theme.features]
    assert sorted(shown) == sorted(f.feature for f in (*found.rewarded, *found.penalised))
    known = themes.decided(rows)
    assert known.expressed + known.neutral + known.undecided + known.unmeasured == len(
        [row for row in rows if not row.muted]
    )
    for row in run.audit:
        assert themes.light(row) in themes.LIGHTS
    base = run.audit[0]
    worse = {**base, "verdict": "rewarded", "concern": "more"}
    assert themes.light(worse) == "red"
    assert themes.light({**worse, "concern": "less"}) == "green"
    assert themes.light({**worse, "concern": None}) == "amber"
    assert themes.light({**worse, "verdict": "undecided"}) == "cannot tell"


def test_an_alert_says_the_effect_that_the_audit_says(run: Run) -> None:
    """One concern has one size wherever it stands: the largest of many is partly luck."""
    own = replace(
        run.feature_rows[0], effect=-23.4, effect_low=-33.3, effect_high=-8.2,
        shrunk=-14.0, shrunk_low=-26.1, shrunk_high=0.4, muted=False, members=(),
    )  # fmt: skip
    row: AuditRow = {
        **run.audit[0], "feature": own.feature, "effect": -23.4, "low": -33.3, "high": -8.2,
        "verdict": "penalised", "concern": "less", "unread": 0.0,
    }  # fmt: skip
    (found,) = alerts_of([row])
    assert (found["effect"], found["low"], found["high"]) == (23.4, 8.2, 33.3)
    (alert,) = shown_alerts([found], [own])
    (line,) = audit_lines([row], [own])
    assert line.size == "−14.0 points (−26.1 to +0.4)"
    assert alert_size(alert).startswith("+14.0 points of win rate (−0.4 to +26.1")
    (as_measured,) = shown_alerts([found], [replace(own, shrunk=None)])
    assert as_measured == found
    assert shown_alerts([found], [replace(own, muted=True)]) == []
