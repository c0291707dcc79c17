"""Random streams: one seed, and one independent stream for each thing that is drawn."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What is drawn; a number never changes and is never used twice."""

    DESCRIPTIONS = 1
    PREFERENCES = 2
    PROMPT_CLUSTERS = 3
    MODEL_DESCRIPTIONS = 4
    DICTIONARY_CHOICE = 5
    MODEL_SCORES = 6
    CHECKS = 7
    OWN_CONCEPTS = 8
    EXPORT = 9
    ANNOTATORS = 10
    HEALTH_SHORTCUTS = 11
    HEALTH_TEXTS = 12
    HEALTH_ANNOTATORS = 13
    RULE_CHECKS = 14
    MARGINS = 15
    COMPARISON = 16
    SHARED_DICTIONARY = 17
    SAMPLE = 30


def stream(seed: int, drawn: Stream) -> np.random.Generator:
    """Return the generator of one stream."""
    return np.random.default_rng([seed, int(drawn)])
