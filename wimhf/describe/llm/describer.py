"""The protocol of the paper: proposed from extreme pairs, judged on pairs that chose nothing.

Movva et al. (arXiv 2510.26202): several candidate sentences per feature, each from a few pairs
above the 95th percentile; a judge says of held-out pairs which response has more. Here the judged
pairs are stratified over |code| with the zeros among them and weighted back to the whole split,
every pair is judged in both orders, and the sentence is chosen on the select split and reported on
the test split.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wimhf.base import Event, Floats, Ints, LlmConfig, Progress, silent
from wimhf.describe.fidelity import Fidelity, weighted_fidelity
from wimhf.describe.llm.questions import Proposal, Texts, judged, judging, proposed, proposing
from wimhf.describe.llm.server import ChatServer, Question
from wimhf.stats import odd_correlation

EXTREME = 0.95
"""Quantile of |code| among active pairs above which pairs are shown to the describer."""
STRATA = 4
"""Strata of active pairs by |code|; a fifth holds the zeros."""


@dataclass(frozen=True)
class LlmDescribed:
    """What a model said of one feature, and how true it is.

    Attributes
    ----------
    proposals
        Its candidates, and the select-split correlation of each (None: no usable answers).
    best
        Number of the best candidate; None where there is none.
    offline_score
        What the offline description reaches on the same judged select pairs.
    fidelity
        Of the best candidate on the test split.
    consistency
        Share of judged pairs whose answer follows the response when the order is exchanged.
    tie_rate
        Share of pairs without the feature that were judged a tie.
    missing, asked
        Judgements that failed or were not understood, of all.
    """

    proposals: list[Proposal]
    scores: list[float | None]
    best: int | None
    offline_score: float | None
    fidelity: Fidelity | None
    consistency: float | None
    tie_rate: float | None
    missing: int
    asked: int


@dataclass(frozen=True)
class Sampled:
    """Pairs to be judged and what each stands for."""

    rows: Ints
    weight: Floats


def describe_with_llm(
    texts: Texts,
    codes: Floats,
    parts: dict[str, Ints],
    components: Ints,
    offline: Callable[[int, Ints], Floats | None],
    server: ChatServer,
    config: LlmConfig,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> list[LlmDescribed]:
    """Describe every feature with a language model.

    Parameters
    ----------
    texts
        Prompts and responses of the pairs.
    codes
        (n, m) signed codes.
    parts
        Rows of the fit, select and test pairs.
    offline
        (feature, rows) -> what the best offline description predicts there, None without one.

    Raises
    ------
    ServerError
        If the server fails too often; what it answered is kept.
    """
    m = codes.shape[1]
    rngs = rng.spawn(m)
    samples = [
        {
            part: stratified(codes[parts[part], j], parts[part], count, rngs[j])
            for part, count in (("select", config.select_pairs), ("test", config.test_pairs))
        }
        for j in range(m)
    ]
    shown = [_extremes(codes[:, j], parts["fit"], config, rngs[j]) for j in range(m)]
    asked = [proposing(texts, codes[:, j], one, config) for j in range(m) for one in shown[j]]
    answers = _ask(server, asked, "describing", progress)
    proposals = _grouped(answers, [len(one) for one in shown])
    judge = _Judge(texts, codes, samples, server, config, progress)
    scores = judge.scores(proposals)
    best = [_best(own) for own in scores]
    reported = judge.reports(proposals, best, components, rngs)
    found: list[LlmDescribed] = []
    for j in range(m):
        rows = samples[j]["select"]
        predicted = offline(j, rows.rows)
        score = None
        if predicted is not None:
            score = odd_correlation(predicted, codes[rows.rows, j], rows.weight)
        found.append(LlmDescribed(proposals[j], scores[j], best[j], score, **reported[j]))
    return found


def stratified(code: Floats, rows: Ints, count: int, rng: np.random.Generator) -> Sampled:
    """Draw pairs evenly over |code|, zeros among them, each weighted by what it stands for."""
    size = np.abs(code)
    active = np.flatnonzero(size > 0)
    order = active[np.argsort(size[active], kind="stable")]
    strata = [np.flatnonzero(size == 0), *np.array_split(order, STRATA)]
    strata = [stratum for stratum in strata if len(stratum)]
    chosen: list[Ints] = []
    weight: list[Floats] = []
    for place, stratum in enumerate(strata):
        wanted = (count - sum(map(len, chosen))) // (len(strata) - place)
        taken = rng.choice(stratum, size=min(wanted, len(stratum)), replace=False)
        chosen.append(taken.astype(np.int64))
        weight.append(np.full(len(taken), len(stratum) / max(len(taken), 1)))
    picked = np.concatenate(chosen)
    return Sampled(rows[picked], np.concatenate(weight))


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


def _ask(
    server: ChatServer, questions: list[Question], unit: str, progress: Progress
) -> list[str | None]:
    def told(done: int, total: int) -> None:
        progress(Event("llm", done, total, unit=f"answers ({unit})"))

    return server.ask(questions, told)


def _grouped(answers: list[str | None], sizes: list[int]) -> list[list[Proposal]]:
    """Return each feature's distinct proposals."""
    out: list[list[Proposal]] = []
    start = 0
    for size in sizes:
        found = [proposed(answer) for answer in answers[start : start + size]]
        out.append(list(dict.fromkeys(one for one in found if one is not None)))
        start += size
    return out


def _best(scores: list[float | None]) -> int | None:
    known = [(score, -number) for number, score in enumerate(scores) if score is not None]
    return -max(known)[1] if known else None


@dataclass
class _Judge:
    """Asks which response has more of what a sentence says, in both orders."""

    texts: Texts
    codes: Floats
    samples: list[dict[str, Sampled]]
    server: ChatServer
    config: LlmConfig
    progress: Progress

    def _votes(self, wanted: list[tuple[str, Ints]], unit: str) -> list[Floats]:
        """Return per sentence (2, pairs) answers in both orders, turned to +1 for A."""
        questions = [
            judging(self.texts, row, sentence, self.config, exchanged=exchanged)
            for sentence, rows in wanted
            for exchanged in (False, True)
            for row in rows
        ]
        answers = iter(_ask(self.server, questions, unit, self.progress))
        votes = []
        for _, rows in wanted:
            own = [[judged(next(answers)) for _ in rows] for _ in range(2)]
            votes.append(np.array(own, dtype=np.float64) * np.array([[1.0], [-1.0]]))
        return votes

    def scores(self, proposals: list[list[Proposal]]) -> list[list[float | None]]:
        """Return the select-split correlation of every proposal."""
        flat = [(j, one) for j, own in enumerate(proposals) for one in own]
        wanted = [(one.sentence, self.samples[j]["select"].rows) for j, one in flat]
        votes = self._votes(wanted, "choosing")
        out: list[list[float | None]] = [[] for _ in proposals]
        for (j, _), vote in zip(flat, votes, strict=True):
            sample = self.samples[j]["select"]
            out[j].append(_correlation(vote, self.codes[sample.rows, j], sample.weight))
        return out

    def reports(
        self,
        proposals: list[list[Proposal]],
        best: list[int | None],
        components: Ints,
        rngs: list[np.random.Generator],
    ) -> list[dict[str, Any]]:
        """Return the fidelity of every feature's best proposal on the test split."""
        chosen = [(j, number) for j, number in enumerate(best) if number is not None]
        wanted = [
            (proposals[j][number].sentence, self.samples[j]["test"].rows) for j, number in chosen
        ]
        votes = dict(zip([j for j, _ in chosen], self._votes(wanted, "proving"), strict=True))
        return [self._report(j, votes.get(j), components, rngs[j]) for j in range(len(proposals))]

    def _report(
        self, j: int, votes: Floats | None, components: Ints, rng: np.random.Generator
    ) -> dict[str, Any]:
        empty = dict.fromkeys(("fidelity", "consistency", "tie_rate"))
        if votes is None:
            return empty | {"missing": 0, "asked": 0}
        sample = self.samples[j]["test"]
        code = self.codes[sample.rows, j]
        heard = np.isfinite(votes)
        counts = {"missing": int((~heard).sum()), "asked": votes.size}
        whole = heard.any(axis=0)
        if not whole.any():
            return empty | counts
        mean = np.nanmean(votes[:, whole], axis=0)
        both = heard.all(axis=0)
        zero = whole & (code == 0)
        ties = np.nanmean(votes[:, zero] == 0, axis=0) if zero.any() else None
        return counts | {
            "fidelity": weighted_fidelity(
                mean, code[whole], components[sample.rows][whole], sample.weight[whole], rng
            ),
            "consistency": float((votes[0, both] == votes[1, both]).mean()) if both.any() else None,
            "tie_rate": float(ties.mean()) if ties is not None else None,
        }


def _correlation(votes: Floats, code: Floats, weight: Floats) -> float | None:
    whole = np.isfinite(votes).any(axis=0)
    if not whole.any():
        return None
    return odd_correlation(np.nanmean(votes[:, whole], axis=0), code[whole], weight[whole])
