"""How far people agree with a list of suspects and with one another, in words."""

from __future__ import annotations

from collections.abc import Iterable

from wimhf.curate import Agreement, Between
from wimhf.ui.words.figures import between, counted, share


def agreement_sentence(found: Agreement) -> str:
    """Say how often the other response was found better, beside what the list promised."""
    if not found.decided or found.promised is None:
        return "Nothing is kept or flipped yet."
    said = (
        f"Of {counted(found.decided, 'decision')} that keep or flip, {found.agreed:,} "
        f"flip{'s' if found.agreed == 1 else ''}"
    )
    if not found.enough:
        return f"{said}; the list is judged from 30 on."
    own, ends = share(found.agreed / found.decided), between(found.low, found.high, share)
    return f"{said}: {own} ({ends}); the list promised {share(found.promised)}."


def stop_advice(found: Agreement) -> str:
    """Advise to stop where the list keeps less than it promises; else empty."""
    if not found.stop:
        return ""
    own = share(found.agreed / found.decided)
    return (
        f"Stop here? You agree with the list in {own} of pairs, and it promised "
        f"{share(found.promised)}. What is left is doubted less than these, so "
        "that going on is not worth the time."
    )


def between_lines(found: Iterable[Between]) -> list[str]:
    """Say of any two people how often they said the same of the pairs that both judged."""
    return [
        f"{one.one} and {one.other} said the same of {one.alike:,} of {counted(one.both, 'pair')}"
        for one in found
    ]
