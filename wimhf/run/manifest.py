"""The manifest of a run folder: which stages are done with which inputs, and who writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import filelock

from wimhf.base import Config, file_hash, sweep
from wimhf.errors import RunError
from wimhf.run.folder import RunFolder

MANIFEST = "manifest.json"
TIMINGS = ("seconds", "peak_rss_mb")


class Output(TypedDict):
    """A file that a stage wrote."""

    sha256: str
    bytes: int


class StageRecord(TypedDict, total=False):
    """What is recorded of a stage: ``done``, ``stale``, and what it took and gave."""

    status: str
    input_hash: str
    outputs: dict[str, Output]
    facts: Mapping[str, object]
    seconds: float
    peak_rss_mb: float


class ManifestData(TypedDict):
    """What manifest.json holds; ``check`` is a hash of the rest, absent in older runs."""

    schema_version: int
    wimhf_version: str
    config: dict[str, Any]
    stages: dict[str, StageRecord]
    check: NotRequired[str]


class Facts(dict[str, object]):
    """What a stage recorded about itself; what it lacks is said with the file's name."""

    def __init__(self, values: Mapping[str, object], missing: str) -> None:
        super().__init__(values)
        self._missing = missing

    def __missing__(self, name: str) -> object:
        raise RunError(f"{self._missing} lacks {name!r}; run the same `wimhf analyze` again")


def check_of(data: Mapping[str, Any]) -> str:
    """Return the hash of what a manifest holds, timings aside."""
    stages = {
        stage: {name: value for name, value in record.items() if name not in TIMINGS}
        for stage, record in data["stages"].items()
    }
    rest = {name: value for name, value in data.items() if name != "check"} | {"stages": stages}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Manifest:
    """What is done in a run folder, with the hashes of everything that was written."""

    def __init__(self, folder: RunFolder, data: ManifestData) -> None:
        self.folder = folder
        self.data = data
        folder.vouched = self.vouches_for

    @property
    def stages(self) -> dict[str, StageRecord]:
        """Status, input hash, outputs, seconds, peak RSS and facts of every stage."""
        return self.data["stages"]

    @property
    def config(self) -> Config:
        """The settings the run was made with."""
        return Config.from_dict(self.data["config"])

    def done(self, stage: str) -> bool:
        """Say whether a stage is done, with the settings that are there now."""
        return self.stages.get(stage, {}).get("status") == "done"

    def facts(self, stage: str) -> Mapping[str, object]:
        """Return what a stage recorded about itself; empty where it has not run."""
        known = self.stages.get(stage, {}).get("facts", {})
        return Facts(known, f"{self.folder.path / MANIFEST}: stage {stage}")

    def sha256(self, stage: str, name: str) -> str:
        """Return the hash of a file that a stage wrote; empty where it wrote none."""
        outputs = self.stages.get(stage, {}).get("outputs", {})
        return outputs[name]["sha256"] if name in outputs else ""

    def is_done(self, stage: str, input_hash: str) -> bool:
        """Say whether a stage ended with these inputs and its files are unchanged."""
        known = self.stages.get(stage)
        if known is None or known["input_hash"] != input_hash:
            return False
        intact = all(
            self._hash(name) == output["sha256"] for name, output in known["outputs"].items()
        )
        if intact:  # also where it was marked stale and its inputs came out the same
            known["status"] = "done"
        return intact

    def _hash(self, name: str) -> str | None:
        """Return a file's hash; None where it is not there."""
        try:
            return file_hash(self.folder.path / name)
        except OSError:
            return None

    def vouches_for(self, name: str) -> bool:
        """Say whether a file is what the stage that is done with it wrote, or no stage's at all.

        Where another process has redone the stage since, its file is as good.
        """
        wanted = self._recorded(self.data, name)
        if wanted is None or self._hash(name) == wanted:
            return True
        try:
            now = self._recorded(json.loads((self.folder.path / MANIFEST).read_bytes()), name)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False
        return now is None or (now != wanted and self._hash(name) == now)

    @staticmethod
    def _recorded(data: ManifestData, name: str) -> str | None:
        for record in data["stages"].values():
            if record.get("status") == "done" and name in record.get("outputs", {}):
                return record["outputs"][name]["sha256"]
        return None

    def finish(
        self,
        stage: str,
        input_hash: str,
        outputs: list[str],
        facts: Mapping[str, object],
        cost: Mapping[str, float],
    ) -> None:
        """Record that a stage is done, with the hashes of what it wrote."""
        files: dict[str, Output] = {
            name: {
                "sha256": self._hash(name) or "",
                "bytes": (self.folder.path / name).stat().st_size,
            }
            for name in outputs
        }
        record: StageRecord = {
            "status": "done", "input_hash": input_hash, "outputs": files, "facts": facts,
        }  # fmt: skip
        if cost:
            record |= {"seconds": cost["seconds"], "peak_rss_mb": cost["peak_rss_mb"]}
        self.stages[stage] = record
        self.write()

    def mark_stale(self, stages: Iterable[str]) -> None:
        """Record that stages no longer belong to the settings, before any of them is redone."""
        for stage in stages:
            if stage in self.stages:
                self.stages[stage]["status"] = "stale"
        self.write()

    def outputs(self, stage: str) -> list[str]:
        """Return the names of the files that a stage wrote; none where it has not run."""
        return list(self.stages.get(stage, {}).get("outputs", {}))

    def output_hashes(self, *stages: str) -> dict[str, str]:
        """Return the sha256 of every output of some stages: what a later stage depends on."""
        return {
            name: output["sha256"]
            for stage in stages
            for name, output in self.stages[stage]["outputs"].items()
        }

    def write(self) -> None:
        """Write manifest.json, with a hash by which damage to it is noticed."""
        self.data["check"] = check_of(self.data)
        self.folder.write_json(MANIFEST, self.data)


class RunLock:
    """Who writes a run: one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: filelock.FileLock | None = None

    def take(self) -> None:
        """Take the run for writing, or say that another process has it."""
        lock = filelock.FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            raise RunError(
                f"another process is writing {self.path}; wait for it, or give another --output"
            ) from None
        except OSError as error:
            raise RunError(f"{self.path} cannot be written: {error.strerror or error}") from None
        self._lock = lock
        sweep(self.path, own=True)

    def release(self) -> None:
        """Give the run back."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def discard(self) -> None:
        """Remove a run that holds nothing yet, and its folder unless something else is in it."""
        for name in (MANIFEST, ".lock"):
            (self.path / name).unlink(missing_ok=True)
        with suppress(OSError):
            self.path.rmdir()
