"""A Tsetlin machine for pairs: clauses that vote for a response, over both orders.

After Granmo (2018), "The Tsetlin machine", arXiv 1804.01508, with a budget of literals (Abeyrathna
et al. 2023, arXiv 2301.08190). All clauses vote for the first response; a pair's score is the votes
of one order less those of the other, so that clauses against are not needed and exchanging sides
negates it. (tmu 0.8.3, the package with wheels, does not run with numpy 2.)
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wimhf.base import Floats, Ints, Mask

STATES = 100
"""Steps of an automaton from sure exclusion to the border, and from there to sure inclusion."""


@dataclass(frozen=True)
class TsetlinSettings:
    """How a machine is trained.

    Attributes
    ----------
    clauses, literals
        Clauses, and literals of one at most.
    margin
        T: votes beyond which a pair teaches nothing more.
    specificity
        s: the larger, the more literals a clause takes.
    passes, pairs
        Passes over the pairs, and pairs of one pass at most.
    """

    clauses: int
    literals: int = 8
    margin: int = 8
    specificity: float = 8.0
    passes: int = 12
    pairs: int = 2_000


@dataclass(frozen=True)
class Clauses:
    """What a machine learned.

    Attributes
    ----------
    included
        (c, 2 p) True for a clause's literals: p of presence, then p of absence.
    """

    included: Mask = field(repr=False)

    def fire(self, present: Mask) -> Mask:
        """Return (n, c) whether each clause holds of rows (n, p); one without literals does not."""
        literals = np.concatenate([present, ~present], axis=1)
        missing = (~literals).astype(np.float32) @ self.included.T.astype(np.float32)
        fires: Mask = (missing == 0) & self.included.any(axis=1)
        return fires

    def score(self, ab: Mask, ba: Mask) -> Floats:
        """Return votes for A less votes for B (n,): exchanging the orders negates them."""
        votes = self.fire(ab).sum(axis=1, dtype=np.float64)
        return np.asarray(votes - self.fire(ba).sum(axis=1, dtype=np.float64))


def tsetlin_clauses(ab: Mask, ba: Mask, won: Mask, settings: TsetlinSettings, seed: int) -> Clauses:
    """Train a machine on pairs, each in both orders.

    Parameters
    ----------
    ab, ba
        (n, p) what is present of A and not of B, and of B and not of A.
    won
        (n,) True where A is preferred.
    """
    rng = np.random.default_rng(seed)
    winner = np.where(won[:, None], ab, ba)
    loser = np.where(won[:, None], ba, ab)
    literals = [np.concatenate([one, ~one], axis=1) for one in (winner, loser)]
    state = np.full((settings.clauses, literals[0].shape[1]), STATES, dtype=np.int16)
    state -= rng.integers(0, 2, state.shape, dtype=np.int16)
    for _ in range(settings.passes):
        for row in rng.permutation(len(won))[: settings.pairs].tolist():
            _taught(state, literals[0][row], literals[1][row], settings, rng)
    return Clauses(_within_budget(state, settings.literals))


def _taught(
    state: NDArray[np.int16], winner: Mask, loser: Mask, settings: TsetlinSettings,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Teach clauses by one pair: to hold of its winner, and not of its loser."""
    included = state > STATES
    holds: list[Mask] = [np.asarray(~(included & ~one).any(axis=1)) for one in (winner, loser)]
    limit = settings.margin
    lead = float(np.clip(holds[0].sum() - int(holds[1].sum()), -limit, limit))
    chosen = rng.random((2, len(state))) < (limit - lead) / (2 * limit)
    over: Mask = np.asarray(included.sum(axis=1) >= settings.literals)
    _recognise(state, np.flatnonzero(chosen[0]), winner, holds[0], over, settings, rng)
    rejecting = np.flatnonzero(chosen[1] & holds[1])
    state[rejecting] += (~included[rejecting] & ~loser).astype(np.int16)


def _recognise(
    state: NDArray[np.int16], rows: Ints, winner: Mask, holds: Mask, over: Mask,
    settings: TsetlinSettings, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Type I feedback: clauses that hold take what is true and others forget.

    A clause whose budget is spent takes nothing new; what it has grows surer.
    """
    if not len(rows):
        return
    forget = rng.random((len(rows), state.shape[1]), dtype=np.float32) < 1 / settings.specificity
    true = holds[rows, None] & winner
    takes = true & ~(over[rows, None] & (state[rows] <= STATES))
    change = takes.astype(np.int16) - (forget & ~true).astype(np.int16)
    state[rows] = np.clip(state[rows] + change, 1, 2 * STATES)


def _within_budget(state: NDArray[np.int16], literals: int) -> Mask:
    """Return the included literals, of each clause the surest ones."""
    order = np.argsort(-state, axis=1, kind="stable")[:, :literals]
    kept = np.zeros(state.shape, dtype=bool)
    np.put_along_axis(kept, order, True, axis=1)
    return np.asarray(kept & (state > STATES))
