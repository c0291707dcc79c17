"""Runs for the app's tests: toy data, some of it hostile, analyzed without a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import ToyEncoder, toy_config, toy_rows, write_rows

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "[click](javascript:document.title='owned') ![p](https://example.invalid/p.png)"
)


def hostile_rows(count: int = 240) -> list[dict[str, Any]]:
    """Return toy rows in which texts attack the page, run on, or run from right to left."""
    rows = toy_rows(count)
    for row in rows[:120]:
        row["response_a"] += f" {HOSTILE} שלום עולם 😀"
        row["prompt"] = f"{HOSTILE} {row['prompt']}"
        row["subset"] = "<b>left</b>"
    rows[0]["response_b"] += " word" * 20_000
    return rows


def make_run(
    runs: Path, name: str = "toy", rows: list[dict[str, Any]] | None = None, **settings: Any
) -> Path:
    """Analyze rows into a runs folder; return the run's folder."""
    import wimhf

    runs.mkdir(parents=True, exist_ok=True)
    source = write_rows(runs.parent / f"{name}.jsonl", rows or hostile_rows())
    return wimhf.analyze(source, runs / name, toy_config(**settings), encoder=ToyEncoder()).path


def unfinish(run: Path) -> None:
    """Leave a run as it is before its last stage."""
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["stages"].pop("preference")
    del manifest["check"]
    manifest["schema_version"] = 1  # in which it was absent
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
