"""``wimhf compare``: sentences, JSON, the page, and one clear line where it cannot be done."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from tests.app_run import make_run
from tests.comparable import QUESTIONS, opposed_rows
from tests.compare.conftest import dislikes, likes  # noqa: F401
from wimhf.compare import dividing_columns
from wimhf.curate import open_curation
from wimhf.errors import WimhfError
from wimhf.run import open_run
from wimhf.ui.cli.main import app
from wimhf.ui.report.page import render_report


def call(*words: object) -> str:
    done = CliRunner().invoke(app, ["compare", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_sentences_say_who_rewards_what(likes: Path, dislikes: Path, tmp_path: Path) -> None:  # noqa: F811
    page = tmp_path / "out" / "page.html"
    told = call(likes, dislikes, "-q", "-o", page)
    assert "likes and dislikes compared" in told
    assert "points more often in likes and" in told
    assert "points less often in dislikes." in told
    assert "conflict" in told
    assert f"Report: {page}" in told
    text = page.read_text()
    assert "<script>" in text
    assert "http" not in text.replace("http-equiv", "")
    assert "points less often in dislikes" in text
    assert "50% likes" in text


def test_json_has_every_table(likes: Path, dislikes: Path) -> None:  # noqa: F811
    told = json.loads(call(likes, dislikes, "-q", "--json", "--shares", "30,70"))
    assert told["mixture"]["shares"] == {"likes": 0.3, "dislikes": 0.7}
    assert {"effects", "gaps", "conflicts", "distances", "sentences"} <= told.keys()
    conflicts = [row["feature"] for row in told["conflicts"] if row["conflict"]]
    assert QUESTIONS in conflicts


def test_groups_of_one_run(likes: Path) -> None:  # noqa: F811
    told = call(likes, "--by", "topic", "-q")
    assert "topic: t0 and t1 compared" in told
    assert "Nothing is rewarded differently beyond chance." in told


def test_dates_are_compared_by_month(tmp_path: Path) -> None:
    rows = [
        row | {"rated": f"2024-0{1 + at // 100}-{1 + at % 28:02d}T10:00:00Z"}
        for at, row in enumerate(opposed_rows(200, 9))
    ]
    run = make_run(tmp_path / "runs", "dated", rows)
    told = call(run, "--by", "rated", "-q")
    assert "rated: 2024-01 and 2024-02 compared" in told
    assert "rated holds dates, so pairs are grouped by month" in told
    assert "rated" in dividing_columns(open_run(run))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "one run alone compares with nothing"),
        (["--by", "topic", "--curated"], "give one of them"),
        (["--curated"], "no curated label"),
        (["--after", "new"], "--after belongs to --shift"),
        (["--shift"], "takes a run and the pairs"),
        (["--by", "topic", "--shares", "a,b"], "is not understood"),
        (["nowhere.jsonl"], "does not exist"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    likes: Path,  # noqa: F811
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WimhfError, match=said):
        CliRunner().invoke(app, ["compare", str(likes), *words, "-q"], catch_exceptions=False)


def test_names_of_groups_do_nothing_to_terminal_or_page(tmp_path: Path) -> None:
    names = ("[/red]<script>alert(1)</script>", "Gap")
    rows = [row | {"topic": names[at % 2]} for at, row in enumerate(opposed_rows(200, 7))]
    run = make_run(tmp_path / "runs", "hostile", rows)
    page = tmp_path / "page.html"
    assert names[0] in call(run, "--by", "topic", "-q", "-o", page)
    assert "<script>alert" not in page.read_text()


def test_models_are_rated_before_and_after_curation(tmp_path: Path) -> None:
    names = ("early", "middle", "late")
    rows = [
        row | {"model_a": names[at % 3], "model_b": names[(at + 1 + at // 3 % 2) % 3]}
        for at, row in enumerate(opposed_rows(300, 8))
    ]
    run = make_run(tmp_path / "runs", "models", rows)
    pairs = open_curation(run).pairs
    lost = pairs.filter(
        ((pl.col("model_a") == "late") & (pl.col("label") == 0))
        | ((pl.col("model_b") == "late") & (pl.col("label") == 1))
    )
    open_curation(run).edit(lost["pair_id"][:40].to_list(), "flip")
    page = tmp_path / "page.html"
    told = call(run, "--curated", "-q", "-o", page)
    assert "Curation moves the rating of late by +" in told
    assert "at equal length" in told
    assert "Curation moves the rating of late" in page.read_text()
    models = json.loads(call(run, "--curated", "-q", "--json"))["models"]
    assert len(models) == 3 * 2 * 2
    assert json.loads(call(run, "--by", "topic", "-q", "--json"))["models"] == []
    assert "Models in the file" in render_report(open_run(run))
