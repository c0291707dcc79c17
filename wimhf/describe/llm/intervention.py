"""Intervention: whether a response that is rewritten to fit a description has more of the feature.

Paulo et al. (arXiv 2410.13928) intervene on a feature and look at the text; a feature of a pair is
moved by its text, so here the text is changed and the run's own encoder and dictionary look at it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wimhf.base import Event, Floats, Ints, LlmConfig, Progress, silent
from wimhf.describe.llm.fuzzing import CodeOf
from wimhf.describe.llm.questions import rewriting, rewritten
from wimhf.describe.llm.scores import MIN_PAIRS, HeldOut, Score, Subject, scored
from wimhf.describe.llm.server import ChatServer, ask_groups


def intervention_scores(
    subjects: Sequence[Subject],
    held: HeldOut,
    code_of: CodeOf,
    server: ChatServer,
    config: LlmConfig,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> list[Score]:
    """Have held-out responses rewritten so that each description is more true, and less true.

    It is right where the first of these two has more of the feature; where neither has, that
    counts half.

    Parameters
    ----------
    code_of
        The run's own encoder and dictionary on texts that are not in its data.

    Raises
    ------
    ServerError
        If the server fails too often or the budget is spent; what was answered is kept.
    """
    rngs = rng.spawn(len(subjects))
    drawn = [_drawn(held, config, own) for own in rngs]
    questions = [
        [
            rewriting(held.texts.prompt[row], text, one.sentence, config, more=more)
            for row, text in own
            for more in (True, False)
        ]
        for one, own in zip(subjects, drawn, strict=True)
    ]
    event = Event("judge", unit="answers (intervention)")
    answers = ask_groups(server, questions, rewritten, progress, event)
    scores: list[Score] = []
    for one, own, changed, own_rng in zip(subjects, drawn, answers, rngs, strict=True):
        if not own:
            scores.append(Score(reason=f"only {len(held.test)} held-out pairs"))
            continue
        rows = np.array([row for row, _ in own])
        right = _right(one, rows, changed, held, code_of)
        kind = np.tile([True, False], len(own))  # a code is odd: the other order says the same
        scores.append(scored(np.repeat(right, 2), kind, np.repeat(rows, 2), held, own_rng))
    return scores


def _drawn(held: HeldOut, config: LlmConfig, rng: np.random.Generator) -> list[tuple[int, str]]:
    """Draw held-out pairs with one response of each; none where there are too few."""
    rows = rng.permutation(held.test)[: config.score_pairs].tolist()
    if len(rows) < MIN_PAIRS:
        return []
    coins = (rng.random(len(rows)) < 0.5).tolist()
    return [  # of the two as sorted: which side each stands on must not matter
        (row, sorted(held.texts.oriented(row, a_first=True))[coin][: config.characters])
        for row, coin in zip(rows, coins, strict=True)
    ]


def _right(
    one: Subject, rows: Ints, changed: Sequence[str | None], held: HeldOut, code_of: CodeOf
) -> Floats:
    """Return 1 where the version with more has more (n,), .5 for neither, NaN without an answer."""
    both = list(zip(rows.tolist(), changed[::2], changed[1::2], strict=True))
    right = np.full(len(both), np.nan)
    heard = [(row, more, less) for row, more, less in both if more and less]
    if heard:
        prompts = [held.texts.prompt[row] for row, _, _ in heard]
        codes = code_of(prompts, [more for _, more, _ in heard], [less for *_, less in heard])
        answered = [bool(more and less) for _, more, less in both]
        right[answered] = (np.sign(one.pole * codes[:, one.feature]) + 1) / 2
    return right
