"""Overview shows rules where a run has any."""

from pathlib import Path

import pytest

pytest.importorskip("streamlit", reason="the app is not installed")

from streamlit.testing.v1 import AppTest

from tests.pipeline.test_rules import learned
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.run import Run, rules_of

APP = str(Path(__file__).resolve().parents[2] / "app.py")


def test_overview_shows_rules(toy_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    found = rules_of(learned(toy_run, clauses=8))
    assert found is not None
    monkeypatch.setenv("WIMHF_RUNS", str(toy_run.path.parent))
    monkeypatch.delenv("WIMHF_RUN", raising=False)
    page = AppTest.from_file(APP, default_timeout=60)
    page.query_params["run"] = toy_run.path.name
    page.run()
    page.switch_page("wimhf/ui/app/pages/overview.py")
    page.query_params["run"] = toy_run.path.name
    page.query_params["rules"] = "true"
    page.run()
    assert not page.exception
    said = " ".join(one.value for one in page.markdown)
    assert "On " in said
    assert found.rules[0].sentence[:30] in said
