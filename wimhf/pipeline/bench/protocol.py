"""The protocol: every kind, K and seed on the same pairs, each measured once and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from wimhf.base import Config, DictionaryConfig, Event, Progress, silent
from wimhf.errors import ConfigError, WimhfError
from wimhf.learn import KINDS, Encoder
from wimhf.pipeline.bench.data import BenchPairs, read_bench
from wimhf.pipeline.bench.kept import KeptCells
from wimhf.pipeline.bench.measure import BOOTSTRAP, DRAW_SEED, Cell, measure
from wimhf.pipeline.bench.table import BenchRow, rows_of
from wimhf.version import __version__

FEATURES, KS, SEEDS = 32, (4,), 5
FORM = 2
"""Of what is kept; another number measures everything anew."""


@dataclass(frozen=True)
class Asked:
    """What is compared.

    Attributes
    ----------
    kinds
        Names of kinds; the first is what the others are held against.
    features
        m, the same for all.
    ks
        Mean active features in a pair.
    seeds
        How many dictionaries of each.
    words
        Whether features are named, too.
    """

    kinds: tuple[str, ...] = ()
    features: int = FEATURES
    ks: tuple[int, ...] = KS
    seeds: int = SEEDS
    words: bool = True

    def __post_init__(self) -> None:
        unknown = sorted(set(self.kinds) - set(KINDS))
        if unknown:
            raise ConfigError(
                f"there is no dictionary {', '.join(unknown)}; --kinds knows {', '.join(KINDS)}"
            )
        if self.seeds < 1 or not self.ks or min(self.ks) < 1 or max(self.ks) > self.features:
            raise ConfigError(
                f"--seeds {self.seeds} and --k {','.join(map(str, self.ks))} must be at least 1, "
                f"and K at most --features {self.features}"
            )

    @property
    def named(self) -> tuple[str, ...]:
        """The kinds, all of them where none is asked for."""
        return self.kinds or tuple(KINDS)


@dataclass(frozen=True)
class Comparison:
    """What came out.

    Attributes
    ----------
    rows
        One for every kind and K, means over seeds.
    failed
        Kind, K and why, where one could not be trained.
    pairs, judged, dimensions
        Pairs of the source, those that AUCs are of, and the length of a vector.
    concepts
        How many concepts the vectors hold, which kinds are measured against.
    encoder
        What made the vectors.
    """

    rows: list[BenchRow]
    failed: list[tuple[str, int, str]]
    pairs: int
    judged: int
    dimensions: int
    concepts: int
    encoder: str

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain JSON types."""
        return asdict(self)


def compare_kinds(
    source: str | Path | Sequence[str | Path],
    folder: str | Path,
    asked: Asked | None = None,
    config: Config | None = None,
    *,
    beside: str | Path | None = None,
    encoder: Encoder | None = None,
    progress: Progress = silent,
) -> Comparison:
    """Hold kinds of dictionary against each other on one source.

    What was measured before in the folder is kept, so that a comparison can be made in pieces:
    a few kinds or seeds now, others later.

    Parameters
    ----------
    source
        As ``analyze`` takes it.
    folder
        Where vectors, counts and scores are kept.
    beside
        Other data; how well each dictionary tells it from the source is measured, too.
    encoder
        Your own encoder, in place of the one that the settings name.

    Raises
    ------
    WimhfError
        If the source or the settings do not do.
    """
    asked, config = asked or Asked(), config or Config()
    names = [str(source)] if isinstance(source, (str, Path)) else list(map(str, source))
    bench = read_bench(names, Path(folder), config, progress, encoder)
    key = ""
    if beside is not None:
        other = read_bench([str(beside)], Path(folder) / "beside", config, progress, encoder)
        # in one scale, so that data whose differences are larger lie apart by that, too
        values = np.asarray(other.judged.differences * np.float32(other.scale / bench.scale))
        bench, key = replace(bench, judged=replace(bench.judged, beside=values)), other.key
    cells, failed = _measured(bench, asked, config, key, progress)
    return Comparison(
        rows=list(rows_of(cells)),
        failed=[(kind, k, why) for (kind, k), why in failed.items()],
        pairs=len(bench.judged.differences),
        judged=0 if bench.labels is None else len(bench.labels.judged),
        dimensions=bench.judged.differences.shape[1],
        concepts=len(bench.judged.probes.concepts),
        encoder=bench.run.facts("embed")["encoder"],
    )


def _measured(
    bench: BenchPairs, asked: Asked, config: Config, beside: str, progress: Progress
) -> tuple[dict[tuple[str, int], list[Cell]], dict[tuple[str, int], str]]:
    """Return the cells of every kind and K, the first kind first, and why some have none."""
    cells: dict[tuple[str, int], list[Cell]] = {}
    failed: dict[tuple[str, int], str] = {}
    seeds = range(asked.seeds)
    plan = [(kind, k, seed) for seed in seeds for k in asked.ks for kind in asked.named]
    for number, (kind, k, seed) in enumerate(plan):
        if (kind, k) in failed:
            continue
        progress(Event("dictionaries", number, len(plan), unit="dictionaries"))
        try:
            cell = _cell(bench, kind, k, seed, asked, config, beside)
        except WimhfError as error:
            failed[kind, k] = str(error)
            message = f"{kind} at K = {k} is left out: {error}"
            progress(Event("dictionaries", message=message, level="warning"))
        else:
            cells.setdefault((kind, k), []).append(cell)
    return cells, failed


def _cell(
    bench: BenchPairs, kind: str, k: int, seed: int, asked: Asked, config: Config, beside: str
) -> Cell:
    """Return one dictionary's scores: what is kept of it, or measured now and kept."""
    own = replace(config.dictionary, features=asked.features, k=k, restarts=1)
    decides = {
        "form": FORM, "version": __version__, "pairs": bench.key, "beside": beside, "kind": kind,
        "seed": seed, "words": asked.words, "draws": [BOOTSTRAP, DRAW_SEED],
        "dictionary": _plain(own), "controls": list(config.preference.controls),
    }  # fmt: skip
    stamp = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]
    kept = KeptCells(bench.run)
    name = f"{kind}-m{asked.features}-k{k}-seed{seed}-{stamp}"
    cell = kept.read(name)
    if cell is None:
        cell = measure(bench, kind, own, seed, words=asked.words)
        kept.write(name, cell, decides)
    return cell


def _plain(config: DictionaryConfig) -> dict[str, object]:
    """Return what decides a dictionary; on which device it is trained does not."""
    return {name: value for name, value in asdict(config).items() if name not in ("device", "kind")}
