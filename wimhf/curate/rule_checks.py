"""Precision before a rule is applied: a sample of its pairs, and what people say of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from wimhf.base import Stream, stream
from wimhf.curate.rules.reasons import reason_words
from wimhf.curate.rules.rule import Rule
from wimhf.curate.rules.written import Written, rules_of
from wimhf.errors import EditError
from wimhf.run import Answer, Edit, Key, Run, Said, keep_answers, last_answers, read_answers
from wimhf.stats import wilson_interval

if TYPE_CHECKING:
    from wimhf.curate.state import State

RULE = "rule"
"""The kind of an answer about a rule's pair."""
SAMPLE = 20
"""Pairs that are asked about where nothing else is said."""


@dataclass(frozen=True)
class RuleCheck:
    """A pair of which somebody is asked whether it fits a rule's reason.

    Attributes
    ----------
    row
        Of the pair table.
    first, second
        The responses, the one that the source prefers first; as listed where it prefers none.
    titles
        What either is called.
    reason
        What the pair is to fit.
    stamp
        What the rule was when it was asked about.
    answer
        What was answered before, if anything.
    """

    row: int
    pair_id: str
    prompt: str
    first: str
    second: str
    titles: tuple[str, str]
    reason: str
    stamp: str
    answer: Answer | None
    kind: str = RULE


@dataclass(frozen=True)
class RuleChecked:
    """How many of the pairs that were asked about fit a rule's reason.

    Attributes
    ----------
    hits, asked
        Pairs that fit, of those that were answered.
    low, high
        Wilson's 95 % interval of the share that fits, 0 to 1.
    skipped
        Pairs that were left open.
    selected
        Pairs that the rule selects.
    reason
        What the pairs were to fit, as it was asked.
    """

    hits: int
    asked: int
    low: float
    high: float
    skipped: int
    selected: int
    reason: str

    def to_dict(self) -> dict[str, object]:
        """Return all of it as plain JSON types."""
        return asdict(self)


def rule_stamp(written: Mapping[str, object], pair_ids: Iterable[str]) -> str:
    """Return what a rule is known by: its condition, its action and the pairs it selects.

    Its name and why are not part of it: an answer remembers the reason that was asked about.
    """
    decides = {key: written[key] for key in ("when", "then")}
    parts = [json.dumps(decides, sort_keys=True, ensure_ascii=False), *sorted(pair_ids)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def sample_rule(
    state: State, rule: Written, n: int = SAMPLE, seed: int | None = None
) -> list[RuleCheck]:
    """Draw pairs that a rule selects, every one of them as likely as any other.

    The same seed gives the same pairs; fewer of them are the first of more.

    Parameters
    ----------
    n
        Pairs, at most.
    seed
        The run's own by default.

    Raises
    ------
    EditError
        If the rule selects nothing, or cannot be understood.
    """
    (rule,) = rules_of(rule)
    run, facts = state.run, state.facts
    rows = np.flatnonzero(rule.selected(facts))
    if len(rows) == 0:
        raise EditError(f"the rule matches none of the {len(facts.pairs):,} pairs; widen it")
    stamp = _stamp_of(state, rule, rows.tolist())
    reason = reason_words(rule, facts)
    answers = _standing(run, stamp, reason)
    rng = stream(run.config.seed if seed is None else seed, Stream.RULE_CHECKS)
    drawn = rng.permutation(rows)[:n].tolist()
    return [_check(run, row, reason, stamp, answers) for row in drawn]


def _check(run: Run, row: int, reason: str, stamp: str, answers: Mapping[Key, Answer]) -> RuleCheck:
    pair = run.pair_table.row(row, named=True)
    label, texts = pair["label"], (pair["response_a"], pair["response_b"])
    titles = ("preferred", "other")
    if label is None or label == 0.5:
        titles = ("response A", "response B")
    elif label < 0.5:
        texts = texts[::-1]
    known = answers.get((RULE, pair["pair_id"]))
    return RuleCheck(row, pair["pair_id"], pair["prompt"], *texts, titles, reason, stamp, known)


def record_rule_check(
    run: Run, check: RuleCheck, answer: bool | None, who: str | None = None
) -> Answer:
    """Keep with the run whether a pair fits; None leaves it open. No edit is made.

    Raises
    ------
    RunError
        If the run cannot be written.
    """
    said = Said("", check.stamp, check.pair_id, RULE, answer, check.reason)
    return keep_answers(run, [said], who)[0]


def rule_checked(state: State, rule: Written) -> RuleChecked | None:
    """Return what people said of the pairs of exactly this rule; None where nobody did."""
    (rule,) = rules_of(rule)
    rows = np.flatnonzero(rule.selected(state.facts)).tolist()
    return _checked(state.run, _stamp_of(state, rule, rows), len(rows))


def written_checked(
    run: Run, written: Mapping[str, object], pair_ids: list[str]
) -> RuleChecked | None:
    """Return the same of a rule as it is recorded, and of the pairs it selected then."""
    return _checked(run, rule_stamp(written, pair_ids), len(pair_ids))


def edit_checked(run: Run, edit: Edit) -> RuleChecked | None:
    """Return the same of an edit; None where it is no rule's."""
    return written_checked(run, edit.rule, edit.pair_ids) if edit.kind == RULE else None


def rule_answers(run: Run, check: RuleCheck) -> dict[Key, Answer]:
    """Return the answers that count for the rule and reason of a pair that is asked about."""
    return _standing(run, check.stamp, check.reason)


def _standing(run: Run, stamp: str, reason: str) -> dict[Key, Answer]:
    """Asked about another reason, a pair is asked about anew."""
    return last_answers([one for one in _answers(run, stamp) if one.reason == reason])


def _stamp_of(state: State, rule: Rule, rows: list[int]) -> str:
    written = state.facts.lasting(rule.to_dict())
    return rule_stamp(written, state.run.pair_table["pair_id"].gather(rows).to_list())


def _answers(run: Run, stamp: str) -> list[Answer]:
    return [one for one in read_answers(run) if (one.kind, one.stamp) == (RULE, stamp)]


def _checked(run: Run, stamp: str, selected: int) -> RuleChecked | None:
    every = _answers(run, stamp)
    if not every:
        return None
    reason = every[-1].reason
    last = _standing(run, stamp, reason).values()
    answers = [one.answer for one in last if one.answer is not None]
    share = wilson_interval(sum(answers), len(answers))
    if share["low"] is None or share["high"] is None:
        return None
    return RuleChecked(
        sum(answers), len(answers), share["low"], share["high"], len(last) - len(answers),
        selected, reason,
    )  # fmt: skip
