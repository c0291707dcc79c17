"""Surprisal: whether a description makes the response with more of the feature likelier.

Paulo et al. (arXiv 2410.13928) ask by how much an explanation lowers the loss of a text. Of a pair
it is asked whether it does so more for the response that has more of the feature. The server must
tell the probabilities of a text it is given (``echo`` with ``logprobs`` of /completions).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from wimhf.base import Event, LlmConfig, Progress, silent
from wimhf.describe.llm.budget import BudgetError
from wimhf.describe.llm.questions import Question, likelihood, likely
from wimhf.describe.llm.scores import MIN_PAIRS, HeldOut, Score, Subject, scored
from wimhf.describe.llm.server import ChatServer, ask_groups
from wimhf.errors import ServerError

FEW = f"active in fewer than {MIN_PAIRS} held-out pairs"
UNTOLD = (
    "the server does not tell the probabilities of a text it is given (echo with logprobs of "
    "/completions; vLLM does, and llama-cpp-python with --logits_all true)"
)


def surprisal_scores(
    subjects: Sequence[Subject],
    held: HeldOut,
    server: ChatServer,
    config: LlmConfig,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> list[Score]:
    """Ask by how much each description raises the likelihood of both responses of active pairs.

    Raises
    ------
    ServerError
        If the server fails too often or the budget is spent; what was answered is kept.
    """
    rngs = rng.spawn(len(subjects))
    drawn = [_drawn(one, held, config, own) for one, own in zip(subjects, rngs, strict=True)]
    questions = [
        [asked for row in rows for asked in _four(held, row, one.sentence, config)]
        for one, rows in zip(subjects, drawn, strict=True)
    ]
    first = next((group[0] for group in questions if group), None)
    if first is None or not _told(server, first):
        return [Score(reason=FEW if first is None else UNTOLD) for _ in subjects]
    event = Event("judge", unit="answers (surprisal)")
    answers = ask_groups(server, questions, likely, progress, event)
    scores: list[Score] = []
    for one, rows, said, own in zip(subjects, drawn, answers, rngs, strict=True):
        if not rows:
            scores.append(Score(reason=FEW))
            continue
        a_with, a_without, b_with, b_without = np.array(said).reshape(-1, 4).T
        gain = (a_with - a_without) - (b_with - b_without)
        code = one.pole * held.codes[rows, one.feature]
        right = (np.sign(gain) * np.sign(code) + 1) / 2
        scores.append(scored(right, code > 0, np.array(rows), held, own))
    return scores


def _drawn(one: Subject, held: HeldOut, config: LlmConfig, rng: np.random.Generator) -> list[int]:
    """Return active held-out pairs; none where they would be too few for a score."""
    active = held.test[held.codes[held.test, one.feature] != 0]
    rows: list[int] = rng.permutation(active)[: config.score_pairs].tolist()
    return rows if len(rows) >= MIN_PAIRS else []


def _four(held: HeldOut, row: int, sentence: str, config: LlmConfig) -> list[Question]:
    """Ask of both responses, each with the description and without it."""
    prompt = held.texts.prompt[row]
    return [
        likelihood(prompt, response, said, config)
        for response in held.texts.oriented(row, a_first=True)
        for said in (sentence, None)
    ]


def _told(server: ChatServer, question: Question) -> bool:
    """Say whether the server tells what is asked, by one question."""
    try:
        (answer,) = server.ask([question])
        return math.isfinite(likely(answer))
    except BudgetError:
        raise
    except ServerError:
        return False
