"""The app's pages without a browser: what they show, what the URL does, what errors look like."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("streamlit", reason="the app is not installed")

from streamlit.testing.v1 import AppTest

from tests.app_run import make_run, unfinish
from tests.conftest import toy_rows, write_rows
from wimhf.base import SETTINGS, Config
from wimhf.curate import open_curation, source_standing
from wimhf.pipeline import jobs
from wimhf.run.opening import open_run
from wimhf.ui.app import encoder_offer, intake
from wimhf.ui.words.features import ordered
from wimhf.ui.words.figures import plain, upper_first
from wimhf.ui.words.judged import judged

APP = str(Path(__file__).resolve().parents[2] / "app.py")
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("app") / "runs"
        make_run(folder, "toy")
        unfinish(make_run(folder, "half", toy_rows(120)))
        unlabelled = [{k: v for k, v in row.items() if k != "label"} for row in toy_rows(120)]
        make_run(folder, "unlabelled", unlabelled)
        yield folder


@pytest.fixture
def page(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens a page with a URL."""
    monkeypatch.setenv("WIMHF_RUNS", str(runs))
    monkeypatch.delenv("WIMHF_RUN", raising=False)

    def show(name: str = "start", **params: str) -> Any:
        app = AppTest.from_file(APP, default_timeout=30)
        for key, value in params.items():
            app.query_params[key] = value
        app.run()
        if name != "start":
            app.switch_page(f"wimhf/ui/app/pages/{name}.py")
            for key, value in params.items():
                app.query_params[key] = value
            app.run()
        assert not app.exception, app.exception[0].value
        return app

    return show


def said(app: Any) -> str:
    """Return all that a page says."""
    kinds = (
        app.title, app.header, app.subheader, app.markdown, app.caption, app.error, app.warning,
    )  # fmt: skip
    told = [str(item.value) for kind in kinds for item in kind]
    told += [f"{item.label} {item.value}" for item in app.metric]
    return "\n".join(told).replace("\\", "")


def test_start_lists_runs_and_says_which_are_not_finished(page: Open) -> None:
    told = said(page())
    assert "**half** (not finished)" in told
    assert "toy.jsonl · 240 pairs · 8 discovered features · encoder toy" in told


@pytest.mark.parametrize("name", ["overview", "features", "feature"])
def test_without_a_run_every_page_says_what_to_do(page: Open, name: str) -> None:
    app = page(name)
    assert "No run is chosen" in said(app)


@pytest.mark.parametrize("name", ["overview", "features", "feature"])
@pytest.mark.parametrize(
    ("run", "told"),
    [
        ("half", "has not come that far"),
        ("../runs/toy", "there is no run"),
        ("/etc", "there is no run"),
        (".jobs", "there is no run"),
        ("toy/../toy", "there is no run"),
    ],
)
def test_a_run_that_cannot_be_shown_is_one_line(page: Open, name: str, run: str, told: str) -> None:
    app = page(name, run=run)
    assert len(app.error) == 1
    assert told in said(app)


def test_a_link_out_of_the_runs_folder_is_not_followed(
    page: Open, runs: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "manifest.json").write_text("{}")
    (runs / "linked").symlink_to(tmp_path / "elsewhere")
    try:
        assert "there is no run" in said(page("overview", run="linked"))
    finally:
        (runs / "linked").unlink()


def test_overview_says_what_was_found(page: Open, runs: Path) -> None:
    app = page("overview", run="toy")
    told = said(app)
    assert "Pairs 240" in told
    assert "What the labels reward" in told
    assert "length controlled for" in told
    assert "How far to trust this" in told
    run = open_run(runs / "toy")
    health = run.folder.read_json("health.json")
    bad = [i for g in health["groups"].values() for i in g if i["severity"] == "warning"]
    assert all(item["title"] in told for item in bad)


def test_overview_of_pairs_without_labels_says_why_there_is_no_effect(page: Open) -> None:
    told = said(page("overview", run="unlabelled"))
    assert "cannot be estimated" in told
    assert "What the data measure" in told
    assert "What the labels reward" not in told.replace("What the labels reward cannot", "")


def test_overview_says_whether_numbers_are_of_the_source_or_of_the_curated_data(
    page: Open, runs: Path
) -> None:
    name = "mended"
    shutil.copytree(runs / "toy", runs / name)
    curation = open_curation(open_run(runs / name), "kim")
    curation.apply({"when": {"column": "subset", "equals": "<b>left</b>"}, "then": "tie"})
    ties = int((curation.pairs["label"] == 0.5).sum())
    try:
        app = page("overview", run=name)
        assert f"Ties {source_standing(curation.run).ties:,}" in said(app)
        assert "pairs have been edited since" in said(app)
        app.get_by_key("_data").set_value("curated").run()
        assert app.query_params["data"] == "curated"
        told = said(app)
        assert f"Ties {ties:,}" in told
        assert "curated data" in told
        again = page("overview", run=name, data="curated")
        assert f"Ties {ties:,}" in said(again)
    finally:
        shutil.rmtree(runs / name)


def test_a_flaw_opens_its_pairs_and_leads_to_its_mend(page: Open, runs: Path) -> None:
    rows = toy_rows(160)
    make_run(runs, "twice", [*rows, *rows[:12]])
    app = page("overview", run="twice")
    told = said(app)
    assert "Repeats 12" in told
    app.get_by_key("_flaw_duplicates").click().run()
    assert app.query_params["flaw"] == "duplicates"
    assert sum("<article" in item.value for item in app.html) == 5
    assert "The first 5 of 12" in said(app)


def test_features_can_be_narrowed_and_the_url_holds_it(page: Open, runs: Path) -> None:
    app = page("features", run="toy")
    count = len(open_run(runs / "toy").features)
    assert f"{count} of {count} features" in said(app)
    app.get_by_key("show").set_value(["significant"]).run()
    kept = len(app.dataframe[0].value)
    assert f"{kept} of {count} features" in said(app)
    app.get_by_key("find").set_value("nothing like this").run()
    assert "No feature passes" in said(app)
    again = page("features", run="toy", show="significant")
    assert len(again.dataframe[0].value) == kept


def test_a_feature_shows_its_words_figures_and_pairs(page: Open, runs: Path) -> None:
    run = open_run(runs / "toy")
    row = run.features.filter("understood").row(0, named=True)
    app = page("feature", run="toy", feature=str(row["feature"]))
    told = said(app)
    assert row["description"] in told
    assert "Effect alone, points" in told
    assert "Beside the other findings" in told
    label = next(f.label for f in ordered(run.feature_rows) if f.feature == row["feature"])
    assert app.title[0].value == plain(upper_first(label))
    assert sum("pair short" in item.value for item in app.html) == 2
    assert "of 8" not in told
    pairs = [item.value for item in app.html if "pair" in item.value]
    assert len(pairs) >= 5
    assert "<script" not in "".join(item.value for item in app.html)


@pytest.mark.parametrize("way", ["Random", "Counter-examples", "Weakest"])
def test_the_url_says_which_pairs_are_shown_and_how_many(page: Open, runs: Path, way: str) -> None:
    row = open_run(runs / "toy").features.drop_nulls("effect").row(0, named=True)
    app = page("feature", run="toy", feature=str(row["feature"]), pairs=way, n="3")
    shown = [item for item in app.html if '<article class="pair">' in item.value]
    assert 0 < len(shown) <= 3
    assert {"Random": "drawn at random", "Counter-examples": "against the effect",
            "Weakest": "near zero"}[way] in said(app)  # fmt: skip


@pytest.mark.parametrize("feature", ["99", "-4", "x", "", "1e9"])
def test_a_feature_that_is_not_there_leads_back_to_the_table(page: Open, feature: str) -> None:
    assert "No such feature" in said(page("feature", run="toy", feature=feature))


def test_a_changed_run_is_shown_as_it_is_now(page: Open, runs: Path) -> None:
    assert "Pairs 240" in said(page("overview", run="toy"))
    path = runs / "toy" / "manifest.json"
    before = path.read_text(encoding="utf-8")
    manifest = json.loads(before)
    manifest["stages"]["read"]["facts"]["n_pairs"] = 239
    del manifest["check"]
    manifest["schema_version"] = 1  # in which it was absent
    time.sleep(0.02)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    try:
        assert "Pairs 239" in said(page("overview", run="toy"))
    finally:
        path.write_text(before, encoding="utf-8")


def test_a_preset_sets_what_it_says_and_what_it_lacks_is_said_before_any_work(
    page: Open, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_rows(tmp_path / "preset.jsonl", toy_rows(80))
    token = intake.save_upload(runs, "preset.jsonl", source.read_bytes())
    started: list[tuple[Any, ...]] = []
    monkeypatch.setattr(jobs, "start_job", lambda *given: started.append(given))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    app = page("start", source=token)
    app.get_by_key(f"agreed_{token}").check().run()
    app.get_by_key(f"preset_{token}").select("paper").run()
    assert app.get_by_key(f"encoder_{token}_paper").value == "openai:text-embedding-3-small"
    assert "Texts go to the server" in said(app)
    next(button for button in app.button if button.label == "Start").click().run()
    assert "preset paper needs" in said(app)
    assert not started
    app.get_by_key(f"encoder_{token}_paper").select("fast").run()
    app.get_by_key(f"preset_{token}").select("offline").run()
    next(button for button in app.button if button.label == "Start").click().run()
    ((_, _, settings, _),) = started
    assert settings["embed"]["encoder"] != "openai:text-embedding-3-small"
    assert not app.exception


def test_a_source_shows_what_it_is_and_starts_once_its_labels_are_agreed_to(
    page: Open, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_rows(tmp_path / "mine.jsonl", toy_rows(80))
    token = intake.save_upload(runs, "mine.jsonl", source.read_bytes())
    started: list[tuple[Any, ...]] = []
    monkeypatch.setattr(jobs, "start_job", lambda *given: started.append(given))
    app = page("start", source=token)
    told = said(app)
    assert "**80 pairs**" in told
    assert "label 1 means that response_a is preferred" in told
    start = next(button for button in app.button if button.label == "Start")
    assert start.disabled
    app.get_by_key(f"agreed_{token}").check().run()
    app.get_by_key(f"name_{token}").set_value("../out").run()
    next(button for button in app.button if button.label == "Start").click().run()
    assert "cannot be called" in said(app)
    assert not started
    app.get_by_key(f"name_{token}").set_value("mine").run()
    next(button for button in app.button if button.label == "Start").click().run()
    assert not app.exception
    ((path, run, settings, expected),) = started
    assert sum(expected.values()) > 0
    assert (Path(path).name, run) == ("mine.jsonl", runs / "mine")
    assert settings["read"]["format"] == "auto"
    assert "source" not in app.query_params


def test_columns_of_ones_own_can_be_named_on_the_page(page: Open, runs: Path) -> None:
    rows = b'{"ask": "q", "left": "yes it is", "right": "no it is not", "won": 1}\n' * 12
    token = intake.save_upload(runs, "own.jsonl", rows)
    app = page("start", source=token)
    assert "no known format fits" in said(app)
    for ours, theirs in {"prompt": "ask", "response_a": "left", "response_b": "right",
                         "label": "won"}.items():  # fmt: skip
        app.get_by_key(f"column_{ours}_{token}").set_value(theirs)
    app.run()
    assert "12 pairs" in said(app)


def test_labels_that_are_not_understood_are_asked_about(page: Open, runs: Path) -> None:
    rows = [
        {"prompt": "q", "response_a": "yes it is", "response_b": "no it is not", "id": n,
         "label": ("fine", "poor")[n % 2]}
        for n in range(12)
    ]  # fmt: skip
    token = intake.save_upload(runs, "odd.jsonl", "".join(map(_line, rows)).encode())
    app = page("start", source=token)
    assert "labels that are not understood: 'fine' (6), 'poor' (6)" in said(app)
    app.get_by_key(f"label_map_fine_{token}").set_value("a")
    app.get_by_key(f"label_map_poor_{token}").set_value("b")
    app.run()
    assert "12 pairs" in said(app)
    assert "Columns not read: id." in said(app)


def _line(row: dict[str, object]) -> str:
    return json.dumps(row) + "\n"


def test_a_path_on_this_machine_is_read_and_every_setting_can_be_given(
    page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_rows(tmp_path / "near.jsonl", toy_rows(80))
    started: list[tuple[Any, ...]] = []
    monkeypatch.setattr(jobs, "start_job", lambda *given: started.append(given))
    app = page("start", at=str(source))
    assert "**80 pairs**" in said(app)
    token = hashlib.sha256(str(source).encode()).hexdigest()[:16]
    app.get_by_key(f"agreed_{token}").check()
    app.get_by_key(f"template_{token}").set_value("User: {prompt} {response}")
    app.get_by_key(f"controls_{token}").set_value(["length", "style"])
    app.get_by_key(f"features_{token}").set_value(12)
    app.get_by_key(f"max_cost_{token}").set_value(2.5)
    app.get_by_key(f"prices_{token}").set_value("0.25,2")
    app.get_by_key(f"prefixes_{token}").set_value("4,8").run()
    next(button for button in app.button if button.label == "Start").click().run()
    assert not app.exception
    ((path, _, settings, _),) = started
    config = Config.from_dict(settings)
    assert Path(path) == source
    assert config.embed.template == "User: {prompt} {response}"
    assert config.preference.controls == ("length", "style")
    assert config.dictionary.features == 12
    assert list(config.dictionary.prefixes) == [4, 8]
    assert config.llm.max_cost == 2.5
    assert "at" not in app.query_params


def test_every_setting_of_the_declaration_is_asked_for_somewhere(page: Open, runs: Path) -> None:
    rows = "".join(map(_line, toy_rows(20)))
    token = intake.save_upload(runs, "all.jsonl", rows.encode())
    app = page("start", source=token)
    keys = {w.key for kind in ("text_input", "number_input", "selectbox", "multiselect")
            for w in getattr(app, kind)}  # fmt: skip
    asked = {one.name for one in SETTINGS if f"{one.name}_{token}" in keys}
    elsewhere = {"columns", "label_map", "roles"}  # per column, and where a code is not known
    assert asked | elsewhere == {one.name for one in SETTINGS}


def test_a_run_is_analyzed_again_with_its_settings_and_another_encoder(
    page: Open, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[Any, ...]] = []
    monkeypatch.setattr(jobs, "start_job", lambda *given: started.append(given))
    app = page("start", again="toy", encoder="fast")
    assert "As toy was analyzed" in said(app)
    next(button for button in app.button if button.label == "Start").click().run()
    assert not app.exception
    ((path, run, settings, _),) = started
    before = open_run(runs / "toy").config
    assert Path(path) == Path(before.read.source)
    assert run != runs / "toy"
    config = Config.from_dict(settings)
    assert config.embed.encoder == "fast"
    assert config.dictionary == before.dictionary
    assert config.preference == before.preference


def test_a_folded_part_is_made_when_the_address_says_that_it_is_open(page: Open) -> None:
    folded, opened = page("overview", run="toy"), page("overview", run="toy", checks="true")
    assert "Position bias" not in said(folded)
    assert "Position bias" in said(opened)


def test_where_an_encoder_discovered_nothing_the_other_one_is_a_click_away(
    page: Open, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[Any, ...]] = []
    monkeypatch.setattr(encoder_offer, "start_job", lambda *given: started.append(given))
    monkeypatch.setattr(encoder_offer, "OTHER", {"toy": "minilm"})
    monkeypatch.setattr(encoder_offer, "WHY", {"toy": "minilm reads whole sentences"})
    monkeypatch.setattr(encoder_offer, "discovered_nothing", lambda opened: True)
    app = page("overview", run="toy")
    assert "Nothing that toy discovered has a name that holds" in said(app)
    (button,) = (one for one in app.button if one.key == "_other_encoder")
    assert "with minilm, about" in button.label
    button.click().run()
    assert not app.exception
    ((path, run, settings, expected),) = started
    assert Path(path) == Path(open_run(runs / "toy").config.read.source)
    assert run.parent == runs
    assert not run.exists()
    assert Config.from_dict(settings).embed.encoder == "minilm"
    assert sum(expected.values()) > 0


@pytest.mark.parametrize(
    ("understood", "expressed", "estimable", "nothing"),
    [(True, True, True, False), (True, False, True, True), (False, True, True, True),
     (False, False, False, False)],
)  # fmt: skip
def test_nothing_is_discovered_where_no_name_that_holds_is_rewarded(
    understood: bool, expressed: bool, estimable: bool, nothing: bool
) -> None:
    found = SimpleNamespace(is_concept=False, understood=understood, expressed=expressed)
    known = SimpleNamespace(is_concept=True, understood=True, expressed=True)
    opened: Any = SimpleNamespace(
        features=(known, found), summary={"reason": None if estimable else "no labels"}
    )
    assert encoder_offer.discovered_nothing(opened) is nothing


def test_a_run_is_renamed_deleted_and_brought_back(page: Open, runs: Path) -> None:
    shutil.copytree(runs / "toy", runs / "spare")
    app = page()
    assert "encoder toy" in said(app)
    app.get_by_key("_name_spare").set_value("kept").run()
    app.get_by_key("_rename_spare").click().run()
    assert (runs / "kept").is_dir()
    assert not (runs / "spare").exists()
    app = page()
    app.get_by_key("_delete_kept").click().run()
    assert not (runs / "kept").exists()
    assert "kept is deleted" in said(app)
    next(button for button in app.button if button.label == "Undo").click().run()
    assert (runs / "kept" / "manifest.json").is_file()
    shutil.rmtree(runs / "kept")


def test_an_upload_that_is_gone_is_one_line(page: Open) -> None:
    assert "upload the file again" in said(page("start", source="../../etc/passwd"))


def test_what_became_of_an_analysis_is_said_until_it_is_dismissed(
    page: Open, runs: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": "<script>alert(1)</script>"}\n')
    jobs.start_job(tmp_path / "bad.jsonl", runs / "bad")
    app = page()
    assert "Analyzing bad" in said(app)
    end = time.monotonic() + 60
    while time.monotonic() < end and jobs.list_jobs(runs)[0].under_way:
        time.sleep(0.1)
    app = page()
    assert "**bad** failed: no known format fits" in said(app).replace(str(tmp_path), "")
    next(button for button in app.button if button.label == "Dismiss").click().run()
    assert "failed" not in said(app)
    assert jobs.list_jobs(runs) == []


def test_a_page_says_how_its_features_name_was_scored(page: Open, runs: Path) -> None:
    told = {"scores": ["embedding"], "score_pairs": 20, "second_encoder": "minilm"}
    run = open_run(make_run(runs, "scored", llm=told))
    number = run.folder.read_table("scores.parquet")["feature"][0]
    app = page("feature", run="scored", feature=str(number))
    assert ".5 is guessing" in said(app)
    rows = "".join(item.value for item in app.html)
    assert "Another encoder agrees" in rows
    (score,) = judged(run)(run.feature(number))
    assert escape(score.said) in rows
