"""The manifest of a run folder: which stages are done with which inputs, and who writes."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import filelock

from wimhf.base import file_hash
from wimhf.errors import RunError
from wimhf.run.folder import RunFolder

MANIFEST = "manifest.json"


class StagedFolder(RunFolder):
    """A run folder that knows its stages."""

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        super().__init__(path)
        self.manifest = manifest
        self._lock: filelock.FileLock | None = None

    @property
    def stages(self) -> dict[str, dict[str, Any]]:
        """Status, input hash, outputs, seconds, peak RSS and facts of every stage."""
        stages: dict[str, dict[str, Any]] = self.manifest["stages"]
        return stages

    def facts(self, stage: str) -> dict[str, Any]:
        """Return what a stage recorded about itself; empty where it has not run."""
        facts: dict[str, Any] = self.stages.get(stage, {}).get("facts", {})
        return facts

    def lock(self) -> None:
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

    def is_done(self, stage: str, input_hash: str) -> bool:
        """Say whether a stage ended with these inputs and its files are unchanged."""
        known = self.stages.get(stage)
        if known is None or known["input_hash"] != input_hash:
            return False
        intact = all(
            (self.path / name).is_file() and file_hash(self.path / name) == output["sha256"]
            for name, output in known["outputs"].items()
        )
        if intact:  # also where it was marked stale and its inputs came out the same
            known["status"] = "done"
        return intact

    def finish(
        self,
        stage: str,
        input_hash: str,
        outputs: list[str],
        facts: dict[str, Any],
        cost: dict[str, float],
    ) -> None:
        """Record that a stage is done, with the hashes of what it wrote."""
        files = {
            name: {
                "sha256": file_hash(self.path / name),
                "bytes": (self.path / name).stat().st_size,
            }
            for name in outputs
        }
        self.stages[stage] = {
            "status": "done", "input_hash": input_hash, "outputs": files, "facts": facts, **cost
        }  # fmt: skip
        self.forget()
        self.write_manifest()

    def mark_stale(self, stages: Iterable[str]) -> None:
        """Record that stages no longer belong to the settings, before any of them is redone."""
        for stage in stages:
            if stage in self.stages:
                self.stages[stage]["status"] = "stale"
        self.write_manifest()

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

    def write_manifest(self) -> None:
        """Write manifest.json."""
        self.write_json(MANIFEST, self.manifest)

    def forget(self) -> None:
        """Forget what was read from files that a stage has written anew."""
