"""More asked of a language model about the descriptions that won, whoever wrote them."""

from __future__ import annotations

import numpy as np

from wimhf.base import Event, Stream, cache_folder, stream
from wimhf.describe import (
    Allowance,
    ChatServer,
    HeldOut,
    Score,
    Subject,
    Texts,
    detection_scores,
    fuzzing_scores,
    score_table,
)
from wimhf.errors import EncoderError
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
    if config.model is None or not config.scores or described.get("model") is None:
        return [], {"model": None}
    allowed = Allowance(**described["allowed"]).less(described["calls"], described["dollars"])
    subjects = _subjects(context)
    with ChatServer(config, cache_folder(), allowed) as server:
        scores = _scores(context, subjects, server)
    facts = {
        "model": config.model, "server": server.address, "failed": server.failed,
        "scores": sorted(scores),
    }  # fmt: skip
    table = score_table(subjects, scores)
    return [context.run.folder.write_table("scores.parquet", table)], facts | server.purse.spent()


def _scores(
    context: StageContext, subjects: list[Subject], server: ChatServer
) -> dict[str, list[Score]]:
    """Return the scores that are asked for, one for every subject, by their name."""
    run, pairs, config = context.run, context.run.pair_table, context.config.llm
    held = HeldOut(
        Texts.of(pairs),
        run.discovered_codes().dense().astype(np.float64),
        np.flatnonzero(pairs["split"].to_numpy() == "test"),
        pairs["component"].to_numpy(),
    )
    rngs = stream(context.config.seed, Stream.MODEL_SCORES).spawn(2)
    scores: dict[str, list[Score]] = {}
    if "detection" in config.scores:
        scores["detection"] = detection_scores(
            subjects, held, server, config, rngs[0], context.progress
        )
    if "fuzzing" in config.scores:
        try:
            codes = code_of(run, encoder_of(run, context.encoder))
        except EncoderError as error:
            message = f"fuzzing is left out: {error}"
            context.progress(Event("judge", message=message, level="warning"))
            scores["fuzzing"] = [Score(reason=str(error)) for _ in subjects]
        else:
            scores["fuzzing"] = fuzzing_scores(
                subjects, held, codes, server, config, rngs[1], context.progress
            )
    return scores


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
    if config.model is None or not config.scores:
        return {}
    return unpaced(config) | {"seed": context.config.seed}


STAGE = Stage("judge", "", judge, ("read", "embed", "dictionary", "llm", "name"), judge_settings)
