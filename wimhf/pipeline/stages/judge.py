"""More asked of a language model about the descriptions that won, whoever wrote them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from wimhf.base import LLM_SCORES, Event, Stream, stream
from wimhf.describe import (
    Allowance,
    ChatServer,
    HeldOut,
    Score,
    Subject,
    detection_scores,
    fuzzing_scores,
)
from wimhf.errors import EncoderError
from wimhf.learn import cache_folder
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext
from wimhf.pipeline.stages.llm import texts_of, unpaced
from wimhf.run import code_of, encoder_of

SCORE_COLUMNS: dict[str, pl.DataType] = {"feature": pl.Int64(), "description": pl.String()} | {
    f"{score}{end}": kind
    for score in LLM_SCORES
    for end, kind in {
        "": pl.Float64(), "_low": pl.Float64(), "_high": pl.Float64(), "_pairs": pl.Int64(),
        "_asked": pl.Int64(), "_missing": pl.Int64(), "_reason": pl.String(),
    }.items()
}  # fmt: skip


def judge(context: StageContext) -> Result:
    """Score every feature's description on held-out pairs, if scores are asked for.

    The budget is what the language model's stage was allowed, less what it spent; a model that
    failed there is not asked again.

    Raises
    ------
    ServerError
        If the server fails too often or the budget is spent; what was answered is kept.
    """
    config, told = context.config.llm, context.run.facts("llm")
    if config.model is None or not config.scores or told.get("model") is None:
        return [], {"model": None}
    allowed = Allowance(**told["allowed"]).less(told["calls"], told["dollars"])
    subjects = _subjects(context)
    server = ChatServer(config, cache_folder(), allowed)
    try:
        found = _scores(context, subjects, server)
    finally:
        server.close()
    rows: list[dict[str, Any]] = [
        {"feature": one.feature, "description": one.sentence} for one in subjects
    ]
    for name, scores in found.items():
        for row, score in zip(rows, scores, strict=True):
            row |= _columns(name, score)
    facts = {
        "model": config.model, "server": server.address, "failed": server.failed,
        "scores": sorted(found),
    }  # fmt: skip
    table = pl.DataFrame(rows, schema=SCORE_COLUMNS)
    return [context.run.folder.write_table("scores.parquet", table)], facts | server.purse.spent()


def _scores(
    context: StageContext, subjects: list[Subject], server: ChatServer
) -> dict[str, list[Score]]:
    """Return the scores that are asked for, one for every subject, by their name."""
    run, pairs, config = context.run, context.run.pair_table, context.config.llm
    held = HeldOut(
        texts_of(pairs),
        run.codes().astype(np.float64),
        np.flatnonzero(pairs["split"].to_numpy() == "test"),
        pairs["component"].to_numpy(),
    )
    rngs = stream(context.config.seed, Stream.MODEL_SCORES).spawn(2)
    found: dict[str, list[Score]] = {}
    if "detection" in config.scores:
        found["detection"] = detection_scores(
            subjects, held, server, config, rngs[0], context.progress
        )
    if "fuzzing" in config.scores:
        try:
            codes = code_of(run, encoder_of(run, context.encoder))
        except EncoderError as error:
            message = f"fuzzing is left out: {error}"
            context.progress(Event("judge", message=message, level="warning"))
            found["fuzzing"] = [Score(reason=str(error)) for _ in subjects]
        else:
            found["fuzzing"] = fuzzing_scores(
                subjects, held, codes, server, config, rngs[1], context.progress
            )
    return found


def _subjects(context: StageContext) -> list[Subject]:
    """Return the descriptions that won, of features that have one."""
    won = context.run.folder.read_table("descriptions.parquet").filter("won").sort("feature")
    return [
        Subject(feature, sentence, pole)
        for feature, sentence, pole in won.select("feature", "description", "pole").iter_rows()
        if sentence
    ]


def _columns(name: str, score: Score) -> dict[str, Any]:
    return {
        name: score.accuracy.value, f"{name}_low": score.accuracy.low,
        f"{name}_high": score.accuracy.high, f"{name}_pairs": score.pairs,
        f"{name}_asked": score.asked, f"{name}_missing": score.missing,
        f"{name}_reason": score.reason,
    }  # fmt: skip


def judge_settings(context: StageContext) -> Settings:
    """Return what changes the scores of descriptions."""
    config = context.config.llm
    if config.model is None or not config.scores:
        return {}
    return unpaced(config) | {"seed": context.config.seed}


STAGE = Stage("judge", "", judge, ("read", "embed", "dictionary", "llm", "name"), judge_settings)
