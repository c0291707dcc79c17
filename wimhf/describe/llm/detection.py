"""Detection: whether a model, told a description, knows the pairs that are active."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wimhf.base import Ints, LlmConfig, Progress, silent
from wimhf.describe.llm.questions import detected, detecting
from wimhf.describe.llm.scores import MIN_PAIRS, HeldOut, Score, Subject, asked, scored
from wimhf.describe.llm.server import ChatServer

STRATA = 4
"""Strata of active pairs by |code|, drawn from evenly."""


def detection_scores(
    subjects: Sequence[Subject],
    held: HeldOut,
    server: ChatServer,
    config: LlmConfig,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> list[Score]:
    """Ask whether the responses of held-out pairs differ in what each description says.

    Half of the pairs are active in the feature, half are not; which response has more does not
    matter, so every pair is asked about in both orders.

    Raises
    ------
    ServerError
        If the server fails too often or the budget is spent; what was answered is kept.
    """
    rngs = rng.spawn(len(subjects))
    drawn = [
        balanced_rows(held.codes[:, one.feature], held.test, config.score_pairs, own)
        for one, own in zip(subjects, rngs, strict=True)
    ]
    wanted = [rows if _enough(rows, held, one) else rows[:0]
              for one, rows in zip(subjects, drawn, strict=True)]  # fmt: skip
    questions = [
        detecting(held.texts, int(row), one.sentence, config, exchanged=exchanged)
        for one, rows in zip(subjects, wanted, strict=True)
        for exchanged in (False, True)
        for row in rows
    ]
    answers = asked(server, questions, detected, "detection", progress)
    found: list[Score] = []
    start = 0
    for one, rows, own in zip(subjects, wanted, rngs, strict=True):
        if not len(rows):
            found.append(Score(reason=_too_few(held, one)))
            continue
        said = answers[start : start + 2 * len(rows)]
        start += 2 * len(rows)
        both = np.concatenate([rows, rows])
        active = held.codes[both, one.feature] != 0
        found.append(scored(np.where(active, said, 1 - said), active, both, held, own))
    return found


def balanced_rows(code: np.ndarray, test: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Return as many active as inactive test rows, the active ones drawn evenly over |code|."""
    size = np.abs(code[test])
    active, inactive = np.flatnonzero(size > 0), np.flatnonzero(size == 0)
    half = min(count // 2, len(active), len(inactive))
    strata = np.array_split(active[np.argsort(size[active], kind="stable")], STRATA)
    chosen: list[Ints] = []
    for place, stratum in enumerate(strata):
        wanted = (half - sum(map(len, chosen))) // (STRATA - place)
        chosen.append(rng.choice(stratum, size=min(wanted, len(stratum)), replace=False))
    taken = np.concatenate(chosen)
    others = rng.choice(inactive, size=len(taken), replace=False)
    return test[np.concatenate([taken, others]).astype(np.int64)]


def _enough(rows: Ints, held: HeldOut, one: Subject) -> bool:
    return int(np.count_nonzero(held.codes[rows, one.feature])) >= MIN_PAIRS


def _too_few(held: HeldOut, one: Subject) -> str:
    code = held.codes[held.test, one.feature]
    active = int(np.count_nonzero(code))
    if active < MIN_PAIRS:
        return f"active in only {active} held-out pairs"
    return f"inactive in only {len(code) - active} held-out pairs"
