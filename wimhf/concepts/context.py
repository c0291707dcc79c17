"""Detectors that see what was asked beside the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wimhf.concepts.measures import WORD

MIN_LETTERS = 4
"""Letters from which a word counts as one that carries content."""


def takes_up_words(asked: str, response: str) -> float:
    """Return the percentage of the content words of what was asked that the response has too."""
    wanted = {word for word in WORD.findall(asked.lower()) if len(word) >= MIN_LETTERS}
    given = set(WORD.findall(response.lower()))
    return 100.0 * len(wanted & given) / len(wanted) if wanted else 0.0


CONTEXT_DETECTORS: Mapping[str, Callable[[str, str], float]] = {
    detector.__name__: detector for detector in (takes_up_words,)
}
"""Name in a TOML file -> a pure function of what the user says last and of the response."""
