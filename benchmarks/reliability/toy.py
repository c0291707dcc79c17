"""A small source with vectors of its own, and the run of it: seconds, and no model."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from tests.conftest import ToyEncoder, toy_config, toy_rows, write_rows

STATE = (".lock", ".edits.lock", ".checks.lock")
"""Hidden files that belong to a run."""


@dataclass
class Count:
    """What was tried, how often, and what did not hold."""

    what: str
    tries: int = 0
    notes: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)

    def note(self, kind: str) -> None:
        """Count what came of one try."""
        self.notes[kind] = self.notes.get(kind, 0) + 1

    def __str__(self) -> str:
        told = [f"{n:,} {kind}" for kind, n in sorted(self.notes.items())]
        notes = ", ".join(told + self.measured)
        return f"| {self.what} | {self.tries:,} | {len(self.faults):,} | {notes} |"


def prepare(folder: Path, rows: int = 160) -> dict[str, Any]:
    """Write a source and its vectors; return the settings that read them."""
    os.environ["WIMHF_CACHE"] = str(folder / "cache")
    source = write_rows(folder / "toy.jsonl", drawn := toy_rows(rows))
    encoder = ToyEncoder(8)
    sides = [encoder.encode([row[side] for row in drawn]) for side in ("response_a", "response_b")]
    np.save(folder / "toy.npy", np.stack(sides, axis=1))
    settings = toy_config().to_dict()
    settings["embed"] |= {"embeddings": str(folder / "toy.npy")}
    settings["read"]["source"] = str(source)
    return settings


def made(folder: Path, settings: dict[str, Any], name: str = "run") -> Path:
    """Analyze the source into a folder."""
    import wimhf
    from wimhf.base import Config

    run = wimhf.analyze(
        settings["read"]["source"], folder / name, config=Config.from_dict(settings)
    )
    return run.path


def bytes_of(run: Path) -> dict[str, bytes]:
    """Return what a run's files hold, without what differs by the clock."""
    from wimhf.run.manifest import TIMINGS

    found = {}
    for item in sorted(run.iterdir()):
        if item.name in STATE:
            continue
        content = item.read_bytes() if item.is_file() else b"a folder"
        if item.name == "manifest.json":
            manifest = json.loads(content)
            for stage in manifest["stages"].values():
                for name in TIMINGS:
                    stage.pop(name, None)
            content = json.dumps(manifest, sort_keys=True).encode()
        found[item.name] = content
    return found
