"""What is left of an analysis will take so long, so much memory, and send so much: told before."""

from __future__ import annotations

import math
from collections.abc import Collection

from wimhf.base import Config, Event, duration
from wimhf.pipeline.expecting import (
    Size,
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

    sent = sent_away(size, config) if "embed" in left and context.encoder is None else ""
    if seconds(1.0) < WORTH_TELLING and not sent:
        return
    memory = expected_memory(size, config)
    told = (
        f"about {duration(seconds(pace()))} and {memory:.1f} GB of memory from here on this machine"
    )
    more = unreckoned(config)
    told += f", {more}" if more else ""
    told += f"; {sent}" if sent else ""
    context.progress(Event("read", message=told))


def sent_away(size: Size, config: Config) -> str:
    """Say how much goes to a server of embeddings, and what that costs; empty for nothing."""
    tokens, price = expected_tokens(size, config), config.embed.price
    if not tokens:
        return ""
    many = (
        f"{tokens / 1e6:,.1f} million" if tokens >= 1e6 else f"{math.ceil(tokens / 1e3)} thousand"
    )
    dollars = tokens * price / 1e6
    cost = "less than a cent" if dollars < 0.01 else f"about ${dollars:,.2f}"
    told = cost if price else "their price is not known (--embed-price)"
    return f"some {many} tokens go to {config.embed.encoder}: {told}"
