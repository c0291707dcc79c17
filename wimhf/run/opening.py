"""Opening a run, or making one."""

from __future__ import annotations

import json
from pathlib import Path

from wimhf.base import Config, expanded, file_hash
from wimhf.errors import RunError
from wimhf.run.manifest import MANIFEST, ManifestData
from wimhf.run.run import Run
from wimhf.version import __version__

SCHEMA_VERSION = 1


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
    manifest: ManifestData = {
        "schema_version": SCHEMA_VERSION,
        "wimhf_version": __version__,
        "config": config.to_dict(),
        "stages": {},
    }
    return Run(path, manifest)


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
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        version = int(manifest["schema_version"])
        if version <= SCHEMA_VERSION:
            Config.from_dict(manifest["config"])
            manifest["stages"].items()
    except (FileNotFoundError, NotADirectoryError):
        raise RunError(
            f"{path} holds no run (no {MANIFEST}); make one with `wimhf analyze SOURCE -o {path}`"
        ) from None
    except OSError as error:
        raise RunError(f"{path / MANIFEST} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{path / MANIFEST} is damaged ({error}); analyze again") from None
    if version > SCHEMA_VERSION:
        raise RunError(
            f"{path} was written by a newer wimhf (schema {version}, this one knows "
            f"{SCHEMA_VERSION}); update wimhf"
        )
    return Run(path, manifest)


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
