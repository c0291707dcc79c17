"""What is left of an analysis will take so long, so much memory, and send so much: told before."""

from __future__ import annotations

from collections.abc import Collection

from wimhf.base import Event, duration
from wimhf.pipeline.expecting import (
    expected_memory,
    expected_stages,
    expected_tokens,
    pace,
    unreckoned,
)
from wimhf.pipeline.look import size_of
from wimhf.pipeline.stages.context import StageContext

WORTH_TELLING = 10.0
"""Seconds below which nothing is told."""


def foretell(context: StageContext, left: Collection[str]) -> None:
    """Tell what the stages that are left will take on this machine, if it is long.

    Parameters
    ----------
    left
        Names of the stages that will be done.
    """
    size, config = size_of(context.run.pair_table), context.config

    def seconds(factor: float) -> float:
        stages = expected_stages(size, config, factor)
        return sum(stages[name] for name in left if name in stages)

    if seconds(1.0) < WORTH_TELLING:
        return
    memory = expected_memory(size, config)
    told = (
        f"about {duration(seconds(pace()))} and {memory:.1f} GB of memory from here on this machine"
    )
    sent = expected_tokens(size, config) if "embed" in left and context.encoder is None else 0.0
    more = unreckoned(config)
    told += f", {more}" if more else ""
    if sent:
        told += f"; some {sent / 1e6:,.1f} million tokens go to {config.embed.encoder}"
    context.progress(Event("read", message=told))
