"""What the curating pages compute: filters, queue, drafts, likeness, maps."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("streamlit", reason="the app is not installed")

from tests.conftest import ToyEncoder, toy_config, toy_rows, write_rows
from tests.curated_pairs import ANY, curated, edited
from wimhf.curate import open_curation
from wimhf.curate.rules.written import rule
from wimhf.data import target_named
from wimhf.data.export import TARGETS
from wimhf.errors import EditError, ExportError
from wimhf.run.map import pair_map, projected
from wimhf.run.run import Run
from wimhf.run.similar import alike, near_text
from wimhf.ui.app import components, pair_charts, pair_view, suspect_queue
from wimhf.ui.app import export_rows as exports
from wimhf.ui.app import pair_rows as pair_tables
from wimhf.ui.app import preview_rows as foreseen
from wimhf.ui.app import rule_draft as drafting
from wimhf.ui.app.rule_draft import Draft, Part
from wimhf.ui.words.labels import label_words


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    import wimhf

    folder = tmp_path_factory.mktemp("curate")
    rows = toy_rows(240)
    rows += [
        {"prompt": "mirror", "response_a": rows[0]["response_b"],
         "response_b": rows[0]["response_a"], "label": 1.0},
        {"prompt": "same", "response_a": "water stone", "response_b": "water stone", "label": 0.0},
    ]  # fmt: skip
    source = write_rows(folder / "rows.jsonl", rows)
    return wimhf.analyze(source, folder / "run", toy_config(), encoder=ToyEncoder())


def table() -> pl.DataFrame:
    pairs = curated(ANY)
    pairs = edited(pairs, 0, label=0.0)
    pairs = edited(pairs, 1, kept=False)
    return edited(pairs, 2, weight=2.0)


# -- filters -----------------------------------------------------------------------------------


def test_filters_of_labels_and_of_edit_states_share_out_all_pairs() -> None:
    pairs = table()
    for kinds, place in ((pair_tables.LABELS, 0), (pair_tables.STATES, 1)):
        asked = [([name], [])[:: 1 if place == 0 else -1] for name in kinds]
        found = [pair_tables.rows_of(pairs, None, *one).tolist() for one in asked]
        assert sorted(row for rows in found for row in rows) == list(range(len(pairs)))
    assert pair_tables.rows_of(pairs, None, [], ["relabelled"]).tolist() == [0]
    assert pair_tables.rows_of(pairs, None, [], ["dropped", "reweighted"]).tolist() == [1, 2]


def test_selected_ids_and_filters_hold_together() -> None:
    pairs = table()
    ids = pairs["pair_id"].to_list()[:4]
    assert pair_tables.rows_of(pairs, ids).tolist() == [0, 1, 2, 3]
    assert pair_tables.rows_of(pairs, ids, [], ["dropped"]).tolist() == [1]
    assert pair_tables.rows_of(pairs, []).tolist() == []


def test_what_a_page_asks_is_a_condition_that_rules_understand() -> None:
    asked: dict[str, Any] = {
        "find": "a.b", "how": "regex", "within": "preferred", "feature": 3, "quantile": 0.5,
        "rewarded": False, "column": "subset", "value": "left",
    }  # fmt: skip
    when = pair_tables.condition_of(asked)
    assert rule({"when": when, "then": "flip"}).to_dict()["when"] == when
    assert pair_tables.condition_of({"find": " ", "feature": None}) is None
    assert pair_tables.condition_of({"find": "x", "how": "meaning"}) is None


@given(st.lists(st.floats(-9, 9).map(lambda x: round(x, 2)), min_size=4, max_size=4))
def test_a_box_survives_the_url(ends: list[float]) -> None:
    x, y = sorted(ends[:2]), sorted(ends[2:])
    written = pair_tables.written_box({"x": x[::-1], "y": y})
    if x[0] == x[1] or y[0] == y[1]:
        assert written is None
    else:
        assert pair_tables.box_of(written) == (*x, *y)


@pytest.mark.parametrize("text", [None, "", "1,2,3", "a,b,c,d", "1,2,3,nan", "1,2,3,4,5"])
def test_what_is_no_box_asks_nothing(text: str | None) -> None:
    assert pair_tables.box_of(text) is None


def test_a_box_and_likeness_choose_and_order() -> None:
    places = np.array([[0, 0], [1, 1], [2, 2], [9, 9]], dtype=np.float32)
    rows = np.arange(4)
    inside = pair_tables.in_box(rows, places, (0.5, 3, 0.5, 3))
    assert inside.tolist() == [1, 2]
    likeness = np.array([0.1, 0.2, 0.9, 0.3], dtype=np.float32)
    assert pair_tables.by_size(inside, likeness).tolist() == [2, 1]
    assert pair_tables.by_size(inside, None).tolist() == [1, 2]


def test_the_table_shows_what_edits_did() -> None:
    pairs = table()
    shown = pair_tables.shown_table(pairs, np.array([2, 0, 1]))
    assert shown["Edits"].to_list() == ["weight 2, was 1", "was: A preferred", "dropped"]
    assert shown["Label"].to_list() == ["A preferred", "B preferred", "B preferred"]
    assert label_words(0.8) == "A preferred (80%)"
    assert label_words(None) == "no label"


def test_columns_offered_are_those_of_the_source() -> None:
    names = pair_tables.columns_of(table(), ["prompt", "judge", "label"])
    assert "judge" in names
    assert not {"prompt", "label", "pair_id", "kept", "edit"} & set(names)
    assert pair_tables.values_of(["b", 2, None, "b"]) == ["b", "2"]


def test_a_map_that_is_too_full_is_thinned_evenly() -> None:
    places = np.zeros((10, 2), dtype=np.float32)
    shown = pair_tables.map_rows(np.arange(10), places, list("abcdefghij"), most=4)
    assert shown["row"].to_list() == [0, 3, 6, 9]
    assert shown["colour"].to_list() == ["a", "d", "g", "j"]


def test_bars_say_which_response_has_more_and_whether_it_won() -> None:
    features = [SimpleNamespace(feature=n, label=f"f{n}") for n in range(3)]
    bars = pair_charts.code_bars(np.array([-2.0, 0.0, 1.0]), features, 1.0)
    assert [(bar["feature"], bar["rewarded"]) for bar in bars] == [(0, "other"), (2, "preferred")]
    assert bars[0]["side"] == "response B has more of it"
    assert pair_charts.code_bars(np.array([1.0]), features[:1], 0.5)[0]["rewarded"] == "no winner"


# -- the queue ---------------------------------------------------------------------------------


def suspects(decisions: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame({
        "pair_id": [f"p{n}" for n in range(len(decisions))],
        "chance": [0.9] * len(decisions), "rank": range(1, len(decisions) + 1),
        "decision": pl.Series(decisions, dtype=pl.String),
    })  # fmt: skip


def test_the_queue_goes_on_behind_what_was_skipped_and_forgets_nothing() -> None:
    found = suspects(["dismissed", None, None, "accepted", None])
    assert suspect_queue.queue_after(found, 0).at == "p1"
    later = suspect_queue.queue_after(found, 2)
    assert (later.at, later.rank, later.skipped, later.open, later.total) == ("p2", 3, 1, 3, 5)
    end = suspect_queue.queue_after(found, 5)
    assert (end.at, end.open) == (None, 3)
    assert suspect_queue.queue_after(found.clear(), 0).total == 0


# -- drafts ------------------------------------------------------------------------------------

PARTS = st.one_of(
    st.builds(
        lambda number, rewarded, pole: {"feature": number}
        | ({} if rewarded is None else {"rewarded": rewarded})
        | ({} if pole == "described" else {"pole": pole}),
        st.integers(0, 40), st.sampled_from([None, True, False]),
        st.sampled_from(["described", "opposite"]),
    ),
    st.just({"suspect": True}),
    st.builds(lambda x: {"suspicion": x / 100}, st.integers(0, 100)),
    st.builds(lambda x: {"text": x}, st.text(st.characters(codec="utf-8"), min_size=1)),
    st.builds(lambda x: {"column": "c", "equals": x}, st.text(st.characters(codec="utf-8"))),
    st.builds(lambda x: {"health": x}, st.lists(st.sampled_from(["ties", "refusals"]))),
)  # fmt: skip
DRAFTS = st.builds(
    lambda parts, then, join: Draft(tuple(parts), then, join if len(parts) > 1 else "all"),
    st.lists(st.builds(Part, PARTS, st.booleans()), min_size=1, max_size=4),
    st.sampled_from(["flip", "drop", {"weight": 0.5}, {"label": "A"}]),
    st.sampled_from(["all", "any"]),
)


@given(DRAFTS)
def test_a_draft_survives_being_written(draft: Draft) -> None:
    assert drafting.draft_of(draft.written()) == draft
    (there,) = drafting.read_compact(drafting.compact(draft.written()))
    assert drafting.draft_of(there) == draft


@given(st.lists(DRAFTS, min_size=1, max_size=3))
def test_rules_survive_toml(drafts: list[Draft]) -> None:
    rules = [draft.written() for draft in drafts]
    assert drafting.read_toml(drafting.toml_of(rules)) == rules
    assert tomllib.loads(drafting.toml_of(rules))["rule"] == rules


@pytest.mark.parametrize("when", [
    {"all": [{"any": [{"feature": 1}]}]}, {"not": {"not": {"feature": 1}}}, {"all": []}, 3,
    {"column": "c", "equals": 1, "missing": False}, {"unknown": 1}, {"feature": 1, "odd": 2},
])  # fmt: skip
def test_what_the_form_cannot_hold_is_left_to_toml(when: Any) -> None:
    assert drafting.draft_of({"when": when, "then": "flip"}) is None


def test_several_conditions_of_one_table_become_parts() -> None:
    draft = drafting.draft_of({"when": {"feature": 3, "rewarded": True, "text": "x"},
                               "then": "flip"})  # fmt: skip
    assert draft is not None
    assert [part.condition for part in draft.parts] == [
        {"feature": 3, "rewarded": True}, {"text": "x"}
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '["a"]'])
def test_a_broken_link_says_so_in_one_line(text: str) -> None:
    with pytest.raises(EditError, match="paste it as TOML"):
        drafting.read_compact(text)


@pytest.mark.parametrize("text", ["", "rule = 3", "[[rule", "[[rules]]\nx = 1"])
def test_broken_toml_says_so_in_one_line(text: str) -> None:
    with pytest.raises(EditError) as told:
        drafting.read_toml(text)
    assert "\n" not in str(told.value)


# -- likeness and the map ------------------------------------------------------------------------


def test_a_pair_is_most_like_itself_and_its_mirror_image(run: Run) -> None:
    first = run.pair_table.with_row_index().filter(pl.col("source_row") == 0)["index"].item()
    mirror = run.pair_table.with_row_index().filter(pl.col("prompt") == "mirror")["index"].item()
    same = run.pair_table.with_row_index().filter(pl.col("prompt") == "same")["index"].item()
    for by in ("difference", "responses"):
        found = alike(run, first, by)
        assert found.shape == (len(run.pair_table),)
        assert found[first] == pytest.approx(1, abs=1e-5)
        assert found[mirror] == pytest.approx(1, abs=1e-5)
        assert np.all(np.abs(found) <= 1 + 1e-5)
    assert alike(run, first)[same] == 0
    assert not alike(run, same).any()
    with pytest.raises(ValueError, match="unknown"):
        alike(run, first, "sides")


def test_a_response_is_nearest_to_its_own_text(run: Run) -> None:
    text = run.pair_table["response_a"][3]
    found = near_text(run, text, ToyEncoder())
    assert found[3] == pytest.approx(found.max(), abs=1e-5)
    with pytest.raises(Exception, match="write some words"):
        near_text(run, "  ", ToyEncoder())


def test_the_map_is_kept_outside_the_run_and_always_the_same(run: Run, tmp_path: Path) -> None:
    before = {file.name for file in run.path.iterdir()}
    drawn = pair_map(run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path / "cache"))
        anew = pair_map(run)
        assert [file.suffix for file in (tmp_path / "cache" / "maps").iterdir()] == [".npy"]
        (file,) = (tmp_path / "cache" / "maps").iterdir()
        file.write_bytes(b"torn")
        assert np.array_equal(pair_map(run), anew)
        patch.setenv("WIMHF_CACHE", "/proc/nowhere")
        assert np.array_equal(pair_map(run), anew)
    assert np.array_equal(drawn, anew)
    assert {file.name for file in run.path.iterdir()} == before


def test_exchanging_sides_mirrors_the_map() -> None:
    values = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)
    here = projected(np.concatenate([values, -values]), 0)
    np.testing.assert_allclose(here[:50], -here[50:], atol=1e-4)


# -- previews and exports --------------------------------------------------------------------------


def test_a_preview_tells_its_figures_once_each(run: Run) -> None:
    c = open_curation(run, "kim")
    feature = int(run.features["feature"][0])
    preview = c.preview({"when": {"feature": feature, "rewarded": True}, "then": "flip"})
    told = dict((name, value) for name, value, _ in foreseen.counts(preview))
    assert told["Will change"] == f"{len(preview.touched):,}"
    rows = foreseen.effect_rows(preview)
    assert {row["when"] for row in rows} == {"before", "after"}
    groups = foreseen.example_groups(preview)
    shown = [row["pair_id"] for _, rows in groups for row in rows]
    assert shown == preview.examples["pair_id"].to_list()
    for _, pairs in groups:
        for row in pairs:
            assert foreseen.becomes(row)["label"] == row["label_after"]
            assert "<article" in pair_view.pair_html(foreseen.becomes(row))
    assert "<script>" not in components.facts_html([("<script>", "a", "b")])
    kinds = {what for what, _ in foreseen.alert_rows(preview)}
    assert kinds <= {"new", "stays", "gone"}


@pytest.mark.parametrize("target", [target.name for target in TARGETS])
def test_what_is_foreseen_is_what_is_written(run: Run, target: str) -> None:
    c = open_curation(run, "kim")
    seen = exports.foreseen(c, target, ties="leave out", drop_weights=True)
    kind = next(one for one in TARGETS if one.name == target).containers[0]
    name = exports.file_name("toy", target, kind)
    made = exports.make(c, target, name, drop_weights=True)
    assert (seen.pairs, seen.left_out) == (made.export.pairs, made.export.left_out)
    assert exports.first_table(seen.first).height == len(seen.first)
    assert not made.export.path.exists()
    again = exports.make(c, target, name, drop_weights=True)
    assert again.data == made.data
    can, cannot = exports.holds(next(one for one in TARGETS if one.name == target))
    assert len(can) + len(cannot) == len(exports.WORDS)
    assert json.loads(made.card_json)


def test_conversations_stay_conversations_where_nobody_chose_otherwise() -> None:
    turn = {"role": "user", "content": "hello"}
    long = json.dumps([turn, {"role": "assistant", "content": "hi"}, turn])
    pairs = pl.DataFrame({"turns": [long, json.dumps([turn]), None]})
    assert exports.conversations(pairs) == 1
    usual = target_named(exports.usual_target(pairs))
    assert usual.turns
    assert exports.flattened(usual, pairs) == ""
    trl = target_named("trl")
    assert exports.flattened(trl, pairs).startswith("1 pair has several turns")
    alone = pairs.tail(2)
    assert exports.usual_target(alone) == "trl"
    assert exports.flattened(trl, alone) == ""


def test_it_is_said_who_reads_weights_and_margins() -> None:
    assert "RewardTrainer alone reads" in exports.read_by(target_named("trl"))
    assert "column of their own" in exports.read_by(target_named("native"))
    assert "no place" in exports.read_by(target_named("openai"))


def test_a_folder_is_downloaded_as_a_zip(run: Run) -> None:
    c = open_curation(run, "kim")
    made = exports.make(c, "trl", "toy-trl", drop_weights=True, container="datasets")
    assert made.name == "toy-trl.zip"
    assert made.data[:2] == b"PK"


def test_a_typed_name_goes_into_the_exports_folder(tmp_path: Path) -> None:
    assert exports.place_of("x.jsonl", tmp_path) == (tmp_path / "x.jsonl", False)
    (tmp_path / "y.csv").touch()
    assert exports.place_of(str(tmp_path / "y.csv"), tmp_path) == (tmp_path / "y.csv", True)
    assert exports.place_of("a/../y.csv", tmp_path)[0] == tmp_path / "y.csv"
    with pytest.raises(ExportError, match="too long"):
        exports.place_of("z" * 300, tmp_path / "not made yet")
    (tmp_path / "out").symlink_to("/var")
    for away in ("/etc/x.jsonl", "../x.jsonl", "~/x.jsonl", "out/x.jsonl", "a/../../x", "."):
        with pytest.raises(ExportError, match="where pages may save"):
            exports.place_of(away, tmp_path)
    (tmp_path / "manifest.json").touch()
    for bad in ("", " ", "x\0y", "z" * 400, "inside.jsonl", "deep/inside.jsonl"):
        with pytest.raises(ExportError):
            exports.place_of(bad, tmp_path)
