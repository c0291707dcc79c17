"""The pages that look at pairs and change them, without a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

pytest.importorskip("streamlit", reason="the app is not installed")

from streamlit.testing.v1 import AppTest

from tests.app_run import hostile_rows, make_run
from tests.rewritten import record
from wimhf.curate import Curation, open_curation, opinions_of, suspect_finding
from wimhf.run.opening import open_run
from wimhf.ui.app import naming_form

APP = str(Path(__file__).resolve().parents[2] / "app.py")
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield make_run(tmp_path_factory.mktemp("made") / "runs", "toy", hostile_rows(400))


@pytest.fixture
def runs(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a runs folder with a fresh copy of the run."""
    shutil.copytree(made, tmp_path / "runs" / "toy")
    monkeypatch.setenv("WIMHF_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("WIMHF_RUN", raising=False)
    monkeypatch.setenv("WIMHF_USER", "kim")
    return tmp_path / "runs"


@pytest.fixture
def c(runs: Path) -> Curation:
    return open_curation(runs / "toy", "robin")


@pytest.fixture
def page(runs: Path) -> Open:
    """Return a function that opens a page with a URL."""

    def show(name: str, **params: str) -> Any:
        app = AppTest.from_file(APP, default_timeout=40)
        app.query_params["run"] = "toy"
        app.run()
        app.switch_page(f"wimhf/ui/app/pages/{name}.py")
        for key, value in params.items():
            app.query_params[key] = value
        return ran(app)

    return show


def ran(app: Any) -> Any:
    app.run()
    assert not app.exception, app.exception[0].value
    return app


def press(app: Any, key: str) -> Any:
    app.button(key=key).click()
    return ran(app)


def decide(app: Any, *names: str) -> Any:
    """Press buttons of the review, one after the other."""
    for name in names:
        next(button for button in app.button if button.label == name).click()
        app = ran(app)
    return app


def told(app: Any) -> str:
    """Return everything the page says."""
    parts = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.error,
             *app.warning, *app.info, *app.success]  # fmt: skip
    return "\n".join(str(part.value) for part in parts)


def param(app: Any, name: str) -> str:
    """Return what the URL says of a parameter."""
    value = app.query_params[name]
    return value if isinstance(value, str) else str(value[0])


def a_feature(c: Curation) -> int:
    """Return a feature that is active in pairs whose labels go either way."""
    for number in c.run.features["feature"].to_list():
        found = [
            len(c.select({"when": {"feature": number, "rewarded": won}, "then": "flip"}))
            for won in (True, False)
        ]
        if min(found) > 3:
            return int(number)
    raise AssertionError("no feature is active")


def test_explore_counts_what_is_filtered_and_reads_its_filters_from_the_url(
    page: Open, c: Curation
) -> None:
    total = len(c.pairs)
    assert f"25 displayed of {total} filtered ({total} total)" in told(page("explore"))
    feature = a_feature(c)
    when = {"feature": feature, "rewarded": True}
    count = len(c.select({"when": when, "then": "restore"}))
    shown = told(page("explore", feature=str(feature), rewarded="more of it preferred"))
    assert f"of {count} filtered" in shown
    assert "of 0 filtered" in told(page("explore", find="no such words anywhere"))
    ties = c.pairs.filter(c.pairs["label"] == 0.5).height
    assert f"of {ties} filtered" in told(page("explore", labels="tie"))


def test_explore_shows_an_error_of_the_search_in_one_line(page: Open) -> None:
    app = page("explore", find="(", how="regex")
    assert "is not understood" in app.error[0].value


def test_explore_pages_through_the_table(page: Open) -> None:
    app = press(page("explore"), "_to_Next")
    assert "from number 26" in told(app)
    assert param(app, "from") == "25"


def test_a_pair_opens_and_can_be_changed_and_changed_back(page: Open, c: Curation) -> None:
    pair = c.pairs.filter(c.pairs["label"] == 1.0).row(0, named=True)
    app = page("explore", pair=pair["pair_id"])
    assert "The model's reasons" in told(app)
    app = press(app, f"_one_flip_{pair['pair_id']}")
    assert "was\\: A preferred" in told(app)
    assert c.run.log.edits()[-1].who == "kim"
    app = press(app, "_undo_done")
    assert c.changed.is_empty()
    app = press(app, f"_one_restore_{pair['pair_id']}")
    assert "already" in app.error[0].value
    assert "no such pair" in told(page("explore", pair="0123"))


def test_pairs_like_another_come_first(page: Open, c: Curation) -> None:
    pair_id = c.pairs["pair_id"][5]
    app = press(page("explore", pair=pair_id), "_like_difference")
    assert app.dataframe[0].value["Likeness"].is_monotonic_decreasing
    app = press(app, "_unlike")
    assert "Likeness" not in app.dataframe[0].value


def test_what_needs_the_runs_encoder_says_so_where_it_is_gone(page: Open) -> None:
    app = page("explore", find="water", how="meaning")
    assert len(app.error) == 1
    assert "displayed of" in told(app)


def test_the_map_keeps_the_pairs_of_its_box(page: Open, c: Curation) -> None:
    whole = page("explore", map="true")
    assert "filtered pairs are drawn" in told(whole)
    none = page("explore", map="true", box="900,901,900,901")
    assert "0 displayed of 0 filtered" in told(none)


def test_reviewing_five_suspects_and_coming_back(page: Open, c: Curation) -> None:
    queue = c.suspects()["pair_id"].to_list()
    assert len(queue) >= 6
    app = page("review")
    assert f"0 of {len(queue)} suspects decided" in app.get("progress")[0].proto.text
    app = decide(app, "Keep", "Flip", "Tie", "Drop", "Skip")
    decided = c.decisions
    assert decided == {
        queue[0]: "dismissed", queue[1]: "accepted", queue[2]: "accepted", queue[3]: "accepted"
    }  # fmt: skip
    curated = {row["pair_id"]: row for row in c.pairs.iter_rows(named=True)}
    assert curated[queue[1]]["label"] == 1 - curated[queue[1]]["source_label"]
    assert curated[queue[2]]["label"] == 0.5
    assert not curated[queue[3]]["kept"]
    assert queue[5] in told(app)
    assert param(app, "after") == "5"
    later = page("review", after="5")
    assert queue[5] in told(later)
    app = decide(app, "Undo")
    assert queue[3] in told(app)
    assert queue[3] not in c.decisions
    app = page("review")
    assert queue[3] in told(app)


def test_the_end_of_the_review_says_what_is_left(page: Open, c: Curation) -> None:
    app = page("review", after="99999")
    assert "The end of the list" in told(app)
    c.dismiss(c.suspects()["pair_id"].to_list())
    assert "All suspects are decided" in told(page("review"))


def test_a_rule_is_built_previewed_applied_and_undone(page: Open, c: Curation) -> None:
    feature = a_feature(c)
    written = {"when": {"feature": feature, "rewarded": True}, "then": "drop"}
    count = len(c.select(written))
    app = page("curate", rule=json.dumps(written))
    assert f"Selects **{count}** of" in told(app)
    app = press(app, "_preview")
    assert "What it would change" in told(app)
    assert not c.run.log.edits()
    app.text_input(key="_why").set_value("<b>because</b>")
    app = press(ran(app), "_apply")
    (edit,) = c.run.log.edits()
    assert (edit.data["rule"], edit.why, edit.who) == (written, "<b>because</b>", "kim")
    assert len(c.changed) == count
    assert f"to {count} pairs" in told(app)
    past = page("curate", tab="History")
    past = press(past, "_undo_1")
    assert c.changed.is_empty()
    past = press(past, "_redo_1")
    assert len(c.changed) == count
    assert "\\<b\\>because" in told(past)


def test_a_second_person_judges_the_same_list_without_changing_labels(
    page: Open, c: Curation
) -> None:
    queue = c.suspects()["pair_id"].to_list()
    c.accept(queue[0], "flip")
    c.dismiss(queue[1])
    before = len(c.run.log.edits())
    app = page("review", second="true")
    assert queue[0] in told(app)
    assert "was\\:" not in told(app)  # what robin did is not shown
    app = decide(app, "Flip", "Flip")
    assert queue[2] in told(app)
    assert len(c.run.log.edits()) == before
    assert opinions_of(c.run)[queue[1]] == {"robin": "keep", "kim": "flip"}
    assert "kim and robin said the same of 1 of 2 pairs" in told(app)
    app = decide(app, "Keep")  # nobody had decided that one
    assert c.decisions[queue[2]] == "dismissed"
    app = decide(app, "Undo", "Undo")
    assert "kim" not in opinions_of(c.run)[queue[1]]
    assert queue[1] in told(page("review", second="true"))
    assert queue[2] in told(page("review"))


def test_review_says_why_as_a_finding_and_how_often(page: Open, c: Curation) -> None:
    first = c.suspects().row(0, named=True)
    app = page("review")
    (row,) = c.state.rows([first["pair_id"]])
    finding = suspect_finding(c.state, row, c.reasons(first["pair_id"]))
    assert finding.startswith(("Other labels prefer", "Other labels penalise"))
    assert finding in told(app).replace("\\", "")
    assert f"**{100 * first['chance']:.0f}%** of labels are the one they expect" in told(app)
    primary = [b.label for b in app.button if b.proto.type == "primary"]
    assert primary == ["Flip"]


def test_naming_with_a_model_says_what_it_takes_and_forgets_the_key_with_the_session(
    page: Open, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        naming_form, "start_naming",
        lambda run, config, *, agreed, key: begun.append((config.model, agreed, key)),
    )  # fmt: skip
    app = page("features")
    assert not [button for button in app.button if button.key == "_llm_start"]
    app.text_input(key="_llm_model").set_value("some-model")
    app.text_input(key="_llm_key").set_value("sk-secret")
    app = ran(app)
    assert "calls to some\\-model" in told(app)
    app = press(app, "_llm_start")
    assert begun == [("some-model", True, "sk-secret")]
    assert "secret" not in str(app.query_params)
    app.number_input(key="_llm_calls").set_value(3)
    app = ran(app)
    assert app.button(key="_llm_start").disabled
    app.checkbox(key="_llm_agreed").check()
    assert not ran(app).button(key="_llm_start").disabled
    assert not any(b"sk-secret" in f.read_bytes() for f in runs.rglob("*") if f.is_file())


def test_curate_opens_empty_and_applies_only_what_was_previewed(page: Open, c: Curation) -> None:
    app = page("curate")
    assert not [button for button in app.button if button.key in ("_apply", "_preview")]
    assert "rule" not in app.query_params
    app.selectbox(key="_begin_0").select("suspect")
    app = ran(app)
    assert json.loads(param(app, "rule"))["when"] == {"suspect": True}
    assert app.button(key="_apply").disabled
    app = press(app, "_preview")
    assert not app.button(key="_apply").disabled
    app.selectbox(key=f"_then_{app.session_state['_draft_stamp']}").select("tie")
    app = ran(app)
    assert app.button(key="_apply").disabled
    assert "preview it again" in told(app)
    app = press(app, "_preview")
    c.edit(c.pairs["pair_id"][0], "drop")  # somebody else
    app.button(key="_apply").click()
    app = ran(app)
    assert app.button(key="_apply").disabled
    assert len(c.run.log.edits()) == 1
    app = press(press(app, "_preview"), "_apply")
    assert c.run.log.edits()[-1].data["rule"] == {"when": {"suspect": True}, "then": "tie"}
    assert not [button for button in app.button if button.key in ("_apply", "_preview")]
    assert "rule" not in app.query_params


def test_what_the_data_were_found_to_have_is_offered_with_its_mend(page: Open, c: Curation) -> None:
    app = page("curate")
    assert "What the data’s own findings offer" in told(app)
    ties = c.run.table("health_pairs.parquet").filter(pl.col("item") == "ties")
    shown = page("explore", health="ties")
    assert f"of {len(ties)} filtered" in told(shown)
    assert "1 is the same" not in told(shown)
    rule = {"when": {"health": "ties"}, "then": "drop"}
    assert f"Selects **{len(ties)}** of" in told(page("curate", rule=json.dumps(rule)))
    assert "found nothing called" in told(page("explore", health="nonsense"))


def test_a_chosen_feature_shows_its_size_and_side_and_orders_by_it(page: Open, c: Curation) -> None:
    feature = a_feature(c)
    table = page("explore", feature=str(feature)).dataframe[0].value
    sizes = table["Activation"].to_list()
    code = c.facts.code(feature)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == pytest.approx(abs(code).max())
    assert set(table["More of it"]) <= {"A", "B"}
    assert "Activation" not in page("explore").dataframe[0].value


def test_pairs_of_the_list_are_walked_through_one_by_one(page: Open, c: Curation) -> None:
    ids = c.run.table("health_pairs.parquet").filter(pl.col("item") == "ties")["pair_id"].to_list()
    app = page("explore", health="ties", pair=ids[0])
    assert not [button for button in app.button if button.label == "Previous pair"]
    app = press(app, f"_Next_{ids[0]}")
    assert param(app, "pair") == ids[1]
    app = press(app, f"_one_drop_{ids[1]}")
    assert c.changed["pair_id"].to_list() == [ids[1]]
    assert param(press(app, f"_Previous_{ids[1]}"), "pair") == ids[0]


def test_parts_are_added_turned_around_and_removed(page: Open, c: Curation) -> None:
    app = page("curate", rule=json.dumps({"when": {"suspect": True}, "then": "flip"}))
    stamp = app.session_state["_draft_stamp"]
    app = press(app, f"_add_{stamp}")
    stamp = app.session_state["_draft_stamp"]
    assert "not an empty one" in told(app)
    app.text_input(key=f"_words_{stamp}_1_text").set_value("water")
    app.toggle(key=f"_not_{stamp}_1").set_value(True)
    app = ran(app)
    wanted = {"when": {"all": [{"suspect": True}, {"not": {"text": "water"}}]}, "then": "flip"}
    assert json.loads(param(app, "rule")) == wanted
    assert f"Selects **{len(c.select(wanted))}** of" in told(app)
    app = press(app, f"_gone_{stamp}_0")
    assert json.loads(param(app, "rule"))["when"] == {"not": {"text": "water"}}


def test_nested_rules_and_broken_ones_are_left_to_toml(page: Open) -> None:
    nested = {"when": {"all": [{"any": [{"suspect": True}, {"text": "water"}]}]}, "then": "tie"}
    app = page("curate", rule=json.dumps(nested))
    assert 'any = [{suspect = true}, {text = "water"}]' in app.text_area[0].value
    app.text_area[0].set_value("[[rule")
    assert "not TOML" in ran(app).error[0].value
    assert "not JSON" in page("curate", rule="{").error[0].value
    odd = json.dumps({"when": {"feature": 0, "quantile": "x"}, "then": "flip"})
    assert "not understood" in page("curate", rule=odd).error[0].value
    nothing = json.dumps({"when": {"feature": "<b>", "rewarded": 7}, "then": {"odd": 1}})
    assert page("curate", rule=nothing)


def test_checkpoints_lead_back(page: Open, c: Curation) -> None:
    app = page("curate", tab="History")
    assert "Nothing was changed yet" in told(app)
    c.checkpoint("start")
    c.edit(c.pairs["pair_id"][0], "drop")
    app = page("curate", tab="History")
    assert app.selectbox[1].options == ["start"]
    named = [button for button in app.button if button.label == "Return"]
    named[0].click()
    ran(app)
    assert c.changed.is_empty()


def test_a_feature_is_renamed_noted_muted_turned_and_merged(page: Open, c: Curation) -> None:
    feature, other = c.run.features["feature"].to_list()[:2]
    app = page("feature", feature=str(feature))
    app.text_input[-1].set_value("says <b>so</b>")
    next(button for button in app.button if button.label == "Save").click()
    app = ran(app)
    assert "says \\<b\\>so\\</b\\>" in told(app)
    for key in ("_pinned", "_muted", "_turn"):
        app = press(app, key)
    row = c.run.features.filter(c.run.features["feature"] == feature).row(0, named=True)
    assert (row["pinned"], row["muted"], row["flipped"]) == (True, True, True)
    assert "unmute" not in told(app)
    c.own(feature, muted=False)
    c.own(other, merged_into=feature)
    app = page("feature", feature=str(feature))
    assert f"merged features {other}" in told(app)
    press(app, f"_out_{other}")
    assert other in c.run.features["feature"].to_list()


def test_two_sessions_see_each_others_edits_and_lose_none(page: Open, c: Curation) -> None:
    one, two = page("review"), page("review")
    queue = c.suspects()["pair_id"].to_list()
    assert queue[0] in told(one)
    one = decide(one, "Flip")
    two = ran(two)
    assert queue[0] not in told(two)
    assert queue[1] in told(two)
    two = decide(two, "Drop")
    one = decide(ran(one), "Keep")
    assert [edit.number for edit in c.run.log.edits()] == [1, 2, 3]
    assert set(c.decisions) == set(queue[:3])


def test_a_key_pressed_when_another_decided_the_pair_decides_nothing(
    page: Open, c: Curation
) -> None:
    app = page("review")
    first = c.suspects()["pair_id"][0]
    c.accept(first, "flip")
    app = decide(app, "Flip")
    assert len(c.run.log.edits()) == 1
    assert first not in told(app)


def test_another_run_is_not_undone_by_what_was_done_in_this_one(
    page: Open, c: Curation, runs: Path
) -> None:
    shutil.copytree(runs / "toy", runs / "other")
    open_curation(runs / "other", "robin").dismiss(c.suspects()["pair_id"][3])
    app = decide(page("review", after="1"), "Keep")
    app.query_params["run"] = "other"
    app = ran(app)
    assert c.suspects(decided=True)["pair_id"][0] in told(app)
    assert next(button for button in app.button if button.label == "Undo").disabled


def test_the_name_edits_are_signed_with_is_the_sessions(page: Open, c: Curation) -> None:
    app = page("review")
    app.text_input(key="_sign").set_value("  Ada *L*  ")
    app = decide(ran(app), "Keep")
    assert c.run.log.edits()[-1].who == "Ada *L*"


def test_an_export_is_foreseen_made_and_saved(page: Open, c: Curation, runs: Path) -> None:
    c.edit(c.pairs["pair_id"].to_list()[:3], "drop", why="three")
    app = page("export", target="native")
    labels = {metric.label: metric.value for metric in app.metric}
    assert (labels["Written"], labels["Left out"]) == (f"{len(c.pairs) - 3:,}", "3")
    app = press(app, "_make")
    (card,) = (item.value for item in app.html if "Change card" in item.value)
    assert "three" in card
    assert "<table>" in card
    assert str(runs.parent) not in card
    inside = str(runs / "toy" / "x.jsonl")
    for typed, why in (("x" * 300, "no path"), (inside, "where pages may save")):
        app.text_input(key="_path_toy-native.jsonl").set_value(typed)
        app = ran(app)
        assert why in app.error[0].value.replace("\\", "")
    app.text_input(key="_path_toy-native.jsonl").set_value("toy-native.jsonl")
    app = press(ran(app), "_save")
    theirs = c.export("native", runs.parent / "mine.jsonl")
    assert (runs / "exports" / "toy-native.jsonl").read_bytes() == theirs.path.read_bytes()
    assert app.success
    app = page("export", target="native")
    assert app.checkbox(key="_replace").value is False
    c.edit(c.pairs["pair_id"].to_list()[3], "drop", why="a fourth")
    app.checkbox(key="_replace").check()
    app = press(ran(app), "_save")
    assert app.success
    theirs = c.export("native", runs.parent / "mine.jsonl", overwrite=True)
    assert (runs / "exports" / "toy-native.jsonl").read_bytes() == theirs.path.read_bytes()


def test_what_a_target_cannot_hold_is_said_before_it_is_made(page: Open, c: Curation) -> None:
    c.edit(c.pairs["pair_id"][0], {"weight": 0.5})
    app = page("export", target="openai")
    assert "cannot hold weights" in app.error[0].value
    assert "Written" in [m.label for m in page("export", target="openai", unweighted="true").metric]


def test_a_run_without_suspects_says_what_to_do(page: Open, runs: Path) -> None:
    (runs / "toy" / "suspects.parquet").unlink()
    assert "finish it" in told(page("review"))
    rule = json.dumps({"when": {"suspect": True}, "then": "tie"})
    assert "finish it" in told(page("curate", rule=rule))


def test_open_run_is_not_changed_by_looking(page: Open, runs: Path) -> None:
    before = {file.name: file.read_bytes() for file in (runs / "toy").iterdir() if file.is_file()}
    for name in ("explore", "review", "curate", "export"):
        page(name)
    after = {file.name: file.read_bytes() for file in (runs / "toy").iterdir() if file.is_file()}
    assert after == before
    assert open_run(runs / "toy").log.edits() == ()


def test_without_suspects_it_is_said_how_many_labels_were_judged(page: Open, c: Curation) -> None:
    judged = c.run.folder.read_table("suspects.parquet").with_columns(suspect=pl.lit(False))
    c.run.folder.write_table("suspects.parquet", judged)
    record(c.run, "suspects")
    seen = told(page("review"))
    assert "No label is suspect" in seen
    assert f"No pair of the {len(judged):,} that could be judged has a label" in seen
