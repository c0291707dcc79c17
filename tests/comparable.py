"""Rows whose labels like questions, or dislike them; exclamations are liked in all of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conftest import FILLER

QUESTIONS, EXCLAIMS = "asks_questions", "exclaims"
"""Concepts of the bank that find them."""


def opposed_rows(
    count: int, seed: int, *, likes: bool = True, group: bool = True
) -> list[dict[str, Any]]:
    """Draw native rows; two share a prompt, and a topic of each says nothing of its labels."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        texts, value = [], 0.0
        for sign in (1.0, -1.0):
            asks, exclaims = rng.random(2) < 0.5
            words = " ".join(rng.choice(FILLER, size=12))
            ends = (" would that be so?" if asks else " that would be so.") + (
                " indeed!" if exclaims else " indeed."
            )
            texts.append(words + ends)
            value += sign * (1.6 * asks * (1 if likes else -1) + 1.0 * exclaims)
        row = {
            "prompt": f"question {seed} {number // 2}", "response_a": texts[0],
            "response_b": texts[1], "label": float(rng.random() < 1 / (1 + np.exp(-value))),
        }  # fmt: skip
        rows.append(row | ({"topic": f"t{number % 2}"} if group else {}))
    return rows
