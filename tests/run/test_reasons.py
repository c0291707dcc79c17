"""Annotators' own reasons: planted ones speak of what decided, shuffled ones do not."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.app_run import make_run
from tests.comparable import EXCLAIMS, QUESTIONS, opposed_rows
from tests.ui.test_curate_command import told, wimhf
from wimhf.concepts import speaks_of
from wimhf.errors import ConfigError
from wimhf.run import open_run, reason_columns, reasons_of
from wimhf.ui.report.page import render_report

EMPTY = ("It reads better overall.", "More useful to me.", "I just liked this one.", "Fine work.",
         "Clear enough for a letter.", "Good tone.")  # fmt: skip


def reasoned_rows(count: int, seed: int, column: str) -> list[dict[str, Any]]:
    """Draw rows of four annotators, who often name questions where those decided."""
    draw, rows = random.Random(seed), opposed_rows(count, seed)
    for row in rows:
        asks = ["would that be so?" in row[f"response_{side}"] for side in "ab"]
        decided = asks[0] != asks[1] and asks[0] == (row["label"] == 1)
        row["annotator"] = f"w{draw.randrange(4)}"
        says = draw.random() < (0.7 if decided else 0.1)
        row[column] = "It asks a good question." if says else draw.choice(EMPTY)
    return rows


@pytest.fixture(scope="module")
def reasoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = reasoned_rows(400, 3, "Overall Rationale")
    draw = random.Random(0)
    texts = [row["Overall Rationale"] for row in rows]
    draw.shuffle(texts)
    for row, text in zip(rows, texts, strict=True):
        row["remark of another"] = text
        row["comment_code"] = draw.choice("abc")
    return make_run(tmp_path_factory.mktemp("reasoned") / "runs", "reasoned", rows)


def test_planted_reasons_are_found_and_shuffled_ones_are_not(reasoned: Path) -> None:
    run = open_run(reasoned)
    assert "comment_code" not in reason_columns(run)
    found = reasons_of(run, ["Overall Rationale"])
    assert found is not None
    assert found.within
    assert found.pairs == 400
    (asks,) = found.findings.filter(id=QUESTIONS).to_dicts()
    assert asks["low"] > 0.15
    assert asks["q"] < 0.001
    (exclaims,) = found.findings.filter(id=EXCLAIMS).to_dicts()
    assert exclaims["q"] is None or exclaims["q"] > 0.05
    other = reasons_of(run, ["remark of another"])
    assert other is not None
    (asks,) = other.findings.filter(id=QUESTIONS).to_dicts()
    assert asks["q"] > 0.05


def test_the_command_and_the_report_say_it(reasoned: Path) -> None:
    said = wimhf("annotators", reasoned, "--reasons", "Overall Rationale")
    assert "What they say why" in said
    assert "400 labels have a reason (Overall Rationale)" in said
    assert "The preferred response more often asks" in said
    plain = told("annotators", reasoned)
    assert plain["reasons"]["columns"] == ["Overall Rationale", "remark of another"]
    assert "What they say why" in render_report(open_run(reasoned))


def test_without_reasons_nothing_is_said_and_a_wrong_column_is_told(likes_alone: Path) -> None:
    assert reasons_of(open_run(likes_alone)) is None
    assert "What they say why" not in render_report(open_run(likes_alone))
    with pytest.raises(ConfigError, match="no texts in a column 'why'"):
        reasons_of(open_run(likes_alone), ["why"])


@pytest.fixture(scope="module")
def likes_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("alone") / "runs", "alone", opposed_rows(200, 5))


def test_a_text_speaks_of_a_name_by_its_words() -> None:
    names = ["refuses the request", "uses more words than the other"]
    texts = ["B refused politely.", "A is longer.", "It answered my REQUEST", "refuge"]
    spoken = speaks_of(names, [None, None], texts)
    assert spoken[:, 0].tolist() == [True, False, True, False]
    assert not spoken[:, 1].any()
