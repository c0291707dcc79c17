"""Runs as camps: the concepts that mean the same in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from wimhf.base import Floats, Floats32, Ints, Progress, silent
from wimhf.compare.camps import (
    CampFacts,
    Column,
    Gathered,
    made_camp,
    sought_in,
    source_labels,
)
from wimhf.compare.dictionary import encoded_runs
from wimhf.compare.shared import shared_runs
from wimhf.concepts import Concept
from wimhf.data import UNIT, pair_components
from wimhf.errors import RunError
from wimhf.run import CONCEPT, Run
from wimhf.stats import Camp, held_names


def run_camps(
    runs: Sequence[Run],
    names: Sequence[str],
    progress: Progress = silent,
    *,
    discovered: bool = False,
    shared: bool = False,
) -> Gathered:
    """Return runs as camps, with the concepts that any of them has as a feature.

    Parameters
    ----------
    discovered
        Whether what the first run's dictionary discovered is compared, too.
    shared
        Whether what one dictionary discovers that is learned on all of them is compared, too.

    Raises
    ------
    RunError
        If a run's labels say nothing, or the runs have no concept in common.
    """
    known = _concepts(runs)
    columns = tuple(Column(one.id, one.title, one.more, CONCEPT) for one in known.values())
    if not columns:
        raise RunError(f"{' and '.join(names)} have no concept that tells their responses apart")
    clusters, notes = _clusters(runs, names)
    extra: Sequence[Floats32 | None] = [None] * len(runs)
    if discovered or shared:
        encoded = (
            shared_runs(runs, names, clusters, progress) if shared else encoded_runs(runs, names)
        )
        columns, extra = (*columns, *encoded.columns), encoded.codes
        notes += encoded.notes
    parts = [
        _run_camp(run, name, known, cluster, codes)
        for run, name, cluster, codes in zip(runs, names, clusters, extra, strict=True)
    ]
    facts, camps, prevalence, reasons = zip(*parts, strict=True)
    held = {name: held_names(camp.held.names) for name, camp in zip(names, camps, strict=True)}
    if len({tuple(one) for one in held.values()}) > 1:
        said = "; ".join(f"{name}: {', '.join(one) or 'nothing'}" for name, one in held.items())
        notes.append(f"what is held constant differs ({said})")
    members = tuple(np.arange(len(run.pair_table)) for run in runs)
    found = tuple(codes for codes in extra if codes is not None)
    return Gathered("run", facts, columns, camps, prevalence, reasons, members, notes, found)


def _concepts(runs: Sequence[Run]) -> dict[str, Concept]:
    """Return the concepts that are features of any run, by their ids."""
    known: dict[str, Concept] = {}
    for run in runs:
        for one in run.concepts.features:
            if not one.concept.learned:
                known.setdefault(one.concept.id, one.concept)
    return known


def _run_camp(
    run: Run,
    name: str,
    known: Mapping[str, Concept],
    cluster: Ints,
    codes: Floats32 | None,
) -> tuple[CampFacts, Camp, Floats, dict[int, str]]:
    n = len(run.pair_table)
    columns, scale = np.zeros((n, len(known)), dtype=np.float32), np.ones(len(known))
    reasons: dict[int, str] = {}
    numbers = run.concept_numbers
    counted = {one.concept.id: one for one in run.concepts.counted}
    for place, concept in enumerate(known.values()):
        own = counted.get(concept.id)
        if own is None or own.concept.learned:
            reasons[place] = "not among the concepts that were counted"
        elif sought_in(own.concept) != sought_in(concept):
            reasons[place] = "counted in another way than in the others; analyze it again"
        elif concept.id not in numbers:
            reasons[place] = own.reason or "no feature"
        else:
            columns[:, place] = run.sparse_codes.column(numbers[concept.id])
            scale[place] = own.scale
    if codes is not None:
        columns = np.hstack([columns, codes])
        scale = np.concatenate([scale, np.ones(codes.shape[1])])
    labels = source_labels(run.pair_table)
    camp = made_camp(run, name, columns, labels, scale, cluster)
    facts = CampFacts(name, str(run.path), n, len(camp.cluster))
    return facts, camp, (columns != 0).mean(axis=0), reasons


def same_concepts(one: Run, two: Run) -> list[str]:
    """Return the concepts that are features of both runs, are counted alike and have an effect.

    The effect is that of the first; no such concept is refused.

    Raises
    ------
    RunError
        If there is none.
    """
    other = {own.concept.id: own.concept for own in two.concepts.features}
    table = one.features_as_found.filter(pl.col("effect").is_not_null())
    known = set(table["id"].drop_nulls())
    found = [
        own.concept.id
        for own in one.concepts.features
        if own.concept.id in known and not own.concept.learned and own.concept.id in other
        and sought_in(own.concept) == sought_in(other[own.concept.id])
    ]  # fmt: skip
    if not found:
        raise RunError(f"{one.path} and {two.path} have no concept in common")
    return found


def _clusters(runs: Sequence[Run], names: Sequence[str]) -> tuple[list[Ints], list[str]]:
    """Give clusters numbers across runs; pairs of two runs that share texts hang together."""
    wanted = ("pair_id", "prompt", "response_a", "response_b")
    tables = [run.pair_table.select(wanted) for run in runs]
    if not _share_texts(tables):
        own = [run.pair_table["component"].to_numpy() for run in runs]
        start = np.cumsum([0, *(int(one.max()) + 1 for one in own)])
        return [one + at for one, at in zip(own, start, strict=False)], []
    together, _ = pair_components(pl.concat(tables))
    ends = np.cumsum([len(table) for table in tables])
    return list(np.split(together, ends[:-1])), _repeats(tables, names)


def _share_texts(tables: Sequence[pl.DataFrame]) -> bool:
    seen: set[str] = set()
    for table in tables:
        own = {text for name in ("prompt", "response_a", "response_b") for text in table[name]}
        own.discard("")
        if own & seen:
            return True
        seen |= own
    return False


def _repeats(tables: Sequence[pl.DataFrame], names: Sequence[str]) -> list[str]:
    """Say which runs hold the same pairs."""
    own = [set(table["pair_id"].str.head(UNIT)) for table in tables]
    notes = []
    for j in range(len(own)):
        for i in range(j):
            both = len(own[i] & own[j])
            if both == len(own[i]) == len(own[j]):
                notes.append(f"{names[i]} and {names[j]} hold the same {both:,} pairs")
            elif both:
                notes.append(f"{names[i]} and {names[j]} have {both:,} pairs in common")
    return notes
