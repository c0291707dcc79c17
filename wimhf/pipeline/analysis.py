"""The corridor: the only owner of the order of stages, of resuming and of what a run records."""

from __future__ import annotations

import glob
import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from wimhf.base import Config, Event, LlmConfig, Progress, expanded, silent
from wimhf.errors import ConfigError, ServerError, WimhfError
from wimhf.learn import Encoder
from wimhf.pipeline import stages
from wimhf.pipeline.stages import Job, Work
from wimhf.run import Run, create_run, open_run
from wimhf.version import __version__


@dataclass(frozen=True)
class Stage:
    """One step of the job.

    Attributes
    ----------
    title
        Announced when it starts; empty where there may be nothing to do.
    needs
        Stages whose outputs it reads: when one of them changes, it is done again.
    settings
        What else decides its result.
    """

    name: str
    title: str
    work: Work
    needs: tuple[str, ...]
    settings: Callable[[Job], dict[str, Any]]


_OWN = stages.own_settings
PLAN = (
    Stage("read", "reading pairs", stages.read, (), stages.read_settings),
    Stage("embed", "embedding responses", stages.embed, ("read",), stages.embed_settings),
    Stage(
        "health", "examining the data", stages.check, ("read", "embed"), stages.seed_settings
    ),
    Stage(
        "dictionary", "learning how responses differ", stages.learn, ("read", "embed"),
        _OWN("dictionary"),
    ),
    Stage(
        "describe", "describing features", stages.describe, ("read", "dictionary"),
        stages.describe_settings,
    ),
    Stage("llm", "", stages.ask, ("read", "dictionary", "describe"), stages.llm_settings),
    Stage("name", "", stages.name, ("describe", "llm"), stages.name_settings),
    Stage("score", "", stages.score, ("read",), stages.score_settings),
    Stage("subsets", "", stages.subsets, ("read", "embed"), stages.subset_settings),
    Stage(
        "preference", "measuring what the labels reward", stages.prefer,
        ("read", "embed", "dictionary", "name", "score", "subsets"), _OWN("preference"),
    ),
    Stage("suspects", "", stages.suspects, ("read", "preference"), stages.no_settings),
    Stage(  # last, so that a failing server leaves everything else done
        "judge", "", stages.judge, ("read", "embed", "dictionary", "llm", "name"),
        stages.judge_settings,
    ),
)  # fmt: skip
STAGES = tuple(stage.name for stage in PLAN)


def analyze(
    source: str | Path | Sequence[str | Path],
    output: str | Path | None = None,
    config: Config | None = None,
    *,
    encoder: Encoder | None = None,
    progress: Progress = silent,
    confirm: Callable[[str], bool] = lambda question: False,
    **settings: Any,
) -> Run:
    """Do the whole job on a source: read, embed, dictionary, describe, preference.

    Parameters
    ----------
    source
        A file of preference pairs, a folder or glob of them, hf:owner/name[:config][:split], or
        several of these.
    output
        The run folder; by default ``runs/<name of the source>``. What an earlier call finished
        there with the same inputs is kept.
    config
        All settings; ``settings`` such as ``dictionary={"features": 64}`` or ``seed=1`` override.
    encoder
        Your own encoder, in place of the one ``config.embed`` names.
    progress
        Called with events as the work goes on.
    confirm
        Asked before a language model is called more often than the budget allows.

    Returns
    -------
    Run
        With ``features``, ``preference`` and ``pairs(feature=3)``.

    Raises
    ------
    WimhfError
        If the source, the settings or the machine cannot do it; nothing is half-written, and
        the same call goes on where it stopped.
    """
    names = [source] if isinstance(source, (str, Path)) else list(source)
    config = _settled(config or Config(), [str(name) for name in names], settings)
    run = create_run(_output(config.read.source, output), config)
    run.lock()
    try:
        _do_all(Job(run, config, progress, encoder, confirm))
    except WimhfError:
        if not run.stages:  # a mistyped source should leave nothing behind
            run.discard()
        raise
    finally:
        run.release()
    return run


def describe_run(
    run: str | Path | Run,
    *,
    encoder: Encoder | None = None,
    progress: Progress = silent,
    confirm: Callable[[str], bool] = lambda question: False,
    **settings: Any,
) -> Run:
    """Describe a run's features again; pairs, vectors and dictionary stay as they are.

    Parameters
    ----------
    run
        A finished run or its folder.
    encoder
        Your own, where the run was made with one.
    settings
        ``describe`` and ``llm`` settings that differ, e.g. ``llm={"model": "gpt-5-mini"}``.

    Raises
    ------
    ServerError
        If a language model's server fails; the run keeps its names and is valid.
    """
    opened = run if isinstance(run, Run) else open_run(run)
    _ = opened.features  # a run that has not come that far says so
    before = opened.config
    settings["llm"] = asdict(LlmConfig()) | settings.get("llm", {})  # budgets are given anew
    config = _settled(before, [before.read.source, *before.read.also], settings)
    opened.lock()
    try:
        opened.manifest["config"] = config.to_dict()
        job = Job(opened, config, progress, encoder, confirm)
        _do_all(job, kept=("read", "embed", "dictionary"))
    finally:
        opened.release()
    return opened


def _do_all(job: Job, kept: tuple[str, ...] = ()) -> None:
    """Do the plan; where a language model fails, go on with the other names and say so last.

    Parameters
    ----------
    kept
        Stages that are taken as they are, whatever became of their inputs.
    """
    plan = [stage for stage in PLAN if stage.name not in kept]
    _mark_stale(job, plan)
    failure: tuple[str, ServerError] | None = None
    for stage in plan:
        try:
            _do(stage, job)
        except ServerError as error:
            failure = failure or (stage.name, error)
            job.run.finish(stage.name, "failed", [], {"model": None, "failed": str(error)}, {})
    if failure is not None:
        left = "without the scores" if failure[0] == "judge" else "with its offline names"
        raise ServerError(f"{failure[1]}; {job.run.path} is finished, {left}")


def _settled(config: Config, sources: list[str], settings: dict[str, Any]) -> Config:
    merged = config.to_dict()
    for name, value in settings.items():
        if isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] |= value
        else:
            merged[name] = value
    if not isinstance(merged["read"], dict):
        raise ConfigError(f"read is {merged['read']!r}; give a dictionary of settings")
    if not sources:
        raise ConfigError("no source was given; name a file of preference pairs")
    merged["read"] |= {"source": sources[0], "also": sources[1:]}
    try:
        json.dumps(merged, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ConfigError("a path or setting is not valid Unicode; rename or rewrite it") from None
    return Config.from_dict(merged)


def _output(source: str, output: str | Path | None) -> Path:
    if output is not None:
        return expanded(output)
    named = source.removeprefix("hf:").replace(":", "-")
    parts = [part for part in Path(named).parts if not glob.has_magic(part)]
    name = parts[-1].split(".")[0] if parts else ""
    return Path("runs") / (name or "run")


def _mark_stale(job: Job, plan: list[Stage]) -> None:
    """Mark the first stage that has to be redone, and all after it, before anything is touched."""
    done = 0
    while done < len(plan) and job.run.is_done(plan[done].name, _input_hash(plan[done], job)):
        done += 1
    job.run.mark_stale(stage.name for stage in plan[done:])


def _input_hash(stage: Stage, job: Job) -> str:
    """Return a hash of everything that decides a stage's result."""
    decides = {
        "stage": stage.name,
        "version": __version__,
        "settings": stage.settings(job),
        "inputs": job.run.output_hashes(*stage.needs),
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def _do(stage: Stage, job: Job) -> None:
    """Run a stage unless it is done with the same inputs."""
    input_hash = _input_hash(stage, job)
    if job.run.is_done(stage.name, input_hash):
        job.run.write_manifest()
        if stage.title:
            job.progress(Event(stage.name, message="already done, kept"))
        return
    if stage.title:
        job.progress(Event(stage.name, message=stage.title))
    started = time.perf_counter()
    outputs, facts = stage.work(job)
    cost = {
        "seconds": round(time.perf_counter() - started, 3),
        "peak_rss_mb": round(_peak_rss_mb(), 1),
    }
    job.run.finish(stage.name, input_hash, outputs, facts, cost)


def _peak_rss_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
