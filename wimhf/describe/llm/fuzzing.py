"""Fuzzing: whether a model, told a description, knows the version that lost what carries it.

Delphi marks the right or the wrong words of a text. A feature of a pair has no words of its own, so
sentences are left out of the response with more of it: those whose loss lowers the code most, or
as many others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wimhf.base import Event, Floats, Ints, LlmConfig, Progress, silent
from wimhf.describe.llm.passages import passages, to_leave_out, without
from wimhf.describe.llm.questions import fuzzing, judged
from wimhf.describe.llm.scores import MIN_PAIRS, HeldOut, Score, Subject, scored
from wimhf.describe.llm.server import ChatServer, ask_groups

CodeOf = Callable[[list[str], list[str], list[str]], Floats]
"""(prompts, responses A, responses B) -> signed codes (n, m)."""
TRIED = 3
"""Active pairs tried for every one that is wanted."""
LOST = 0.5
"""The version that lost it has at most this share of the other's code."""


@dataclass(frozen=True)
class Versions:
    """Two shortened versions of the response with more, equally many passages left out."""

    row: int
    kept: str
    lost: str


def fuzzing_scores(
    subjects: Sequence[Subject],
    held: HeldOut,
    code_of: CodeOf,
    server: ChatServer,
    config: LlmConfig,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> list[Score]:
    """Ask of which of two versions of a response each description is still true, in both orders.

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
    made: list[list[Versions]] = []
    for place, (one, own) in enumerate(zip(subjects, rngs, strict=True)):
        made.append(versions(one, held, code_of, config, own))
        progress(Event("judge", place + 1, len(subjects), unit="features (sentences left out)"))
    questions = [
        [
            fuzzing(held.texts.prompt[it.row], shown, one.sentence, config)
            for it in own
            for shown in ((it.kept, it.lost), (it.lost, it.kept))
        ]
        if len(own) >= MIN_PAIRS
        else []
        for one, own in zip(subjects, made, strict=True)
    ]
    event = Event("judge", unit="answers (fuzzing)")
    answers = ask_groups(server, questions, judged, progress, event)
    scores: list[Score] = []
    for pairs, votes, own_rng in zip(made, answers, rngs, strict=True):
        if not votes:
            reason = f"a sentence left out changes it in only {len(pairs)} held-out pairs"
            scores.append(Score(reason=reason))
            continue
        first = np.tile([True, False], len(pairs))
        right = (np.where(first, votes, np.negative(votes)) + 1) / 2
        rows = np.repeat([it.row for it in pairs], 2)
        scores.append(scored(right, first, rows, held, own_rng))
    return scores


def versions(
    one: Subject, held: HeldOut, code_of: CodeOf, config: LlmConfig, rng: np.random.Generator
) -> list[Versions]:
    """Return pairs of versions that the feature tells apart, at most ``config.score_pairs``."""
    code = one.pole * held.codes[:, one.feature]
    active = held.test[code[held.test] != 0]
    drawn = rng.permutation(active)[: TRIED * config.score_pairs].tolist()
    divided = [(row, passages(_more(held, row, code), config.characters)) for row in drawn]
    cut = [(row, pieces) for row, pieces in divided if len(pieces) > 1]
    if not cut:
        return []

    def codes_of(shortened: list[tuple[int, str]]) -> Floats:
        """Return the feature's code in the described pole, positive where the version has more."""
        rows = [row for row, _ in shortened]
        prompts = [held.texts.prompt[row] for row in rows]
        less = [_more(held, row, -code) for row in rows]
        codes = code_of(prompts, [text for _, text in shortened], less)
        return one.pole * np.asarray(codes[:, one.feature], dtype=np.float64)

    singly = [(row, without(pieces, [i])) for row, pieces in cut for i in range(len(pieces))]
    each = np.split(codes_of(singly), np.cumsum([len(pieces) for _, pieces in cut])[:-1])
    made: list[Versions] = []
    for (row, pieces), after in zip(cut, each, strict=True):
        carrying, others = to_leave_out(pieces, -after)
        made.append(Versions(row, without(pieces, others), without(pieces, carrying)))
    kept = codes_of([(it.row, it.kept) for it in made])
    lost = codes_of([(it.row, it.lost) for it in made])
    distinct: Ints = np.flatnonzero((kept > 0) & (lost <= LOST * kept))
    return [made[i] for i in distinct[: config.score_pairs]]


def _more(held: HeldOut, row: int, code: Floats) -> str:
    """Return the response with more of a code."""
    return (held.texts.response_a if code[row] > 0 else held.texts.response_b)[row]
