"""What a user can get wrong: one line that says what to do, exit code 2, nothing half-written."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wimhf
from tests.conftest import ToyEncoder, toy_config, toy_rows, write_rows
from wimhf.errors import WimhfError

ROWS = toy_rows(60)


def wimhf_command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wimhf", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line a refusal ends with."""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert [line.startswith("wimhf: ") for line in lines] == [False] * (len(lines) - 1) + [True]
    assert done.stdout == ""
    return lines[-1]


def whole(folder: Path) -> bool:
    """Say whether a run folder holds only what its manifest names, and a lock."""
    if not folder.exists():
        return True
    manifest = json.loads((folder / "manifest.json").read_text())
    named = {name for stage in manifest["stages"].values() for name in stage["outputs"]}
    return {path.name for path in folder.iterdir()} <= named | {"manifest.json", ".lock"}


def refused(source: str | Path, folder: Path, **settings: Any) -> str:
    """Return the line with which an analysis in this process is refused."""
    settings = {"config": toy_config(), "encoder": ToyEncoder()} | settings
    with pytest.raises(WimhfError) as caught:
        wimhf.analyze(source, folder / "run", **settings)
    text = str(caught.value)
    assert "\n" not in text
    assert whole(folder / "run")
    return text


# -- the command line --------------------------------------------------------------------------


def output_in_the_way(folder: Path) -> list[str | Path]:
    (folder / "file").write_text("mine")
    return [write_rows(folder / "rows.jsonl", ROWS), "--output", folder / "file"]


COMMANDS: dict[str, tuple[Any, str]] = {
    "missing file": (lambda folder: [folder / "nothing.jsonl"], "does not exist; check the path"),
    "output is a file": (output_in_the_way, "give another folder with --output"),
    "five pairs": (
        lambda folder: [write_rows(folder / "rows.jsonl", ROWS[:5])],
        "5 pairs are too few",
    ),
}


@pytest.mark.parametrize(("arguments", "words"), COMMANDS.values(), ids=COMMANDS)
def test_the_command_line_ends_with_one_line(tmp_path: Path, arguments: Any, words: str) -> None:
    done = wimhf_command("analyze", "-o", tmp_path / "run", *arguments(tmp_path))
    assert words in last_line(done)
    assert whole(tmp_path / "run")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--map", "nonsense"], "write name=column"),
        (["--map", "="], "write name=column"),
        (["--prefixes", "8,x"], "write e.g. 8,16"),
        (["--config", "nothing.toml"], "check --config"),
    ],
    ids=["map", "empty map", "prefixes", "config"],
)
def test_arguments_are_refused_before_anything_is_read(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    done = wimhf_command("analyze", "rows.jsonl", "-o", tmp_path / "run", *arguments)
    assert words in last_line(done)
    assert list(tmp_path.iterdir()) == []


def test_a_report_of_nothing_is_refused(tmp_path: Path) -> None:
    done = wimhf_command("report", tmp_path, "-o", tmp_path / "report.html")
    assert "holds no run" in last_line(done)
    assert list(tmp_path.iterdir()) == []


def test_ties_alone_are_explained_and_no_failure(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "rows.jsonl", [row | {"label": 0.5} for row in ROWS])
    vectors = np.random.default_rng(0).standard_normal((len(ROWS), 2, 16))
    np.save(tmp_path / "vectors.npy", vectors)
    (tmp_path / "quick.toml").write_text("[dictionary]\nsteps = 50\nrestarts = 1\n")
    done = wimhf_command(
        "analyze", source, "-o", tmp_path / "run", "--embeddings", tmp_path / "vectors.npy",
        "--config", tmp_path / "quick.toml", "--features", "4", "--k", "2", "--device", "cpu",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "every label is a tie" in done.stdout
    assert "Traceback" not in done.stderr


# -- the same in this process, which is quicker ------------------------------------------------


def test_files_are_refused_in_one_line(tmp_path: Path) -> None:
    cut = tmp_path / "rows.jsonl.gz"
    cut.write_bytes(gzip.compress(json.dumps(ROWS).encode())[:-9])
    assert "is truncated" in refused(cut, tmp_path)
    other = tmp_path / "rows.csv"
    other.write_text("question,left,right\nq,x,y\n")
    assert "(left, question, right)" in refused(other, tmp_path / "other")
    (tmp_path / "nothing").mkdir()
    assert "is a folder without a file of" in refused(tmp_path / "nothing", tmp_path / "folder")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"read": {"limit": 0}}, "at least 1 row"),
        ({"read": {"limit": -3}}, "at least 1 row"),
        ({"read": {"limit": 10}}, "10 pairs are too few"),
        ({"read": {"format": "nonsense"}}, "known: native"),
        ({"read": {"format": "trl"}}, "missing chosen"),
        ({"read": {"columns": {"prompt": "nowhere"}}}, "its columns: label, prompt"),
        ({"read": {"columns": {"promt": "prompt"}}}, "--map cannot set promt"),
        ({"embed": {"template": "x"}}, "has no {response}"),
        ({"embed": {"max_tokens": 3}}, "at least 8"),
        ({"embed": {"device": "quantum"}}, "use auto, cpu"),
        ({"embed": {"embeddings": "nothing.npy"}}, "does not exist"),
        ({"embed": {"encoder": "nonsense"}, "encoder": None}, "is unknown"),
        ({"dictionary": {"features": 8, "k": 9}}, "lower --k or raise --features"),
        ({"dictionary": {"feature": 8}}, "[dictionary] has no feature"),
        ({"nonsense": 1}, "the settings has no nonsense"),
    ],
)
def test_settings_are_refused_in_one_line(
    tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    source = write_rows(tmp_path / "rows.jsonl", ROWS)
    assert words in refused(source, tmp_path, **settings)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (ROWS[:1], "1 pair is too few"),
        (ROWS[:29], "29 pairs are too few"),
        ([row | {"response_a": ""} for row in ROWS], "empty response (60)"),
        ([row | {"label": 7} for row in ROWS], "label out of range (60)"),
        ([row | {"label": True, "response_b": None} for row in ROWS], "missing response_b (60)"),
        ([row | {"response_a": "same", "response_b": "same"} for row in ROWS], "identical"),
        ([row | {"response_b": row["response_a"]} for row in ROWS], "identical"),
    ],
    ids=["one", "29", "empty", "label 7", "null", "all the same", "both the same"],
)
def test_pairs_that_cannot_be_learned_from_are_refused_in_one_line(
    tmp_path: Path, rows: list[dict[str, Any]], words: str
) -> None:
    assert words in refused(write_rows(tmp_path / "rows.jsonl", rows), tmp_path)


def odd_texts(n: int, row: dict[str, Any]) -> dict[str, Any]:
    odd = ["🦩👩‍🔬", "שלום \u202eעולם", "a\x00b", "\u2028\u0085", "e\u0301" * 50, "<script>"]
    return row | {
        "prompt": f"{row['prompt']} {odd[n % 6]}",
        "response_a": f"{row['response_a']} {odd[n % 5]}",
        "response_b": "word " * 20_000 if n == 7 else f"{odd[n % 4]} {row['response_b']}",
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda n, row: row | {"label": 0.5}, "tie"),
        (lambda n, row: row | {"label": 1}, "every label says response_a"),
        (lambda n, row: row | {"label": None}, "no pair has a label"),
        (lambda n, row: row | {"prompt": "the same"}, None),
        (lambda n, row: {k: v for k, v in row.items() if k != "prompt"}, None),
        (lambda n, row: ROWS[n % 4] | {"label": n % 2}, None),
        (lambda n, row: row | {"response_a": "the same"}, None),
        (odd_texts, None),
    ],
    ids=[
        "ties", "one label", "no label", "one prompt", "no prompt", "duplicates", "one response",
        "odd texts",
    ],
)  # fmt: skip
def test_strange_pairs_are_measured_or_the_reason_is_told(
    tmp_path: Path, change: Any, reason: str | None
) -> None:
    rows = [change(n, row) for n, row in enumerate(ROWS)]
    source = write_rows(tmp_path / "rows.jsonl", rows)
    run = wimhf.analyze(source, tmp_path / "run", toy_config(), encoder=ToyEncoder())
    assert whole(run.path)
    assert len(run.pair_table) == len(ROWS)
    assert run.features["prevalence"].max() > 0  # type: ignore[operator]
    told = run.preference.get("reason")
    assert told is None if reason is None else reason in told
