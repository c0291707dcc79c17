"""Which of two responses the labels would pick, in sentences."""

from __future__ import annotations

from wimhf.run import Part, Picked
from wimhf.ui.words.figures import between, counted, decimal, share

LEAST = 0.01
"""Log odds below which a part is not told."""
MOST = 12
CONTROLS = {"length": "is longer"}


def picked_sentences(picked: Picked | None) -> list[str]:
    """Say which response these labels would pick, how surely, and what that is drawn from.

    >>> picked_sentences(Picked("A", (0.9,), 0.71, 0.64, 0.77, 200, ()))[0]
    'These labels would pick response A: where models lean as much, 71% of labels are the one that \
was expected (64% to 77%, of 200 pairs).'
    """
    if picked is None:
        return ["Which response these labels would pick cannot be told: they predict nothing."]
    if not picked.side:
        return ["These labels see no difference: nothing that was measured tells the two apart."]
    if picked.share is None:
        return [
            f"Models of these labels lean to response {picked.side}; how often they are right "
            "cannot be told of so few labels."
        ]
    known = between(picked.low, picked.high, share)
    drawn = f"{known}, of {counted(picked.pairs, 'pair')}" if known else (
        f"of {counted(picked.pairs, 'pair')}, too few prompts for an interval"
    )  # fmt: skip
    right = f"{share(picked.share)} of labels are the one that was expected ({drawn})"
    if picked.sure:
        return [
            f"These labels would pick response {picked.side}: where models lean as much, {right}."
        ]
    return [
        "These labels might pick either: models lean slightly to response "
        f"{picked.side}, and where they lean as little, {right}."
    ]


def picked_parts(picked: Picked) -> list[tuple[str, str, str, str]]:
    """Return what speaks for either: name, who has more, for which it counts, log odds.

    Findings and what is controlled for first; other features by name; the nameless together.
    """
    parts = [one for one in picked.parts if abs(one.toward_a) >= LEAST]
    first = [one for one in parts if one.finding or one.name in CONTROLS]
    others = [one for one in parts if one not in first and one.name]
    told = [*first, *others][:MOST]
    rest = sum(one.toward_a for one in picked.parts if one not in told)
    rows = [_row(one) for one in told]
    if abs(rest) >= LEAST:
        rows.append(("everything else, all together", "", *_counts(rest)))
    return rows


def _row(part: Part) -> tuple[str, str, str, str]:
    name = CONTROLS.get(part.name, part.name)
    kind = "" if part.finding else " (controlled for)" if part.name in CONTROLS else " (no finding)"
    return f"{name}{kind}", part.more_side, *_counts(part.toward_a)


def _counts(toward_a: float) -> tuple[str, str]:
    return "A" if toward_a > 0 else "B", decimal(abs(toward_a))
