"""Pairs kept apart judge what the edits did, on Curate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit", reason="the app is not installed")

from streamlit.testing.v1 import AppTest

from tests.app_run import make_run
from tests.conftest import ToyEncoder, toy_rows, write_rows
from wimhf.ui.words.held_out import evaluation_sentences

APP = str(Path(__file__).resolve().parents[2] / "app.py")
FLIP = '{"when":{"any":[{"feature":0},{"not":{"feature":0}}]},"then":"flip"}'


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("WIMHF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("WIMHF_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr("wimhf.curate.held_out.encoder_of", lambda run, given: ToyEncoder())
    make_run(tmp_path / "runs", "toy", toy_rows(300))
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["run"] = "toy"
    app.run()
    app.switch_page("wimhf/ui/app/pages/curate.py")
    app.query_params["tab"] = "Pairs kept apart"
    return app


def shown(app: Any) -> str:
    app.run()
    assert not app.exception
    return " ".join(one.value for one in (*app.markdown, *app.caption, *app.error))


def test_models_are_judged_with_the_rule_that_is_being_built(page: Any, tmp_path: Path) -> None:
    held = [row | {"prompt": f"held {n}"} for n, row in enumerate(toy_rows(120, seed=9))]
    file = write_rows(tmp_path / "held.jsonl", held)
    assert "No edit is in force yet" in shown(page)
    page.query_params["rule"] = FLIP
    page.query_params["planned"] = "true"
    page.text_input(key="kept").input(str(file))
    shown(page)
    page.button(key="_judge").click()
    told = shown(page)
    assert "points less often" in told
    assert "kept apart" in told
    page.text_input(key="kept").input(str(tmp_path / "absent.jsonl"))
    assert "points less often" not in shown(page)
    page.button(key="_judge").click()
    assert "absent" in shown(page)


def test_the_sentence_says_no_more_than_the_interval() -> None:
    def said(low: float | None, value: float | None, high: float | None) -> str:
        bounds = {"value": value, "low": low, "high": high}
        held = {"pairs": 80, "difference": bounds}
        return evaluation_sentences(
            {"held_out": held, "general": {"reason": "no pair is left"}, "left_out": {"x": 2}}
        )[0]

    assert "could be told from chance" in said(-0.1, 0.02, 0.14)
    assert "more often" in said(0.1, 0.2, 0.3)
    assert "20.0 points less often" in said(-0.3, -0.2, -0.1)
    assert "no change" in said(None, None, None)
