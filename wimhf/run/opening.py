"""Opening a run, or making one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from wimhf.base import Config, expanded, file_hash
from wimhf.errors import RunError, WimhfError
from wimhf.run.manifest import MANIFEST, ManifestData, check_of
from wimhf.run.run import Run
from wimhf.version import __version__

SCHEMA_VERSION = 2
"""Since 2 a manifest holds a hash of itself, without which it is damaged."""


def create_run(path: Path, config: Config) -> Run:
    """Return the run in a folder, made new or taken up where it stood, with these settings.

    Raises
    ------
    RunError
        If the folder holds something else, another source's run, or cannot be written.
    """
    try:
        if (path / MANIFEST).exists():
            return _taken_up(path, config)
        if path.exists() and (not path.is_dir() or any(_visible(path))):
            raise RunError(f"{path} is not a run and not empty; give another folder with --output")
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"{path} cannot be written ({error.strerror}); give another folder with --output"
        ) from None
    return Run(path, new_manifest(config))


def new_manifest(config: Config) -> ManifestData:
    """Return the manifest of a run in which nothing is done."""
    return {
        "schema_version": SCHEMA_VERSION,
        "wimhf_version": __version__,
        "config": config.to_dict(),
        "stages": {},
    }


def _taken_up(path: Path, config: Config) -> Run:
    run = open_run(path)
    before = run.config.read.source
    same = _same_source(run, before, config.read.source)
    if run.manifest.stages and not (same and run.config.read.also == config.read.also):
        raise RunError(
            f"{path} holds the analysis of {before}; give another folder with --output, "
            "or delete this one"
        )
    run.manifest.data["config"] = config.to_dict()
    run.manifest.data["wimhf_version"] = __version__
    return run


def open_run(path: str | Path) -> Run:
    """Open the run in a folder for reading.

    Raises
    ------
    RunError
        If there is no run, it is damaged, or a newer version wrote it.
    """
    path = expanded(path)
    manifest = _read(path)
    version = manifest["schema_version"]
    if version > SCHEMA_VERSION:
        raise RunError(
            f"{path} was written by a newer wimhf (schema {version}, this one knows "
            f"{SCHEMA_VERSION}); update wimhf"
        )
    if fault := fault_of(manifest):
        raise _damaged(path, fault)
    migrate(manifest)
    try:
        Config.from_dict(manifest["config"])
    except WimhfError as error:
        by = f"wimhf {manifest.get('wimhf_version', 'of an unknown version')} wrote it"
        raise _damaged(path, f"its settings are not understood: {error}; {by}") from None
    return Run(path, cast("ManifestData", manifest))


def migrate(manifest: dict[str, Any]) -> None:
    """Turn what an earlier version wrote into what this one writes, in memory.

    It reaches the disk with the next analysis or change; whoever only reads a run leaves it as it
    is.
    """
    if manifest["schema_version"] < SCHEMA_VERSION:
        manifest["schema_version"] = SCHEMA_VERSION
        manifest["check"] = check_of(manifest)


def _read(path: Path) -> dict[str, Any]:
    """Return a manifest that has a version, whatever else it holds."""
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise RunError(
            f"{path} holds no run (no {MANIFEST}); make one with `wimhf analyze SOURCE -o {path}`"
        ) from None
    except OSError as error:
        raise RunError(f"{path / MANIFEST} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise _damaged(path, error) from None
    if not isinstance(manifest, dict) or type(manifest.get("schema_version")) is not int:
        raise _damaged(path, "it has no schema_version")
    return manifest


class DamagedManifest(RunError):
    """A manifest is not what was written, or none."""


def _damaged(path: Path, why: object) -> RunError:
    return DamagedManifest(
        f"{path / MANIFEST} is damaged ({why}); `wimhf repair {path}` puts it aside, and the same "
        f"`wimhf analyze SOURCE -o {path}` then makes the run anew and keeps the edits"
    )


def fault_of(manifest: Mapping[str, Any]) -> str:
    """Say what is wrong with a manifest; empty where nothing is."""
    tables = [manifest.get(name) for name in ("config", "stages")]
    if not all(isinstance(table, dict) for table in tables):
        return "it has no tables config and stages"
    for stage, record in manifest["stages"].items():
        outputs = record.get("outputs", {}) if isinstance(record, dict) else None
        whole = isinstance(outputs, dict) and all(
            isinstance(one, dict) and isinstance(one.get("sha256"), str) and _plain(name)
            for name, one in outputs.items()
        )
        if (
            not whole
            or not isinstance(record.get("facts", {}), dict)
            or {type(record.get(name)) for name in ("status", "input_hash")} != {str}
        ):
            return f"its record of stage {stage} is none"
    known = check_of(manifest)
    if manifest.get("check", known if manifest["schema_version"] < 2 else None) != known:
        return "it is not what was written"
    return ""


def _plain(name: str) -> bool:
    """Say whether a name is that of a file in the folder, and of none elsewhere."""
    return bool(name) and Path(name).name == name and name not in (".", "..")


def _same_source(run: Run, before: str, now: str) -> bool:
    """Say whether a source is the run's: the same path, or the same bytes elsewhere."""
    if Path(before).resolve() == Path(now).resolve():
        return True
    try:
        return file_hash(expanded(now)) == run.facts("read").get("source_sha256")
    except OSError:
        return False


def _visible(path: Path) -> list[Path]:
    return [item for item in path.iterdir() if not item.name.startswith(".")]
