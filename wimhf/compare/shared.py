"""One dictionary learned on as many pairs of every run, so that none is a guest in another's."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from wimhf.base import (
    Event,
    Floats,
    Floats32,
    Ints,
    KeyValueCache,
    Progress,
    Stream,
    cache_folder,
    stream,
)
from wimhf.compare.camps import Column, sought_in
from wimhf.compare.dictionary import FAR, Encoded, check_encoder, far_notes
from wimhf.concepts import Concept
from wimhf.describe import Known, describe_features
from wimhf.errors import ConfigError, EstimationError, RunError
from wimhf.learn import Dictionary
from wimhf.run import DISCOVERED, Run, difference_of
from wimhf.version import __version__

SPLITS = ("fit", "select", "test")
FILE = "shared_dictionaries.db"


@dataclass(frozen=True)
class _Learned:
    """A dictionary, and per feature its pole and words."""

    dictionary: Dictionary
    names: list[dict[str, object]]


def shared_runs(
    runs: Sequence[Run], names: Sequence[str], clusters: Sequence[Ints], progress: Progress
) -> Encoded:
    """Learn one dictionary on a balanced union of runs, and apply it to all of them.

    As many pairs of every run are drawn as the smallest has in a split; what shares a prompt or a
    response with another run's pairs of another split is left out. Its features are named as an
    analysis names them, by the concepts that all of the runs count alike and by words. The result
    is kept in the user's cache.

    Parameters
    ----------
    clusters
        Per run (n,) numbers of what hangs together, across runs.

    Raises
    ------
    ConfigError
        If the runs' vectors are not of one encoder, or the first run's kind of dictionary learns
        from more than differences.
    RunError
        If a run has too few pairs to learn from.
    """
    for run, name in zip(runs[1:], names[1:], strict=True):
        check_encoder(runs[0], names[0], run, name)
    from wimhf.learn import KINDS  # torch comes with it

    kind = runs[0].config.dictionary.kind
    if KINDS[kind].needs_more:
        raise ConfigError(
            f"the dictionary of {names[0]} is of kind {kind}, which learns from more than "
            "differences and cannot be shared; analyze it with another --dictionary, or compare "
            "what the first run discovered"
        )
    measured = [difference_of(run) for run in runs]
    values = [one.values * np.float32(one.scale / measured[0].scale) for one in measured]
    drawn = _balanced(runs, clusters)
    learned = _kept(runs, names, values, drawn, clusters, progress)
    poles = np.array([one["pole"] for one in learned.names], dtype=np.float32)
    codes, seen = [], []
    for own in values:
        found = learned.dictionary.encode(own)
        residual = np.linalg.norm(own - learned.dictionary.decode(found), axis=1)
        seen.append((residual.astype(np.float64), float((found != 0).sum(axis=1).mean())))
        codes.append(np.asarray(found * poles, dtype=np.float32))
    columns = tuple(_column(number, one) for number, one in enumerate(learned.names))
    return Encoded(columns, tuple(codes), _far_from_nearest(names, seen, drawn))


def _far_from_nearest(
    names: Sequence[str],
    seen: Sequence[tuple[Floats, float]],
    drawn: Sequence[Mapping[str, Ints]],
) -> list[str]:
    """Warn of runs that the dictionary writes worse than the one that it writes best.

    All were trained on, so what is usual can only be what is usual in one of them.
    """
    ends = [
        float(np.quantile(residual[own["test"]], FAR)) if len(own["test"]) else np.inf
        for (residual, _), own in zip(seen, drawn, strict=True)
    ]
    best = int(np.argmin(ends))
    others = [at for at in range(len(names)) if at != best]
    return far_notes(
        "the shared dictionary", f"the held-out pairs of {names[best]}", seen[best][1],
        [names[at] for at in others], [seen[at] for at in others], ends[best],
    )  # fmt: skip


def _balanced(runs: Sequence[Run], clusters: Sequence[Ints]) -> list[dict[str, Ints]]:
    """Return per run and split as many rows as the run with the fewest has."""
    first: dict[int, str] = {}
    free: list[dict[str, Ints]] = []
    for run, cluster in zip(runs, clusters, strict=True):
        split = run.pair_table["split"].to_list()
        own = [first.setdefault(c, s) == s for c, s in zip(cluster.tolist(), split, strict=True)]
        kept, named = np.array(own), np.array(split)
        free.append({name: np.flatnonzero(kept & (named == name)) for name in SPLITS})
    drawn: list[dict[str, Ints]] = [{} for _ in runs]
    rng = stream(runs[0].config.seed, Stream.SHARED_DICTIONARY)
    for name in SPLITS:
        count = min(len(one[name]) for one in free)
        for place, one in enumerate(free):
            drawn[place][name] = np.sort(rng.permutation(one[name])[:count])
    return drawn


def _kept(
    runs: Sequence[Run],
    names: Sequence[str],
    values: Sequence[Floats32],
    drawn: Sequence[Mapping[str, Ints]],
    clusters: Sequence[Ints],
    progress: Progress,
) -> _Learned:
    """Return what was learned of these runs before, or learn it and keep it."""
    key = _key(runs)
    with KeyValueCache(
        cache_folder() / FILE, bytes, "dictionary", "the cache of dictionaries", RunError
    ) as cache:
        known = cache.get([key]).get(key)
        found = None if known is None else _unpacked(known)
        if found is None:
            progress(Event("compare", message=f"one dictionary for {' and '.join(names)}"))
            learned = _learn(runs, values, drawn, clusters, progress)
            cache.put({key: _packed(learned)})
            return learned
    return found


def _key(runs: Sequence[Run]) -> bytes:
    config = runs[0].config
    decides = [
        __version__, config.seed, asdict(config.dictionary), asdict(config.describe),
        [
            [run.manifest.sha256(stage, name) for stage, name in (
                ("embed", "embeddings.npy"), ("embed", "pair_texts.parquet"),
                ("read", "pairs.parquet"), ("concepts", "concepts.json"),
                ("concepts", "concepts.parquet"),
            )]
            for run in runs
        ],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(decides, sort_keys=True, default=str).encode()).digest()


def _packed(learned: _Learned) -> bytes:
    held = io.BytesIO()
    told = {"kind": learned.dictionary.kind, "names": learned.names}
    said = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
    np.savez(held, said=said, allow_pickle=False, **learned.dictionary.tensors())
    return held.getvalue()


def _unpacked(blob: bytes) -> _Learned | None:
    """Return what was kept; None where it is damaged and has to be learned again."""
    from wimhf.learn import load_kind  # torch comes with it

    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as held:
            said = json.loads(held["said"].tobytes())
            tensors = {name: held[name] for name in held.files if name != "said"}
        return _Learned(load_kind(said["kind"], tensors), said["names"])
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, RunError):
        return None


def _learn(
    runs: Sequence[Run],
    values: Sequence[Floats32],
    drawn: Sequence[Mapping[str, Ints]],
    clusters: Sequence[Ints],
    progress: Progress,
) -> _Learned:
    from wimhf.learn import KindData, train_kind  # torch comes with it

    config = runs[0].config

    def together(split: str) -> Floats32:
        parts = [own[one[split]] for own, one in zip(values, drawn, strict=True)]
        return np.concatenate(parts)

    try:
        data = KindData.of_differences(together("fit"), together("select"))
        kind = config.dictionary.kind
        training = train_kind(kind, data, config.dictionary, config.seed, progress)
    except EstimationError as error:
        raise RunError(f"no dictionary can be shared: {error}") from None
    rows = [np.concatenate([one[name] for name in SPLITS]) for one in drawn]
    split = np.concatenate([np.repeat(SPLITS, [len(one[name]) for name in SPLITS])
                            for one in drawn])  # fmt: skip
    codes = training.dictionary.encode(
        np.concatenate([own[at] for own, at in zip(values, rows, strict=True)])
    )
    component = np.concatenate([own[at] for own, at in zip(clusters, rows, strict=True)])
    return _Learned(training.dictionary, _named(runs, rows, codes, split, component, progress))


def _named(
    runs: Sequence[Run],
    rows: Sequence[Ints],
    codes: Floats32,
    split: NDArray[np.str_],
    component: Ints,
    progress: Progress,
) -> list[dict[str, object]]:
    tables = [run.pair_table[at.tolist()] for run, at in zip(runs, rows, strict=True)]
    a, b = ([text for one in tables for text in one[side]] for side in ("response_a", "response_b"))
    config = runs[0].config
    table = describe_features(
        (a, b), _known(runs, rows), codes, split, component, config.describe,
        stream(config.seed, Stream.SHARED_DICTIONARY), progress,
    ).table  # fmt: skip
    won = table.filter(pl.col("won")).sort("feature")
    return won.select("feature", "description", "pole", "understood").to_dicts()


def _known(runs: Sequence[Run], rows: Sequence[Ints]) -> Known:
    """Return the concepts that all runs count alike, and their odd values in the drawn pairs."""
    counted = [run.concept_columns() for run in runs]
    places = [{one.id: at for at, one in enumerate(concepts)} for concepts, _ in counted]
    shared: list[Concept] = [
        one for one in counted[0][0]
        if all(
            one.id in place and sought_in(concepts[place[one.id]]) == sought_in(one)
            for place, (concepts, _) in zip(places, counted, strict=True)
        )
    ]  # fmt: skip
    parts = [
        sparse.csc_array(odd[:, [place[one.id] for one in shared]])[at]
        for (_, odd), place, at in zip(counted, places, rows, strict=True)
    ]
    return Known(shared, sparse.csc_array(sparse.vstack(parts)))


def _column(number: int, one: Mapping[str, object]) -> Column:
    description = one["description"]
    understood = bool(one["understood"]) and isinstance(description, str)
    title = str(description).split("; ")[0] if understood else f"shared feature {number}"
    said = description if isinstance(description, str) else None
    return Column(f"shared_{number}", title, said, DISCOVERED, number, understood)
