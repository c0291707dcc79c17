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
from wimhf.pipeline.stages.job import Job
from wimhf.run import code_of, encoder_of


def judge(job: Job) -> tuple[list[str], dict[str, object]]:
    """Score every feature's description on held-out pairs, if scores are asked for.

    The budget is what the language model's stage was allowed, less what it spent; a model that
    failed there is not asked again.

    Raises
    ------
    ServerError
        If the server fails too often or the budget is spent; what was answered is kept.
    """
    config, described = job.config.llm, job.run.facts("llm")
    if config.model is None or not config.scores or described.get("model") is None:
        return [], {"model": None}
    allowed = Allowance(**described["allowed"]).less(described["calls"], described["dollars"])
    subjects = _subjects(job)
    with ChatServer(config, cache_folder(), allowed) as server:
        scores = _scores(job, subjects, server)
    facts = {
        "model": config.model, "server": server.address, "failed": server.failed,
        "scores": sorted(scores),
    }  # fmt: skip
    table = score_table(subjects, scores)
    return [job.run.write_table("scores.parquet", table)], facts | server.purse.spent()


def _scores(job: Job, subjects: list[Subject], server: ChatServer) -> dict[str, list[Score]]:
    """Return the scores that are asked for, one for every subject, by their name."""
    run, pairs, config = job.run, job.run.pair_table, job.config.llm
    held = HeldOut(
        Texts.of(pairs),
        run.codes().astype(np.float64),
        np.flatnonzero(pairs["split"].to_numpy() == "test"),
        pairs["component"].to_numpy(),
    )
    rngs = stream(job.config.seed, Stream.MODEL_SCORES).spawn(2)
    scores: dict[str, list[Score]] = {}
    if "detection" in config.scores:
        scores["detection"] = detection_scores(
            subjects, held, server, config, rngs[0], job.progress
        )
    if "fuzzing" in config.scores:
        try:
            codes = code_of(run, encoder_of(run, job.encoder))
        except EncoderError as error:
            message = f"fuzzing is left out: {error}"
            job.progress(Event("judge", message=message, level="warning"))
            scores["fuzzing"] = [Score(reason=str(error)) for _ in subjects]
        else:
            scores["fuzzing"] = fuzzing_scores(
                subjects, held, codes, server, config, rngs[1], job.progress
            )
    return scores


def _subjects(job: Job) -> list[Subject]:
    """Return the descriptions that won, of features that have one."""
    won = job.run.read_table("descriptions.parquet").filter("won").sort("feature")
    return [
        Subject(feature, sentence, pole)
        for feature, sentence, pole in won.select("feature", "description", "pole").iter_rows()
        if sentence
    ]
