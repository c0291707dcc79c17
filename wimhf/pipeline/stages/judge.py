"""More scores of the descriptions that won, whoever wrote them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.base import LLM_SCORES, OFFLINE_SCORES, Event, Floats32, Stream, cache_folder, stream
from wimhf.describe import (
    Allowance,
    ChatServer,
    HeldOut,
    Score,
    Subject,
    Texts,
    detection_scores,
    embedding_scores,
    fuzzing_scores,
    intervention_scores,
    score_table,
    surprisal_scores,
)
from wimhf.errors import EncoderError
from wimhf.learn import choose_encoder, embed_pairs, resolve_device
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext
from wimhf.pipeline.stages.llm import unpaced
from wimhf.run import code_of, encoder_of


def judge(context: StageContext) -> Result:
    """Score every feature's description on held-out pairs, if scores are asked for.

    The budget is what the language model's stage was allowed, less what it spent; a model that
    failed there is not asked again.

    Raises
    ------
    ServerError
        If the server fails too often or the budget is spent; what was answered is kept.
    """
    config, described = context.config.llm, context.run.facts("llm")
    model = config.model if described.get("model") is not None else None
    asked = [name for name in config.scores if model is not None or name in OFFLINE_SCORES]
    if not asked:
        return [], {"model": None}
    subjects, held = _subjects(context), _held_out(context)
    scores: dict[str, list[Score]] = {}
    facts: dict[str, object] = {"model": model, "failed": 0}
    if "embedding" in asked:
        scores["embedding"] = _by_another_encoder(context, subjects, held)
    if set(asked) - set(OFFLINE_SCORES):
        allowed = Allowance(**described["allowed"]).less(described["calls"], described["dollars"])
        with ChatServer(config, cache_folder(), allowed) as server:
            scores |= _by_the_model(context, subjects, held, server)
        facts |= {"server": server.address, "failed": server.failed} | server.purse.spent()
    table = score_table(subjects, scores)
    outputs = [context.run.folder.write_table("scores.parquet", table)]
    return outputs, facts | {"scores": sorted(scores)}


def _held_out(context: StageContext) -> HeldOut:
    run, pairs = context.run, context.run.pair_table
    return HeldOut(
        Texts.of(pairs),
        run.discovered_codes().dense().astype(np.float64),
        np.flatnonzero(pairs["split"].to_numpy() == "test"),
        pairs["component"].to_numpy(),
    )


def _by_the_model(
    context: StageContext, subjects: list[Subject], held: HeldOut, server: ChatServer
) -> dict[str, list[Score]]:
    """Return the language model's scores that are asked for, one for every subject."""
    run, config, progress = context.run, context.config.llm, context.progress
    rngs = dict(zip(LLM_SCORES, _streams(context), strict=False))
    scores: dict[str, list[Score]] = {}
    if "detection" in config.scores:
        scores["detection"] = detection_scores(
            subjects, held, server, config, rngs["detection"], progress
        )
    if "surprisal" in config.scores:
        scores["surprisal"] = surprisal_scores(
            subjects, held, server, config, rngs["surprisal"], progress
        )
    coded = {"fuzzing": fuzzing_scores, "intervention": intervention_scores}
    wanted = [name for name in coded if name in config.scores]
    if not wanted:
        return scores
    try:
        codes = code_of(run, encoder_of(run, context.encoder))
    except EncoderError as error:
        for name in wanted:
            scores[name] = _left_out(context, name, error, subjects)
        return scores
    for name in wanted:
        scores[name] = coded[name](subjects, held, codes, server, config, rngs[name], progress)
    return scores


def _by_another_encoder(
    context: StageContext, subjects: list[Subject], held: HeldOut
) -> list[Score]:
    """Return the scores by an encoder that is not the run's own."""
    config, own = context.config, context.run.facts("embed")["encoder"]
    other = config.llm.second_encoder or ("fast" if own == "minilm" else "minilm")
    embed = replace(config.embed, encoder=other, embeddings=None, template="{response}")

    def vectors_of(texts: list[str]) -> Floats32:
        frame = pl.DataFrame({"prompt": [""] * len(texts), "response_a": texts})
        pairs = frame.with_columns(response_b="response_a")
        encoder = choose_encoder(embed, len(texts), str(resolve_device(embed.device)))
        found = embed_pairs(pairs, encoder, embed, context.progress)
        vectors = np.asarray(found.vectors[found.text_a], dtype=np.float32)
        size = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Floats32 = vectors / np.maximum(size, np.finfo(np.float32).tiny)
        return unit

    try:
        pairs = config.llm.score_pairs
        return embedding_scores(subjects, held, vectors_of, pairs, _streams(context)[-1])
    except EncoderError as error:
        return _left_out(context, "embedding", error, subjects)


def _streams(context: StageContext) -> list[np.random.Generator]:
    return stream(context.config.seed, Stream.MODEL_SCORES).spawn(len(LLM_SCORES) + 1)


def _left_out(
    context: StageContext, name: str, error: Exception, subjects: list[Subject]
) -> list[Score]:
    message = f"{name} is left out: {error}"
    context.progress(Event("judge", message=message, level="warning"))
    return [Score(reason=str(error)) for _ in subjects]


def _subjects(context: StageContext) -> list[Subject]:
    """Return the descriptions that won, of features that have one."""
    won = context.run.folder.read_table("descriptions.parquet").filter("won").sort("feature")
    return [
        Subject(feature, sentence, pole)
        for feature, sentence, pole in won.select("feature", "description", "pole").iter_rows()
        if sentence
    ]


def judge_settings(context: StageContext) -> Settings:
    """Return what changes the scores of descriptions."""
    config = context.config.llm
    offline = set(config.scores) & set(OFFLINE_SCORES)
    if not config.scores or (config.model is None and not offline):
        return {}
    return unpaced(config) | {"seed": context.config.seed}


STAGE = Stage("judge", "", judge, ("read", "embed", "dictionary", "llm", "name"), judge_settings)
