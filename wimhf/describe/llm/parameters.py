"""What is asked of a server beside the question; models differ in what they take."""

from __future__ import annotations

from typing import Any

PARAMETERS = ("max_tokens", "temperature", "seed")
REASONING = 2000
"""Tokens a reasoning model may think in before its answer, which ``max_completion_tokens`` counts
and ``max_tokens`` does not."""


def parameters(
    max_tokens: int, temperature: float, seed: int, refused: frozenset[str]
) -> dict[str, Any]:
    """Return the parameters of a call, without those that a server refused."""
    wanted: dict[str, Any] = {"max_tokens": max_tokens, "temperature": temperature, "seed": seed}
    sent = {name: value for name, value in wanted.items() if name not in refused}
    if "max_tokens" in refused:
        sent["max_completion_tokens"] = max_tokens + REASONING
    return sent


def refused_by(status: int, words: str) -> frozenset[str]:
    """Return the parameters that an answer names as not supported.

    >>> sorted(refused_by(400, "Unsupported parameter: 'max_tokens' is not supported"))
    ['max_tokens']
    """
    if status not in (400, 422):
        return frozenset()
    return frozenset(name for name in PARAMETERS if name in words)
