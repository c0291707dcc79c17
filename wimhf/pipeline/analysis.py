"""The corridor: the only owner of the order of stages, of resuming and of what a run records."""

from __future__ import annotations

import glob
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from wimhf.base import Config, LlmConfig, Progress, expanded, silent
from wimhf.errors import ConfigError, WimhfError
from wimhf.learn import Encoder
from wimhf.pipeline.plan import do_all
from wimhf.pipeline.presets import check_preset, with_preset
from wimhf.pipeline.stages.context import StageContext
from wimhf.run import Run, create_run, open_run

KEPT = ("read", "embed", "dictionary")
"""Stages that do not depend on what is counted or described."""


def _kept(run: Run) -> tuple[str, ...]:
    """Return those that do not depend on what is counted: a dictionary that is told it does."""
    told = run.config.dictionary.kind == "supervised"
    return KEPT[:2] if told else KEPT


def analyze(
    source: str | Path | Sequence[str | Path],
    output: str | Path | None = None,
    config: Config | None = None,
    *,
    preset: str | None = None,
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
    preset
        offline, paper, strong or gpu: settings that belong together, where ``config`` has them as
        they come; ``settings`` override.
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
    config = config or Config()
    config = with_preset(config, preset) if preset else config
    config = _settled(config, [str(name) for name in names], settings)
    if preset and encoder is None:
        check_preset(preset, config)
    run = create_run(_output(config.read.source, output), config)
    run.lock.take()
    try:
        do_all(StageContext(run, config, progress, encoder, confirm))
    except WimhfError:
        if not run.manifest.stages:  # a mistyped source should leave nothing behind
            run.lock.discard()
        raise
    finally:
        run.lock.release()
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
    opened.lock.take()
    try:
        opened.manifest.data["config"] = config.to_dict()
        do_all(StageContext(opened, _here(config), progress, encoder, confirm), KEPT)
    finally:
        opened.lock.release()
    return opened


def count_again(
    run: Run,
    change: Callable[[], object],
    progress: Progress = silent,
    confirm: Callable[[str], bool] = lambda question: False,
) -> Run:
    """Change what a run counts, and redo what depends on it; its settings stay.

    Parameters
    ----------
    change
        Changes the run's own concepts, while nobody else writes the run.

    Raises
    ------
    WimhfError
        If a stage cannot be done; the change stays, and the same `wimhf analyze` goes on from it.
    """
    _ = run.features  # a run that has not come that far says so
    run.lock.take()
    try:
        change()
        do_all(StageContext(run, _here(run.config), progress, None, confirm), _kept(run))
    finally:
        run.lock.release()
    return run


def count_on(run: Run, progress: Progress = silent) -> Run:
    """Go on with what ``count_again`` had begun: whatever it changed has been kept."""
    run.lock.take()
    try:
        do_all(
            StageContext(run, _here(run.config), progress, None, lambda question: False), _kept(run)
        )
    finally:
        run.lock.release()
    return run


def _here(config: Config) -> Config:
    """Return settings by which this machine works: a few columns are no work for a cluster."""
    return replace(config, engine="local")


def _settled(config: Config, sources: list[str], settings: Mapping[str, object]) -> Config:
    merged = config.to_dict(secrets=True)
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
