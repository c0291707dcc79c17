"""The protocol of the paper: proposed from extreme pairs, judged on pairs that chose nothing.

Movva et al. (arXiv 2510.26202): several candidate sentences per feature, each from a few pairs
above the 95th percentile; a judge says of held-out pairs which response has more. Here the judged
pairs are stratified over |code| with the zeros among them and weighted back to the whole split,
every pair is judged in both orders, and the sentence is chosen on the select split and reported on
the test split.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wimhf.base import Event, Floats, Ints, LlmConfig, Progress, silent
from wimhf.describe.fidelity import Fidelity, weighted_fidelity
from wimhf.describe.llm.questions import Proposal, Texts, proposed, proposing
from wimhf.describe.llm.sampling import Sampled, stratified
from wimhf.describe.llm.server import ChatServer, ask_groups
from wimhf.describe.llm.votes import ask_in_both_orders
from wimhf.stats import odd_correlation

EXTREME = 0.95
"""Quantile of |code| among active pairs above which pairs are shown to the describer."""


@dataclass(frozen=True)
class Proof:
    """How true a sentence is on the test split.

    Attributes
    ----------
    fidelity
        None where no judgement was understood.
    consistency
        Share of judged pairs whose answer follows the response when the order is exchanged.
    tie_rate
        Share of pairs without the feature that were judged a tie.
    missing, asked
        Judgements that failed or were not understood, of all.
    """

    fidelity: Fidelity | None = None
    consistency: float | None = None
    tie_rate: float | None = None
    missing: int = 0
    asked: int = 0


@dataclass(frozen=True)
class LlmDescribed:
    """What a model said of one feature, and how true it is.

    Attributes
    ----------
    feature
        Its number.
    proposals
        Its candidates, and the select-split correlation of each (None: no usable answers).
    best
        Number of the best candidate; None where there is none.
    offline_score
        What the offline description reaches on the same judged select pairs.
    proof
        Of the best candidate.
    """

    feature: int
    proposals: list[Proposal]
    scores: list[float | None]
    best: int | None
    offline_score: float | None
    proof: Proof


@dataclass(frozen=True)
class _Feature:
    """One feature's code (n,) and the pairs that are asked about.

    ``shown`` holds the rows behind each candidate.
    """

    code: Floats
    select: Sampled
    test: Sampled
    shown: list[Ints]
    rng: np.random.Generator


def describe_with_llm(
    texts: Texts,
    codes: Floats,
    chosen: Sequence[int],
    parts: dict[str, Ints],
    components: Ints,
    offline: Callable[[int, Ints], Floats | None],
    server: ChatServer,
    config: LlmConfig,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> list[LlmDescribed]:
    """Describe features with a language model.

    Parameters
    ----------
    texts
        Prompts and responses of the pairs.
    codes
        (n, m) signed codes.
    chosen
        Features that are described, in the order in which they are asked about; what is asked of
        one does not depend on the others.
    parts
        Rows of the fit, select and test pairs.
    offline
        (feature, rows) -> what the best offline description predicts there, None without one.

    Raises
    ------
    ServerError
        If the server fails too often; what it answered is kept.
    """
    rngs = rng.spawn(codes.shape[1])
    features = [_drawn(codes[:, j], parts, config, rngs[j]) for j in chosen]
    model = _Model(texts, server, config, progress)
    proposals = model.proposals(features)
    scores = model.scores(features, proposals)
    best = [_best(own) for own in scores]
    sentences = [
        None if number is None else own[number].sentence
        for own, number in zip(proposals, best, strict=True)
    ]
    proofs = model.proofs(features, sentences, components)
    described: list[LlmDescribed] = []
    for number, (feature, one) in enumerate(zip(chosen, features, strict=True)):
        predicted = offline(feature, one.select.rows)
        score = None
        if predicted is not None:
            score = odd_correlation(predicted, one.code[one.select.rows], one.select.weight)
        described.append(
            LlmDescribed(
                feature, proposals[number], scores[number], best[number], score, proofs[number]
            )
        )
    return described


def _drawn(
    code: Floats, parts: dict[str, Ints], config: LlmConfig, rng: np.random.Generator
) -> _Feature:
    select, test = (
        stratified(code[parts[part]], parts[part], count, rng)
        for part, count in (("select", config.select_pairs), ("test", config.test_pairs))
    )
    return _Feature(code, select, test, _extremes(code, parts["fit"], config, rng), rng)


def _extremes(code: Floats, fit: Ints, config: LlmConfig, rng: np.random.Generator) -> list[Ints]:
    """Return the pairs shown for each candidate, drawn among the most extreme."""
    size = np.abs(code[fit])
    active = size[size > 0]
    if len(active) < config.examples:
        return []
    bound = min(np.quantile(active, EXTREME), np.sort(active)[-2 * config.examples :][0])
    extreme = fit[size >= bound]
    return [
        rng.choice(extreme, size=min(config.examples, len(extreme)), replace=False)
        for _ in range(config.candidates)
    ]


def _best(scores: list[float | None]) -> int | None:
    known = [(score, -number) for number, score in enumerate(scores) if score is not None]
    return -max(known)[1] if known else None


@dataclass(frozen=True)
class _Model:
    """Asks about all features at once."""

    texts: Texts
    server: ChatServer
    config: LlmConfig
    progress: Progress

    def proposals(self, features: list[_Feature]) -> list[list[Proposal]]:
        """Return each feature's distinct proposals."""
        questions = [
            [proposing(self.texts, one.code, rows, self.config) for rows in one.shown]
            for one in features
        ]
        event = Event("llm", unit="answers (describing)")
        answers = ask_groups(self.server, questions, proposed, self.progress, event)
        return [list(dict.fromkeys(p for p in own if p is not None)) for own in answers]

    def _votes(self, asked: list[tuple[str, Ints]], unit: str) -> list[Floats]:
        """Return which response has more of what each sentence says, judged in both orders.

        Each is (2, pairs), turned to +1 for A; NaN where there is no answer.
        """
        return ask_in_both_orders(self.texts, asked, self.server, self.config, unit, self.progress)

    def scores(
        self, features: list[_Feature], proposals: list[list[Proposal]]
    ) -> list[list[float | None]]:
        """Return the select-split correlation of every proposal."""
        asked = [
            (proposal.sentence, one.select.rows)
            for one, own in zip(features, proposals, strict=True)
            for proposal in own
        ]
        votes = iter(self._votes(asked, "choosing"))
        return [
            [_correlation(next(votes), one) for _ in own]
            for one, own in zip(features, proposals, strict=True)
        ]

    def proofs(
        self, features: list[_Feature], sentences: list[str | None], components: Ints
    ) -> list[Proof]:
        """Return how true every feature's sentence is on the test split."""
        asked = [
            (sentence or "", one.test.rows[: None if sentence else 0])
            for one, sentence in zip(features, sentences, strict=True)
        ]
        votes = self._votes(asked, "proving")
        return [_proof(vote, one, components) for vote, one in zip(votes, features, strict=True)]


def _correlation(votes: Floats, one: _Feature) -> float | None:
    heard = np.isfinite(votes).any(axis=0)
    if not heard.any():
        return None
    mean, code = np.nanmean(votes[:, heard], axis=0), one.code[one.select.rows]
    return odd_correlation(mean, code[heard], one.select.weight[heard])


def _proof(votes: Floats, one: _Feature, components: Ints) -> Proof:
    heard = np.isfinite(votes)
    missing, asked = int((~heard).sum()), votes.size
    whole, both = heard.any(axis=0), heard.all(axis=0)
    if not whole.any():
        return Proof(missing=missing, asked=asked)
    rows, weight = one.test.rows[whole], one.test.weight[whole]
    code, mean = one.code[rows], np.nanmean(votes[:, whole], axis=0)
    ties = np.nanmean(votes[:, whole][:, code == 0] == 0, axis=0)
    return Proof(
        fidelity=weighted_fidelity(mean, code, components[rows], weight, one.rng),
        consistency=float((votes[0, both] == votes[1, both]).mean()) if both.any() else None,
        tie_rate=float(ties.mean()) if len(ties) else None,
        missing=missing,
        asked=asked,
    )
