"""What a rule's pairs are said to be, in words that a person can answer yes or no to."""

from __future__ import annotations

from collections.abc import Mapping

from wimhf.curate.rules.conditions import All, AnyOf, Condition, Not
from wimhf.curate.rules.criteria import Feature, Suspicion
from wimhf.curate.rules.facts import Facts
from wimhf.curate.rules.rule import Rule

WHOSE = {
    True: "the preferred response, more than the other,",
    False: "the other response, more than the preferred one,",
    None: "one response, more than the other,",
}


def reason_words(rule: Rule, facts: Facts) -> str:
    """Return the reason a rule's pairs are to fit: its why, else its name, else its condition."""
    return rule.why.strip() or rule.name.strip() or _condition(rule.when, facts)


def _condition(when: Condition, facts: Facts) -> str:
    if isinstance(when, (All, AnyOf)):
        between = "; and " if isinstance(when, All) else "; or "
        return between.join(_condition(one, facts) for one in when.conditions)
    if isinstance(when, Not):
        return f"not so: {_condition(when.condition, facts)}"
    if isinstance(when, Suspicion):
        return "its label is wrong"
    return _feature(when, facts) if isinstance(when, Feature) else written_words(when.to_dict())


def _feature(when: Feature, facts: Facts) -> str:
    one = facts.feature(when.feature)
    name = one.description or f"has more of feature {one.feature}"
    if when.pole == "opposite":
        name = one.opposite or f"has less of this: {name}"
    return f"{WHOSE[when.rewarded]} {name}"


def written_words(written: object) -> str:
    """Write a part of a rule in one line, e.g. ``text = sorry, within = preferred``."""
    if isinstance(written, Mapping):
        return ", ".join(f"{key} = {written_words(value)}" for key, value in written.items())
    if isinstance(written, list):
        listed = "; ".join(map(written_words, written[:4]))
        return listed + ("; ..." if len(written) > 4 else "")
    return str(written).lower() if isinstance(written, bool) else str(written)
