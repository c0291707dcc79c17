"""The run folder: manifest, hashes, atomic writes, resume. Nothing else writes there."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Config, Floats32, expanded, file_hash
from wimhf.errors import RunError
from wimhf.run.history import History, replayed
from wimhf.run.log import EditLog
from wimhf.run.manifest import MANIFEST, StagedFolder
from wimhf.run.overrides import merges, overrides_of, owned_features, poles_of
from wimhf.version import __version__

SCHEMA_VERSION = 1


class Run(StagedFolder):
    """One analysis on disk.

    Open one with ``wimhf.open_run(folder)`` or make one with ``wimhf.analyze(source)``.
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        super().__init__(path, manifest)
        self.edits = EditLog(path)
        self._features: tuple[object, pl.DataFrame] | None = None

    def __repr__(self) -> str:
        done = [name for name, stage in self.stages.items() if stage["status"] == "done"]
        return f"Run({str(self.path)!r}, done={done})"

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
    def features_as_found(self) -> pl.DataFrame:
        """One row per feature as the analysis left it, whatever people said of it since."""
        self._require("preference")
        return self.read_table("features.parquet")

    @property
    def features(self) -> pl.DataFrame:
        """One row per feature: description, fidelity, prevalence, effect, intervals.

        Signs are in the described pole: a positive effect rewards what the description says.
        Names, mutes, merges and the like are people's, where they have edited the run.
        """
        self._require("preference")
        known = (self.stages["preference"]["outputs"]["features.parquet"]["sha256"], self.edited)
        if self._features is None or self._features[0] != known:
            self._features = (known, self._owned())
        return self._features[1]

    @property
    def said(self) -> dict[int, dict[str, Any]]:
        """What people say of features, by number."""
        return overrides_of(self.history.active, self.dictionary)

    @property
    def poles(self) -> dict[int, int]:
        """The pole in which every feature counts, merged ones included."""
        return poles_of(self.features_as_found, self.said)

    def _owned(self) -> pl.DataFrame:
        found = self.features_as_found
        said = self.said
        table = owned_features(found, said)
        if not merges(said):
            return table
        from wimhf.data import control_columns
        from wimhf.run.merged import with_merges

        poles = poles_of(found, said)
        pairs = self.pair_table
        rows = self.read_table("source.parquet")
        controls = control_columns(pairs, rows, self.config.preference.controls)
        return with_merges(table, self.codes(), poles, pairs, controls)

    @property
    def subset_effects(self) -> pl.DataFrame:
        """Effects within subsets, with all signs in the described pole."""
        table = self.read_table("subset_effects.parquet")
        features = self.features
        alone = features.filter(pl.col("members").list.len() == 0)["feature"]
        table = table.filter(pl.col("feature").is_in(alone.implode()))
        turned = features.filter("flipped")["feature"].to_list()
        sign = pl.when(pl.col("feature").is_in(turned)).then(-1.0).otherwise(1.0)
        negated = {name: sign * pl.col(name) for name in ("beta", "effect")}
        low, high = pl.col("effect_low"), pl.col("effect_high")
        negated |= {
            "effect_low": pl.when(sign < 0).then(-high).otherwise(low),
            "effect_high": pl.when(sign < 0).then(-low).otherwise(high),
        }
        return table.with_columns(**negated) if turned else table

    @property
    def dictionary(self) -> str:
        """The hash of the dictionary: what numbers of features belong to."""
        outputs: dict[str, Any] = self.stages.get("dictionary", {}).get("outputs", {})
        return str(outputs.get("dictionary.safetensors", {}).get("sha256", ""))[:16]

    @property
    def history(self) -> History:
        """What the edit log amounts to now."""
        return replayed(self.edits.edits())

    @property
    def edited(self) -> tuple[int, ...]:
        """The numbers of the edits in force: what an edited state is known by."""
        return tuple(sorted(self.history.numbers))

    @property
    def preference(self) -> dict[str, Any]:
        """AUCs and baselines with intervals, counts of labels, controls, alerts."""
        self._require("preference")
        summary: dict[str, Any] = json.loads(self._bytes("preference.json"))
        shown = self.features.filter(~pl.col("muted"))
        heads = {
            m: f for f, own in shown.select("feature", "members").iter_rows() for m in (f, *own)
        }
        heads |= {None: None}
        summary["alerts"] = [
            alert | {"feature": heads[alert["feature"]]}
            for alert in summary.get("alerts", [])
            if alert["feature"] in heads
        ]
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
        codes = self.code(feature)
        a_has_more = pl.col("value") > 0
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

    def code(self, feature: int) -> pl.DataFrame:
        """Return a feature's code as pair (row) and value, in its described pole.

        Of a feature that others are merged into it is that of all together; zeros are left out.
        """
        from wimhf.run.merged import oriented_codes

        table = self.features.filter(pl.col("feature") == feature)
        if table.is_empty():
            raise RunError(f"feature {feature} is not among the run's {len(self.features)}")
        whole = [feature, *table["members"].item()]
        saved = pl.scan_parquet(self.path / "codes.parquet")
        return oriented_codes(saved, self.poles, whole, self.facts("dictionary")["shape"][0])

    def codes(self) -> Floats32:
        """Return the signed codes (n, m) as the dictionary gives them (poles not applied)."""
        table = self.read_table("codes.parquet")
        shape = self.facts("dictionary")["shape"]
        dense = np.zeros(shape, dtype=np.float32)
        dense[table["pair"].to_numpy(), table["feature"].to_numpy()] = table["value"].to_numpy()
        return dense

    def forget(self) -> None:
        """Forget what was read from files that a stage has written anew."""
        self.__dict__.pop("pair_table", None)


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
