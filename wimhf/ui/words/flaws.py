"""What is wrong with the data, and what would mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wimhf.curate import LOOKED_AT, MENDS
from wimhf.ui.words.figures import upper_first
from wimhf.ui.words.severity import CheckRow, Health, parted_checks

TOLD = ("private", "first_turns")
"""Checks that are worth a line even where they are only worth knowing."""


@dataclass(frozen=True)
class Flaw:
    """Something wrong with the data.

    Attributes
    ----------
    found, left
        Pairs in the source, and those of them that are in as they were.
    mend
        What to do about them; empty where a person must look.
    rule
        It as a rules file writes it; None where there is none.
    """

    check: CheckRow
    found: int
    left: int
    mend: str
    rule: dict[str, object] | None


def flaws(health: Health, flagged: Mapping[str, tuple[int, int]]) -> list[Flaw]:
    """Return what needs a look, the worst first.

    Parameters
    ----------
    flagged
        Per check how many pairs it found, and how many of them are in as they were.
    """
    urgent, others = parted_checks(health)
    told = [one for one in others if one.get("id") in TOLD and one["severity"] != "ok"]
    return [_flaw(one, *flagged.get(one.get("id", ""), (0, 0))) for one in [*urgent, *told]]


def _flaw(check: CheckRow, found: int, left: int) -> Flaw:
    known = MENDS.get(check.get("id", ""), ())
    if not known or not left or check["id"] in LOOKED_AT:
        return Flaw(check, found, left, "", None)
    return Flaw(check, found, left, upper_first(known[0].words), known[0].rule(check["id"]))
