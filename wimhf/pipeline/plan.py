"""The plan: which stages make a run, in which order, and which of them have to be done."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time

from wimhf.base import Event, give_back
from wimhf.errors import ServerError
from wimhf.pipeline.checking import check_columns, check_files
from wimhf.pipeline.foretelling import foretell
from wimhf.pipeline.stages import (
    annotators,
    concepts,
    describe,
    dictionary,
    embed,
    health,
    judge,
    llm,
    name,
    preference,
    read,
    rules,
    score,
    subsets,
    suspects,
)  # fmt: skip
from wimhf.pipeline.stages.context import KEPT, Stage, StageContext
from wimhf.version import __version__

PLAN: tuple[Stage, ...] = (
    read.STAGE, concepts.STAGE, embed.STAGE, health.STAGE, dictionary.STAGE, describe.STAGE,
    llm.STAGE, name.STAGE, score.STAGE, subsets.STAGE, preference.STAGE, suspects.STAGE,
    annotators.STAGE, rules.STAGE,
    judge.STAGE,  # last, so that a failing server leaves everything else done
)  # fmt: skip
STAGES = tuple(stage.name for stage in PLAN)


def do_all(context: StageContext, kept: tuple[str, ...] = ()) -> None:
    """Do the plan; where a language model fails, go on with the other names and say so last.

    Parameters
    ----------
    kept
        Stages that are taken as they are, whatever became of their inputs.
    """
    plan = [stage for stage in PLAN if stage.name not in kept]
    check_files(context)
    _mark_stale(context, plan)
    failure: tuple[str, ServerError] | None = None
    for stage in plan:
        if stage is plan[min(1, len(plan) - 1)]:
            check_columns(context)
            foretell(context, [one.name for one in plan if not context.run.manifest.done(one.name)])
        try:
            _do(stage, context)
        except ServerError as error:
            failure = failure or (stage.name, error)
            context.run.finish(stage.name, "failed", [], {"model": None, "failed": str(error)}, {})
    if failure is not None:
        left = "without the scores" if failure[0] == "judge" else "with its offline names"
        raise ServerError(f"{failure[1]}; {context.run.path} is finished, {left}")


def _mark_stale(context: StageContext, plan: list[Stage]) -> None:
    """Mark the first stage that has to be redone, and all after it, before anything is touched."""
    done = 0
    while done < len(plan) and context.run.manifest.is_done(
        plan[done].name, _input_hash(plan[done], context)
    ):
        done += 1
    context.run.manifest.mark_stale(stage.name for stage in plan[done:])


def _input_hash(stage: Stage, context: StageContext) -> str:
    """Return a hash of everything that decides a stage's result."""
    decides = {
        "stage": stage.name,
        "version": __version__,
        "settings": stage.settings(context),
        "inputs": context.run.manifest.output_hashes(*stage.needs),
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def _do(stage: Stage, context: StageContext) -> None:
    """Run a stage unless it is done with the same inputs."""
    input_hash = _input_hash(stage, context)
    if context.run.manifest.is_done(stage.name, input_hash):
        context.run.manifest.write()
        if stage.title:
            context.progress(Event(stage.name, message=KEPT))
        return
    if stage.title:
        context.progress(Event(stage.name, message=stage.title))
    started = time.perf_counter()
    outputs, facts = stage.work(context)
    cost = {
        "seconds": round(time.perf_counter() - started, 3),
        "peak_rss_mb": round(_peak_rss_mb(), 1),
    }
    context.run.finish(stage.name, input_hash, outputs, facts, cost)
    give_back()


def _peak_rss_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
