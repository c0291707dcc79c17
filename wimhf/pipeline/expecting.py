"""How long an analysis takes: expected before it starts, by what this machine does, and then told.

The seconds of each stage follow what drives its work, in the units of a machine on which a fixed
piece of work takes ``REFERENCE`` seconds; the same work, done here and now, says how much slower
or busier this one is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from wimhf.base import Config, EmbedConfig, processors
from wimhf.learn import AUTO_TEXTS, fast_is_ready

REFERENCE = 0.0100
"""Seconds that ``_work`` takes on the machine in whose seconds stages are expected."""
ROUNDS = 15
START = 5.0
"""Loading the libraries."""
READY, UNREADY = 0.9, 0.1
"""Share of a stage that is through when its expected time is; the rest is approached slowly."""
PRIOR = 0.2
"""Share of the whole plan that the expectation counts for beside what was seen of this run."""


@dataclass(frozen=True)
class Size:
    """What drives the work of an analysis.

    Attributes
    ----------
    pairs, texts, prompts
        Pairs, and the different responses and prompts in them.
    characters, prompt_characters
        Mean length of a response and of a prompt.
    concepts
        Concepts that will tell enough pairs apart to be features.
    annotators
        Whether the source names annotators.
    """

    pairs: int
    texts: int
    prompts: int
    characters: float
    prompt_characters: float
    concepts: int
    annotators: bool = False


def pace() -> float:
    """Return how many times longer than on the reference work takes here and now."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        _work()
        taken.append(time.perf_counter() - started)
    return max(float(np.median(taken)) / REFERENCE, 0.1)


def _work() -> None:
    """Do a fixed piece of what analyses do: search texts, work on arrays, walk in Python."""
    texts = pl.Series(["the quick brown fox was not sorry, and said so at length " * 12] * 400)
    texts.str.count_matches(r"(?i)\b(?:sorry|not|length)\b").sum()
    numbers = np.linspace(0.0, 1.0, 60_000)
    for _ in range(12):  # nothing here runs on several cores: waiting for others says little
        numbers = np.sort(np.tanh(numbers[::-1] + 0.1))
    sum(number % 7 for number in range(120_000))


NUMBERS = 384
"""Numbers of a vector, as most encoders have them or more."""
TOKEN = 4.3
"""Characters of a token."""
KNOWN = ("auto", "minilm", "fast")
"""Encoders whose time is expected."""
SLOWER = {"mp": 2.0, "vq": 0.5, "supervised": 0.1}
"""How much longer than batch_topk kinds of dictionary train."""


def expected_stages(size: Size, config: Config, factor: float = 1.0) -> dict[str, float]:
    """Return the seconds that each stage is expected to take, ``start`` before the first.

    Parameters
    ----------
    factor
        From ``pace``.
    """
    millions = (size.texts * size.characters + size.prompts * size.prompt_characters) / 1e6
    many, found = size.texts + size.prompts, _discovered(size, config)
    features = found + _counted(size, config)
    steps = config.dictionary.steps or max(600, min(3_000, math.ceil(0.12 * size.pairs)))
    modelled, measured = min(size.pairs, 30_000), min(size.pairs, 200_000)
    spread = 0.7 * processors() if size.pairs >= 20_000 else 1.0
    seconds = {
        "start": START,
        "read": 0.1 + 7.5e-5 * size.pairs,
        "concepts": 2.0 + (0.5 * millions + 6e-5 * many) / max(spread, 1.0)
        if config.describe.bank else 0.2 + 1e-5 * size.pairs,
        "embed": _embed(size, config.embed),
        "health": 0.3 + 0.04 * min(millions, 120.0) + 0.023 * millions,
        "dictionary": 0.4 + steps * (2.2e-3 + 1.8e-5 * found)
        * SLOWER.get(config.dictionary.kind, 1.0),
        "describe": 0.4 + min(size.pairs, 20_000) * (2.5e-4 + 2e-6 * found),
        "preference": 1.0 + 1.3e-4 * (features + NUMBERS) * modelled**0.6
        + 6e-7 * measured * features + 4e-5 * (size.pairs - measured),
        "suspects": 0.2 + 5e-6 * size.pairs,
        "annotators": 0.3 + (4e-4 * size.pairs if size.annotators else 0.0),
    }  # fmt: skip
    return {stage: factor * one for stage, one in seconds.items()}


def expected_memory(size: Size, config: Config) -> float:
    """Return about how many gigabytes an analysis holds at most, all its processes together."""
    characters = size.texts * size.characters + size.prompts * size.prompt_characters
    features = _discovered(size, config) + _counted(size, config)
    held = min(size.pairs, 200_000) * (16 * features + 8 * NUMBERS)
    models = 90 * min(size.pairs, 30_000) * (features + NUMBERS)
    return 0.5 + (3.0 * characters + 0.8 * held + models) / 1e9


def expected_tokens(size: Size, config: Config) -> float:
    """Return about how many tokens of responses go to a server for their vectors."""
    away = config.embed.embeddings is None and config.embed.encoder.startswith("openai:")
    return size.texts * size.characters / TOKEN if away else 0.0


def unreckoned(config: Config) -> str:
    """Say what comes on top of what is expected, as nothing is known of it; empty for nothing."""
    embed, model = config.embed, config.llm.model
    own = embed.embeddings is None and embed.encoder not in KNOWN
    parts = [f"embedding with {embed.encoder}"] if own else []
    parts += [f"naming by {model}"] if model else []
    return f"{' and '.join(parts)} on top of it" if parts else ""


def _counted(size: Size, config: Config) -> int:
    """Return about how many concepts are features."""
    return size.concepts if config.describe.bank else 0


def _discovered(size: Size, config: Config) -> int:
    """Return about how many features a dictionary of so many pairs has: see ``learn``."""
    more = 2 ** sum(size.pairs >= limit for limit in (10_000, 30_000, 100_000, 500_000))
    return config.dictionary.features or 32 * more


def _embed(size: Size, config: EmbedConfig) -> float:
    encoder = config.encoder
    if config.embeddings is not None:
        return 0.2 + 1e-5 * size.texts
    if encoder == "auto":
        encoder = "minilm" if size.texts <= AUTO_TEXTS else "fast"
    if encoder == "fast":
        made = 0.5e-6 * size.texts * size.characters
        return 0.5 + made + (0.0 if fast_is_ready() else 18.0)
    tokens = min(size.characters / TOKEN, 256) + 3
    return 4.0 + 1.4e-4 * size.texts * tokens


def outlook(
    stages: Sequence[str], expected: Mapping[str, float], begun: Mapping[str, float], now: float
) -> tuple[float, float | None]:
    """Return how much of a plan is through, and the seconds that are left.

    The share never falls; the seconds follow what was seen of this run so far.

    Parameters
    ----------
    stages
        Names of the stages in order.
    expected
        Seconds of each; where none are known, every stage counts the same and no time is told.
    begun
        When each stage began that has begun, in seconds since some moment.
    now
        In the same seconds.
    """
    known = {stage: max(expected.get(stage, 0.0), 0.0) for stage in stages}
    total = sum(known.values())
    weights = known if total > 0 else dict.fromkeys(stages, 1.0)
    total = sum(weights.values())
    started = [stage for stage in stages if stage in begun]
    if not started or total <= 0:
        return 0.0, sum(expected.values()) or None
    current = started[-1]
    done = sum(weights[stage] for stage in stages[: stages.index(current)])
    first = min(begun[stage] for stage in started)
    prior = PRIOR * total
    ratio = (begun[current] - first + prior) / (done + prior) if expected else 1.0
    within = _within(now - begun[current], weights[current] * ratio)
    through = done + within * weights[current]
    rest = total - through
    return min(through / total, 1.0), rest * ratio if sum(known.values()) > 0 else None


def _within(taken: float, expected: float) -> float:
    """Return the share of a stage that is through; it rises for as long as it takes."""
    if expected <= 0 or taken <= 0:
        return 0.0
    part = taken / expected
    return READY * part if part < 1 else 1 - UNREADY / part
