"""A small part of `make reliability`, each time other tests run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_attacked_holds() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/reliability", "hostile", "damage", "keys", "--share", "0.02"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("| 0 |") == done.stdout.count("\n") - 2
