"""Dividing the pairs into subsets whose preferences are compared."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import polars as pl

from wimhf.base import Event, Floats32, Mask, Stream, stream
from wimhf.data import MIN_PAIRS, asked_of, cluster_prompts, column_subsets, value_subsets
from wimhf.describe import describe_groups
from wimhf.learn import choose_encoder, embed_texts, resolve_device
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext, own_settings
from wimhf.pipeline.stages.embed import embed_settings
from wimhf.run import ASKED, Run
from wimhf.stats import Subsets, no_subsets

OTHER = "asks for something else"
SHOWN = 60


def subsets(context: StageContext) -> Result:
    """Divide the pairs by a column or by what their prompts are about."""
    found = _divided(context)
    chosen = context.config.subsets.by not in ("auto", "none")
    for note in found.notes:
        context.progress(Event("subsets", message=note, level="warning" if chosen else "info"))
    if found.reason is None:
        by = "type of prompt" if found.by == "asked" else found.by
        message = f"{len(found.names)} subsets by {by}"
        context.progress(Event("subsets", message=message))
    elif chosen:
        message = f"effects are not compared between subsets: {found.reason}"
        context.progress(Event("subsets", message=message, level="warning"))
    facts = {"by": found.by, "names": found.names, "reason": found.reason, "notes": found.notes}
    outputs = [
        context.run.folder.write_table("subsets.parquet", pl.DataFrame({"subset": found.member})),
        context.run.folder.write_json("subsets.json", facts),
    ]
    return outputs, facts


def _divided(context: StageContext) -> Subsets:
    pairs, by = context.run.pair_table, context.config.subsets.by
    if by == "none":
        return no_subsets(len(pairs), "not asked for")
    if by not in ("auto", "asked", "prompts"):
        return column_subsets(pairs, context.run.folder.read_table("source.parquet"), by)
    if by == "auto" and "subset" in pairs.columns:
        found = column_subsets(pairs, context.run.folder.read_table("source.parquet"), "subset")
        if found.reason is None:
            return found
    if by in ("auto", "asked"):
        return value_subsets(_asked(context.run), "asked", "types of prompt")
    asked = asked_of(pairs)[1]
    prompts = sorted({text for text in asked if text.strip()})
    if len(prompts) < 2 * MIN_PAIRS:
        reason = f"{len(prompts)} different prompts are too few to be grouped"
        return no_subsets(len(pairs), reason, "prompts")
    return _by_prompt(context, asked, prompts)


def _asked(run: Run) -> list[str | None]:
    """Return what is asked in every pair: the first concept of the prompt that holds."""
    concepts = [concept for concept, _ in run.concepts.asked]
    first = np.full(len(run.pair_table), len(concepts))
    table = run.table(ASKED)
    np.minimum.at(first, table["pair"].to_numpy(), table["concept"].to_numpy())
    return [concepts[at].more if at < len(concepts) else OTHER for at in first.tolist()]


def _by_prompt(context: StageContext, asked: list[str], prompts: list[str]) -> Subsets:
    config = context.config
    context.progress(Event("subsets", message=f"grouping {len(prompts):,} prompts"))
    encoder = context.encoder or choose_encoder(
        config.embed, len(prompts), str(resolve_device(config.embed.device)), context.progress
    )
    vectors = embed_texts(prompts, encoder, config.embed, context.progress)
    rng = stream(config.seed, Stream.PROMPT_CLUSTERS)
    cluster = cluster_prompts(vectors, config.subsets.clusters, rng)
    named = describe_groups(prompts, cluster, config.describe, rng)
    central = [_central(prompts, vectors, cluster == i) for i in range(len(named))]
    names = [
        f"{group.sentence}, like “{like}”" if group.understood else f"like “{like}”"
        for group, like in zip(named, central, strict=True)
    ]
    number = dict(zip(prompts, cluster.tolist(), strict=True))
    member = np.array([number.get(prompt, -1) for prompt in asked], dtype=np.int64)
    return Subsets("prompts", [_numbered(n, names, i) for i, n in enumerate(names)], member)


def _central(prompts: list[str], vectors: Floats32, inside: Mask) -> str:
    """Return the beginning of the prompt nearest to a cluster's centre."""
    rows = np.flatnonzero(inside)
    centre = vectors[rows].mean(axis=0)
    nearest = rows[int(np.argmin(np.square(vectors[rows] - centre).sum(axis=1)))]
    text = " ".join(prompts[nearest].split())
    text = text.rstrip(".… ")
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()}…"


def _numbered(name: str, names: list[str], place: int) -> str:
    """Tell apart groups of the same name."""
    return name if names.count(name) == 1 else f"{name} ({names[: place + 1].count(name)})"


def subset_settings(context: StageContext) -> Settings:
    """Return what changes subsets; how prompts are embedded only where they may be."""
    own = own_settings("subsets")(context)
    if context.config.subsets.by == "prompts":
        own |= {"embed": embed_settings(context), "describe": asdict(context.config.describe)}
    return own


STAGE = Stage("subsets", "", subsets, ("read", "concepts", "embed"), subset_settings)
