"""Detection: whether a model, told a description, knows the pairs that are active."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wimhf.base import Event, Floats, LlmConfig, Progress, silent
from wimhf.describe.llm.questions import detected, detecting
from wimhf.describe.llm.sampling import balanced_rows
from wimhf.describe.llm.scores import MIN_PAIRS, HeldOut, Score, Subject, scored
from wimhf.describe.llm.server import ChatServer, ask_groups


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
    codes = [held.codes[held.test, one.feature] for one in subjects]
    drawn = [
        balanced_rows(code, held.test, config.score_pairs, MIN_PAIRS, own)
        for code, own in zip(codes, rngs, strict=True)
    ]
    questions = [
        [
            detecting(held.texts, row, one.sentence, config, exchanged=exchanged)
            for exchanged in (False, True)
            for row in rows.tolist()
        ]
        for one, rows in zip(subjects, drawn, strict=True)
    ]
    event = Event("judge", unit="answers (detection)")
    answers = ask_groups(server, questions, detected, progress, event)
    scores: list[Score] = []
    for one, code, rows, differs, own in zip(subjects, codes, drawn, answers, rngs, strict=True):
        if not len(rows):
            scores.append(Score(reason=_too_few(code)))
            continue
        both = np.concatenate([rows, rows])
        active = held.codes[both, one.feature] != 0
        right = np.where(active, differs, 1 - np.array(differs))
        scores.append(scored(right, active, both, held, own))
    return scores


def _too_few(code: Floats) -> str:
    active = int(np.count_nonzero(code))
    if active < MIN_PAIRS:
        return f"active in only {active} held-out pairs"
    return f"inactive in only {len(code) - active} held-out pairs"
