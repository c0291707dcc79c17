"""How right a concept's detector, and a rule, is: in sentences."""

from __future__ import annotations

from wimhf.run import HIT, ConceptChecked


def precision_sentence(more: str, checked: ConceptChecked) -> str:
    """Say how often what a detector finds is there.

    Parameters
    ----------
    more
        What the concept says of a response.
    """
    if checked.asked == 0 or checked.low is None:
        return f"Nobody has said yet whether what is found {more}."
    return (
        f"{checked.hits} of {checked.asked} times it is true that the response {more}: "
        f"at least {100 * checked.low:.0f} %."
    )


def recall_sentence(checked: ConceptChecked) -> str:
    """Say how much of what is there a detector finds, and how that was estimated."""
    if checked.recall is None or checked.recall_low is None or checked.recall_high is None:
        return "How much it misses is not known: answer hits and misses to estimate it."
    return (
        f"It finds about {100 * checked.recall:.0f} % of what is there "
        f"({100 * checked.recall_low:.0f} to {100 * checked.recall_high:.0f}): of "
        f"{checked.asked_misses} pairs in which it finds nothing, drawn from the {checked.near:,} "
        f"most like the {checked.found:,} in which it does, {checked.misses} have it after all. "
        "Pairs less like these were not asked about, so it may find less than that."
    )


def check_question(more: str, kind: str, this: str, other: str, one: str = "one") -> str:
    """Ask whether a concept is really there.

    Parameters
    ----------
    more
        What the concept says of a response.
    kind
        ``hit`` or ``miss``.
    this, other, one
        What the response with more is called, the other one, and either of them.
    """
    if kind == HIT:
        return f"Is it true of {this}, more than of {other}, that it {more}?"
    return f"Is it true of {one}, more than of the other, that it {more}?"


def precision_short(checked: ConceptChecked | None) -> str:
    """Write a precision for a table; empty where nobody was asked."""
    if checked is None or not checked.asked or checked.low is None:
        return ""
    return f"{checked.hits} of {checked.asked}: ≥ {100 * checked.low:.0f} %"


def rule_question(reason: str) -> str:
    """Ask whether a pair fits a rule's reason."""
    return f"Does this pair fit the rule's reason: {reason.rstrip('?')}?"


def rule_share(hits: int, asked: int, low: float) -> str:
    """Say how many of a rule's pairs fit; ``low`` is the lower end of Wilson's interval, 0 to 1."""
    verb = "does" if hits == 1 else "do"
    return f"{hits} of {asked} {verb}: at least {100 * low:.0f} % (Wilson, 95 %)"
