"""What can be done about what the examination of the data found, as rules that are ready to see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mend:
    """A prepared rule.

    Attributes
    ----------
    words
        What it does, as a link says it.
    then
        What becomes of the pairs behind the finding, as rules files write it.
    """

    words: str
    then: str

    def rule(self, finding: str) -> dict[str, object]:
        """Return it as rules files write it, for a finding by its id."""
        return {"when": {"health": finding}, "then": self.then}


DROP = Mend("drop them", "drop")
TIES = Mend("make them ties", "tie")
MENDS: Mapping[str, tuple[Mend, ...]] = {
    "duplicates": (Mend("drop repeats, keep the first", "drop"),),
    "near_duplicates": (Mend("drop near repeats, keep the first", "drop"),),
    "contradictions": (
        Mend("make contradictions ties", "tie"),
        Mend("say what most labels of the same pair say", "consensus"),
    ),
    "swapped": (Mend("make contradicting twins ties", "tie"), DROP),
    "identical": (Mend("drop pairs of equal responses", "drop"), TIES),
    "identical_after_cut": (DROP,),
    "empty_prompts": (DROP,),
    "broken": (DROP,),
    "private": (DROP,),
    "encoded": (DROP,),
    "template_marks": (DROP,),
    "score_conflicts": (TIES, DROP),
    "markers": (TIES, DROP),
    "unlabelled": (DROP,),
    "ties": (Mend("drop ties", "drop"),),
    "far_annotators": (DROP,),
}
"""By finding; of one that is not here, no rule that looks at nothing else is a mend."""
LOOKED_AT = {"private": "look at personal data one by one"}
"""Findings whose pairs are to be looked at first, and what the link to them says."""


@dataclass(frozen=True)
class Offer:
    """What is offered of a finding.

    Attributes
    ----------
    finding
        Its id.
    pairs
        How many pairs are behind it.
    look
        What a link to them says.
    """

    finding: str
    pairs: int
    look: str
    mends: tuple[Mend, ...]


def offers(findings: Iterable[str]) -> dict[str, Offer]:
    """Return what is offered of the findings that concern single pairs, by their ids.

    Parameters
    ----------
    findings
        The finding behind each pair: ``item`` of health_pairs.parquet.
    """
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding] = counts.get(finding, 0) + 1
    return {
        finding: Offer(
            finding, pairs, LOOKED_AT.get(finding, "look at its pairs"), MENDS.get(finding, ())
        )
        for finding, pairs in counts.items()
    }
