"""A small part of `make reliability`, each time other tests run."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

PARTS = Path(__file__).resolve().parents[2] / "benchmarks" / "reliability"


@pytest.mark.parametrize("part", ["hostile", "damage"])
def test_what_is_attacked_holds(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PARTS))
    monkeypatch.setenv("WIMHF_CACHE", str(tmp_path))  # which the part changes
    counts = importlib.import_module(part).counted(tmp_path, 0.01)
    assert sum(count.tries for count in counts) > 40
    assert [fault for count in counts for fault in count.faults] == []
