"""How often people agree with what suspects promise, and with one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from wimhf.run import Edit, Run, Said, keep_answers, read_answers
from wimhf.stats import wilson_interval

REVIEW = "review"
"""The kind of a second opinion among the answers kept with a run."""
ENOUGH = 30
"""Decisions from which the list can be judged."""
KEEP, FLIP = "keep", "flip"
Opinions = dict[str, dict[str, str]]
"""By pair id and name of the person: keep, flip, tie or drop."""


@dataclass(frozen=True)
class Agreement:
    """How often people found that the other response is better, as the list promised.

    Ties and dropped pairs say neither and are not counted.

    Attributes
    ----------
    agreed, decided
        Pairs that were flipped, of those flipped or kept.
    promised
        The share of them that models expected to be flipped, 0 to 1; None where nothing is decided.
    low, high
        Wilson's 95 % interval of the share that was.
    """

    agreed: int
    decided: int
    promised: float | None
    low: float | None
    high: float | None

    @property
    def enough(self) -> bool:
        """Whether there are enough decisions to judge the list by."""
        return self.decided >= ENOUGH

    @property
    def stop(self) -> bool:
        """Whether the list surely keeps less than it promises, so that going on is not worth it."""
        promised, high = self.promised, self.high
        return self.enough and promised is not None and high is not None and high < promised


@dataclass(frozen=True)
class Between:
    """How often two people said the same of the pairs that both judged."""

    one: str
    other: str
    alike: int
    both: int


def decided_opinions(edits: Iterable[Edit]) -> Opinions:
    """Return what was decided of suspects by the edits in force, and by whom."""
    found: Opinions = {}
    for edit in edits:
        if edit.kind not in ("pairs", "decision") or not edit.decision:
            continue
        for place, pair_id in enumerate(edit.pair_ids):
            found.setdefault(pair_id, {})[edit.who] = _said(edit, place)
    return found


def _said(edit: Edit, place: int) -> str:
    if edit.kind == "decision":
        return KEEP
    new = edit.values
    if "kept" in new and new["kept"][place] is False:
        return "drop"
    return "tie" if "label" in new and new["label"][place] == 0.5 else FLIP


def opinions_of(run: Run) -> Opinions:
    """Return all that people said of suspects: decisions in force, and second opinions."""
    found = decided_opinions(run.history.active)
    for one in read_answers(run):
        if one.kind == REVIEW:
            said = found.setdefault(one.pair_id, {})
            said.pop(one.who, None)
            if one.answer is not None:
                said[one.who] = one.reason
    return {pair_id: said for pair_id, said in found.items() if said}


def keep_opinion(run: Run, pair_id: str, said: str | None, who: str) -> None:
    """Keep with the run what somebody says of a pair that was decided; None takes it back.

    No label is changed by it.

    Raises
    ------
    RunError
        If the run cannot be written.
    """
    answer = None if said is None else said != KEEP
    keep_answers(run, [Said("", "", pair_id, REVIEW, answer, said or "")], who)


def agreement_of(
    opinions: Opinions, chances: Mapping[str, float], who: str | None = None
) -> Agreement:
    """Return how often people agreed with the list of suspects.

    Parameters
    ----------
    chances
        By pair id the chance that the other response is preferred, 0 to 1.
    who
        Count this person's opinions only; all people's by default.
    """
    counted = [
        (chances[pair_id], said == FLIP)
        for pair_id, people in opinions.items() if pair_id in chances
        for name, said in people.items() if said in (KEEP, FLIP) and who in (None, name)
    ]  # fmt: skip
    agreed = sum(flipped for _, flipped in counted)
    promised = sum(chance for chance, _ in counted) / len(counted) if counted else None
    share = wilson_interval(agreed, len(counted))
    return Agreement(agreed, len(counted), promised, share["low"], share["high"])


def between_people(opinions: Opinions) -> list[Between]:
    """Return how often any two people said the same, those with most pairs in common first."""
    counts: dict[tuple[str, str], list[int]] = {}
    for said in opinions.values():
        for one, other in combinations(sorted(said), 2):
            count = counts.setdefault((one, other), [0, 0])
            count[0] += said[one] == said[other]
            count[1] += 1
    found = [Between(*names, *count) for names, count in counts.items()]
    return sorted(found, key=lambda each: (-each.both, each.one, each.other))
