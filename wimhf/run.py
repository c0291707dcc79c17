"""The run folder: manifest, hashes, atomic writes, resume. Nothing else writes there."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import filelock
import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.config import Config
from wimhf.errors import RunError
from wimhf.files import expanded, file_hash, write_atomically
from wimhf.version import __version__

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
ROW_GROUP = 100_000


class Run:
    """One analysis on disk.

    Open one with ``wimhf.open_run(folder)`` or make one with ``wimhf.analyze(source)``.
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest
        self._lock: filelock.FileLock | None = None

    def __repr__(self) -> str:
        done = [name for name, stage in self.stages.items() if stage["status"] == "done"]
        return f"Run({str(self.path)!r}, done={done})"

    # -- reading ---------------------------------------------------------------------------

    @property
    def stages(self) -> dict[str, dict[str, Any]]:
        """Status, input hash, outputs, seconds, peak RSS and facts of every stage."""
        stages: dict[str, dict[str, Any]] = self.manifest["stages"]
        return stages

    def facts(self, stage: str) -> dict[str, Any]:
        """Return what a stage recorded about itself; empty where it has not run."""
        facts: dict[str, Any] = self.stages.get(stage, {}).get("facts", {})
        return facts

    @property
    def config(self) -> Config:
        """The settings the run was made with."""
        return Config.from_dict(self.manifest["config"])

    @cached_property
    def pair_table(self) -> pl.DataFrame:
        """The accepted pairs, with each pair's component and split."""
        return self.read_table("pairs.parquet")

    @property
    def rejects(self) -> pl.DataFrame:
        """Every row left out: source_row, reason, detail."""
        return self.read_table("rejects.parquet")

    @property
    def features(self) -> pl.DataFrame:
        """One row per feature: description, fidelity, prevalence, effect, intervals.

        Signs are in the described pole: a positive effect rewards what the description says.
        """
        self._require("preference")
        return self.read_table("features.parquet")

    @property
    def preference(self) -> dict[str, Any]:
        """AUCs and baselines with intervals, counts of labels, controls."""
        self._require("preference")
        summary: dict[str, Any] = json.loads(self._bytes("preference.json"))
        return summary

    def _require(self, stage: str) -> None:
        if self.stages.get(stage, {}).get("status") != "done":
            raise RunError(
                f"{self.path}: the analysis has not come that far (stage {stage} is not done); "
                "run the same `wimhf analyze` again to finish it"
            )

    def pairs(self, feature: int | None = None, limit: int | None = None) -> pl.DataFrame:
        """Return pairs, or those in which a feature is active, strongest first.

        Parameters
        ----------
        feature
            A feature's number. The result then has ``more`` and ``less`` (the responses with
            more and less of the described pole), ``more_side``, ``code`` (positive size) and
            ``more_won`` (the label of the side with more: 1 won, 0 lost, .5 tie).
        limit
            At most this many rows.
        """
        if feature is None:
            return self.pair_table.head(limit) if limit is not None else self.pair_table
        chosen = self.features.filter(pl.col("feature") == feature)
        if chosen.is_empty():
            raise RunError(f"feature {feature} is not among the run's {len(self.features)}")
        pole = chosen["pole"].item()
        codes = self.read_table("codes.parquet").filter(pl.col("feature") == feature)
        a_has_more = pl.col("value") * pole > 0
        oriented = (
            codes.sort(pl.col("value").abs(), descending=True, maintain_order=True)
            .head(limit or len(codes))
            .join(
                self.pair_table.with_row_index("pair"),
                on="pair", how="left", maintain_order="left",
            )
            .with_columns(
                pl.when(a_has_more).then("response_a").otherwise("response_b").alias("more"),
                pl.when(a_has_more).then("response_b").otherwise("response_a").alias("less"),
                pl.when(a_has_more).then(pl.lit("A")).otherwise(pl.lit("B")).alias("more_side"),
                pl.when(a_has_more)
                .then("label").otherwise(1 - pl.col("label")).alias("more_won"),
                pl.col("value").abs().alias("code"),
            )
        )  # fmt: skip
        first = ["pair_id", "prompt", "more", "less", "more_side", "code", "more_won"]
        rest = [c for c in self.pair_table.columns if c not in (*first, "response_a", "response_b")]
        return oriented.select(first + rest)

    def codes(self) -> NDArray[np.float32]:
        """Return the signed codes (n, m) as the dictionary gives them (poles not applied)."""
        table = self.read_table("codes.parquet")
        shape = self.facts("dictionary")["shape"]
        dense = np.zeros(shape, dtype=np.float32)
        dense[table["pair"].to_numpy(), table["feature"].to_numpy()] = table["value"].to_numpy()
        return dense

    def read_table(self, name: str) -> pl.DataFrame:
        """Read one of the run's Parquet files."""
        return pl.read_parquet(io.BytesIO(self._bytes(name)))

    def read_array(self, name: str) -> NDArray[np.float32]:
        """Memory-map one of the run's .npy files."""
        try:
            array: NDArray[np.float32] = np.load(self.path / name, mmap_mode="r")
        except (OSError, ValueError) as error:
            raise RunError(f"{self.path / name} cannot be read ({error}); analyze again") from None
        return array

    def read_json(self, name: str) -> Any:
        """Read one of the run's JSON files."""
        return json.loads(self._bytes(name))

    def read_tensors(self, name: str) -> dict[str, NDArray[np.float32]]:
        """Read one of the run's safetensors files."""
        from safetensors.numpy import load

        tensors: dict[str, NDArray[np.float32]] = load(self._bytes(name))
        return tensors

    def _bytes(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            raise RunError(
                f"{self.path} has no {name}: the analysis has not come that far; "
                "run the same `wimhf analyze` again to finish it"
            ) from None
        except OSError as error:
            raise RunError(f"{self.path / name} cannot be read: {error.strerror}") from None

    # -- writing ---------------------------------------------------------------------------

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
        self.__dict__.pop("pair_table", None)
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

    def write_text(self, name: str, text: str) -> str:
        """Write a UTF-8 file; return its name."""
        return self._write(name, lambda stream: stream.write(text.encode()))

    def write_table(self, name: str, table: pl.DataFrame | pl.LazyFrame) -> str:
        """Write a Parquet file, a lazy table without holding it whole; return its name."""

        def fill(stream: IO[bytes]) -> None:
            if isinstance(table, pl.DataFrame):
                table.write_parquet(stream, compression="zstd")
            else:
                table.sink_parquet(stream, compression="zstd", row_group_size=ROW_GROUP)

        return self._write(name, fill)

    def write_json(self, name: str, value: Any) -> str:
        """Write strict JSON (NaN is refused); return its name."""
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        return self._write(name, lambda stream: stream.write(text.encode()))

    def write_array(self, name: str, array: NDArray[np.float32]) -> str:
        """Write a .npy file; return its name."""

        def fill(stream: IO[bytes]) -> None:
            # the body through `write`, which knows why it failed; numpy's own does not
            plain = np.ascontiguousarray(array)
            np.lib.format.write_array_header_1_0(
                stream, np.lib.format.header_data_from_array_1_0(plain)
            )
            stream.write(plain.data.cast("B"))

        return self._write(name, fill)

    def write_tensors(self, name: str, tensors: dict[str, NDArray[np.float32]]) -> str:
        """Write a safetensors file; return its name."""
        from safetensors.numpy import save

        return self._write(name, lambda stream: stream.write(save(tensors)))

    def _write(self, name: str, fill: Callable[[IO[bytes]], object]) -> str:
        write_atomically(self.path / name, fill)
        return name


def create_run(path: Path, config: Config) -> Run:
    """Return the run in a folder, made new or taken up where it stood, with these settings.

    Raises
    ------
    RunError
        If the folder holds something else, another source's run, or cannot be written.
    """
    try:
        if (path / MANIFEST).exists():
            run = open_run(path)
            before = run.config.read.source
            same = _same_source(run, before, config.read.source)
            if run.stages and not (same and run.config.read.also == config.read.also):
                raise RunError(
                    f"{path} holds the analysis of {before}; give another folder with --output, "
                    "or delete this one"
                )
            run.manifest |= {"config": config.to_dict(), "wimhf_version": __version__}
            return run
        if path.exists() and (not path.is_dir() or any(_visible(path))):
            raise RunError(f"{path} is not a run and not empty; give another folder with --output")
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"{path} cannot be written ({error.strerror}); give another folder with --output"
        ) from None
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "wimhf_version": __version__,
        "config": config.to_dict(),
        "stages": {},
    }
    return Run(path, manifest)


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
