"""The page Compare without a browser: what it asks for, shows and says where something lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

pytest.importorskip("streamlit", reason="the app is not installed")

from streamlit.testing.v1 import AppTest

from tests.app_run import make_run
from tests.comparable import opposed_rows
from wimhf.curate import open_curation

APP = str(Path(__file__).resolve().parents[2] / "app.py")
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("app") / "runs"
        make_run(folder, "one", opposed_rows(400, 0))
        make_run(folder, "two", opposed_rows(400, 1, likes=False))
        named = [row | {"model_a": "early", "model_b": "late"} for row in opposed_rows(200, 3)]
        make_run(folder, "models", named)
        make_run(folder, "plain", opposed_rows(120, 2, group=False))
        yield folder


@pytest.fixture
def page(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the page with a URL."""
    monkeypatch.setenv("WIMHF_RUNS", str(runs))
    monkeypatch.delenv("WIMHF_RUN", raising=False)

    def show(**params: str) -> Any:
        app = AppTest.from_file(APP, default_timeout=60)
        for key, value in params.items():
            app.query_params[key] = value
        app.run()
        app.switch_page("wimhf/ui/app/pages/compare.py")
        for key, value in params.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception, app.exception[0].value
        return app

    return show


def said(app: Any) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.error,
             app.warning)  # fmt: skip
    told = [str(item.value) for kind in kinds for item in kind]
    told += [f"{item.label} {item.value}" for item in app.metric]
    return "\n".join(told).replace("\\", "")


def test_without_a_choice_it_says_what_is_missing(page: Open) -> None:
    assert "Choose a run" in said(page(run="one"))
    assert "Choose a column" in said(page(run="one", against="Groups of this run"))
    assert "No column names groups" in said(page(run="plain", against="Groups of this run"))
    assert "Nothing is curated yet" in said(page(run="one", against="Curated labels"))
    assert "No run is chosen" in said(page())


def test_two_runs_are_compared_and_a_column_opens_pairs_of_both(page: Open) -> None:
    app = page(run="one", **{"with": "two"}, column="asks_questions")
    told = said(app)
    assert "points more often in one" in told
    assert "points less often in two" in told
    assert "one:" in told
    assert "two:" in told
    assert len(app.dataframe) == 1


def test_a_discovered_column_opens_pairs_of_both(page: Open) -> None:
    chosen = {"with": "two", "features": "A shared dictionary too", "column": "shared_0"}
    app = page(run="one", **chosen)
    assert "pairs" in said(app)
    assert sum("points" in str(item.value) for item in app.subheader) == 2
    assert not any("never differ" in str(item.value) for item in app.caption)
    bank = page(run="one", **{"with": "two"}).dataframe[0].value
    assert set(app.dataframe[0].value["More of it"]) > set(bank["More of it"])


def test_groups_are_compared_and_the_mixture_follows_its_slider(page: Open) -> None:
    app = page(run="one", against="Groups of this run", by="topic")
    assert "Mixed as 50% t0 and 50% t1" in said(app)
    app.slider[0].set_value(100).run()
    assert "Mixed as 100% t0 and 0% t1" in said(app)


def test_a_newer_model_is_held_against_what_labels_predict(page: Open) -> None:
    assert "Choose a run" in said(page(run="one", against="A newer model"))
    app = page(run="one", against="A newer model", moved="models", after="late")
    told = said(app)
    assert "of how late differs, in" in told
    assert "Predicted and observed" in told
    unnamed = page(run="one", against="A newer model", moved="models")
    assert "of how the second response differs" in said(unnamed)


def test_curated_labels_are_compared_with_the_source(page: Open, runs: Path) -> None:
    curation = open_curation(runs / "two")
    curation.edit(curation.pairs["pair_id"][:60].to_list(), "flip")
    told = said(page(run="two", against="Curated labels"))
    assert "source" in told
    assert "curated" in told
    assert "Mixed as" not in told
    assert "Models" not in told
    curation = open_curation(runs / "models")
    chosen = curation.pairs.filter(pl.col("label") == (~pl.col("swapped")).cast(pl.Float64))
    curation.edit(chosen["pair_id"][:60].to_list(), "flip")
    app = page(run="models", against="Curated labels")
    assert "Curation moves the rating of" in said(app)
    assert list(app.dataframe[-1].value["Model"]) == ["early", "late"]
