"""Asking whether a concept's detector is right: which pairs, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wimhf.base import Floats, Ints, LlmConfig, Progress, Stream, cache_folder, silent, stream
from wimhf.concepts import Concept
from wimhf.describe import ChatServer, Texts, ask_in_both_orders, question_allowance
from wimhf.errors import EditError
from wimhf.run import (
    HIT,
    MISS,
    Answer,
    Run,
    check_rows,
    differences,
    feature_concept,
    keep_said,
    near_count,
    standing_answers,
)
from wimhf.stats import ridge_predictions, spread_rows

KINDS = (HIT, MISS)
LONGEST = 6_000


@dataclass(frozen=True)
class Check:
    """A pair about which somebody is asked.

    Attributes
    ----------
    kind
        ``hit``: the detector says that one response has more of the concept. ``miss``: it says
        nothing, but the pair is among those most like the ones in which it does.
    row
        Of the pair table.
    more, less
        The response that has more, of a miss the one of which that is predicted; and the other.
    side
        Which of them ``more`` is: A or B.
    answer
        What was answered before, if anything.
    """

    concept: Concept
    kind: str
    row: int
    pair_id: str
    prompt: str
    more: str
    less: str
    side: str
    answer: Answer | None


def sample_checks(run: Run, concept: str, n: int = 20, seed: int | None = None) -> list[Check]:
    """Draw pairs to ask about: hits, then misses, evenly over independent prompts.

    Misses are of the select and test splits. The same seed gives the same pairs, fewer of them
    where fewer are asked for.

    Parameters
    ----------
    concept
        The id of a concept that is a feature.
    n
        Pairs of each kind, at most.
    seed
        The run's own by default.

    Raises
    ------
    RunError
        If it is no feature of the run.
    """
    claimed, column = feature_concept(run, concept)
    found, silent_rows = check_rows(run, column)
    rng = stream(run.config.seed if seed is None else seed, Stream.CHECKS)
    component = run.pair_table["component"].to_numpy()
    answers = standing_answers(run, claimed)
    hits = spread_rows(np.flatnonzero(column), component, rng)[:n]
    near, predicted = _near(run, column, silent_rows, near_count(found, silent_rows))
    misses = spread_rows(near, component, rng)[:n]
    kinds = [(HIT, row, column[row]) for row in hits.tolist()]
    kinds += [(MISS, row, predicted[row]) for row in misses.tolist()]
    return [_check(run, claimed, kind, row, value > 0, answers) for kind, row, value in kinds]


def _near(run: Run, column: Floats, silent_rows: Ints, count: int) -> tuple[Ints, Floats]:
    """Return the silent rows most like those with the concept, and what is predicted of all."""
    if count == 0:
        return silent_rows[:0], np.zeros(len(column))
    fit = np.flatnonzero((run.pair_table["split"] == "fit").to_numpy())
    predicted = ridge_predictions(differences(run), column, fit)
    order = np.argsort(-np.abs(predicted[silent_rows]), kind="stable")
    return np.sort(silent_rows[order[:count]]), predicted


def _check(
    run: Run, concept: Concept, kind: str, row: int, a_has_more: bool,
    answers: dict[tuple[str, str], Answer],
) -> Check:  # fmt: skip
    pair = run.pair_table.row(row, named=True)
    more, less = pair["response_a"], pair["response_b"]
    if not a_has_more:
        more, less = less, more
    known = answers.get((kind, pair["pair_id"]))
    return Check(
        concept, kind, row, pair["pair_id"], pair["prompt"], more, less, "A" if a_has_more else "B",
        known,
    )  # fmt: skip


def record_check(
    run: Run, concept: str, pair_id: str, kind: str, answer: bool | None, who: str | None = None
) -> Answer:
    """Keep an answer with the run.

    Parameters
    ----------
    kind
        ``hit`` or ``miss``.
    answer
        Whether the concept is really there; None leaves it open.
    who
        Who signs it; by default WIMHF_USER, else the account.

    Raises
    ------
    EditError
        If there is no such kind or pair.
    RunError
        If it is no feature of the run, or the run cannot be written.
    """
    if kind not in KINDS:
        raise EditError(f"kind {kind!r} of a check is unknown; use {' or '.join(KINDS)}")
    if pair_id not in run.pair_table["pair_id"]:
        raise EditError(f"{run.path} has no pair {pair_id!r}")
    claimed, _ = feature_concept(run, concept)
    return keep_said(run, [(claimed, pair_id, kind, answer)], who)[0]


def check_with_model(
    run: Run,
    checks: Sequence[Check],
    config: LlmConfig,
    progress: Progress = silent,
    confirm: Callable[[str], bool] = lambda question: False,
) -> list[Answer]:
    """Ask a language model about pairs, in both orders, and keep its answers.

    At least LONGEST characters of a response are shown: what was found may stand late in it.

    A hit is right where the response with more is named, the other order taken into account; a
    miss is one where either response is named. Where the orders contradict each other, both are
    taken to be alike.

    Raises
    ------
    ServerError
        If the server fails too often or the budget is spent; what it answered is in the cache.
    """
    config = replace(config, characters=max(config.characters, LONGEST))
    shown = [len(text) for one in checks for text in (one.more, one.less)]
    length = float(np.mean(shown)) if shown else 0.0
    what = f"checking {len(checks)} pairs"
    allowed = question_allowance(what, 2 * len(checks), config, length, progress, confirm)
    texts = Texts.of(run.pair_table)
    asked = [(one.concept.more, np.array([one.row])) for one in checks]
    with ChatServer(config, cache_folder(), allowed) as server:
        votes = ask_in_both_orders(texts, asked, server, config, "checking", progress)
    answers = []
    for one, vote in zip(checks, votes, strict=True):
        heard = vote[np.isfinite(vote)]
        if len(heard):
            mean = float(heard.mean()) * (1 if one.side == "A" else -1)
            is_there = mean > 0 if one.kind == HIT else mean != 0
            answers.append((one.concept, one.pair_id, one.kind, is_there))
    return keep_said(run, answers, f"llm:{config.model}")
