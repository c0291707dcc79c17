"""The audit in words: one line per concern, and what somebody may refuse to train on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wimhf.errors import ConfigError
from wimhf.run import Alert, AuditRow, Feature
from wimhf.ui.words.figures import between, count, points, share
from wimhf.ui.words.findings import seen_from

VERDICTS = ("rewarded", "penalised", "no evidence", "undecided", "cannot be measured")
TAKEN = VERDICTS[:2]
"""Verdicts of effects beyond chance."""
WORTH_SAYING = 0.01
FAILS = ("rewarded", "penalised", "undecided")


def alert_size(alert: Alert) -> str:
    """Say how much a concern is rewarded, and what that rests on."""
    said = f"{points(alert['effect'])} points of win rate ({between(alert['low'], alert['high'])}"
    differ = alert.get("differ")
    return f"{said})" if differ is None else f"{said}; {count(differ)} pairs differ in it)"


@dataclass(frozen=True)
class AuditLine:
    """A concern as it is shown.

    Attributes
    ----------
    said
        Its effect, what would have been seen and how many pairs would settle it; else why it is
        not known.
    size
        The effect with its interval alone, or why it is not known.
    seen, settled
        The rest of it: empty and None where there is none.
    worrying
        Whether the labels reward the pole of concern.
    """

    row: AuditRow
    said: str
    size: str
    seen: str
    settled: int | None
    worrying: bool

    @classmethod
    def of(cls, row: AuditRow, features: Mapping[int, Feature]) -> AuditLine:
        """Return the line of a row."""
        size = _sized(row, features)
        open_still = bool(size) and row["verdict"] in ("no evidence", "undecided")
        seen = seen_from(row["low"], row["high"]) if open_still else ""
        undecided = open_still and row["verdict"] == "undecided"
        settled = _rounded(row["pairs"]) if undecided and row["pairs"] else None
        size = size or row["reason"] or "no effect could be estimated"
        parts = [size, *([seen] if seen else [])]
        if settled:
            parts.append(f"about {count(settled)} pairs would settle it")
        taught = {"rewarded": "more", "penalised": "less"}.get(row["verdict"], "")
        return cls(row, "; ".join(parts), size, seen, settled, taught == row["concern"])


def audit_lines(rows: Iterable[AuditRow], features: Iterable[Feature] = ()) -> list[AuditLine]:
    """Return the audit's lines, in the bank's order.

    Parameters
    ----------
    features
        What the rows are about: an effect beyond chance is then said without the winner's curse,
        as in the sentences of findings.
    """
    known = {feature.feature: feature for feature in features}
    return [AuditLine.of(row, known) for row in rows]


def _sized(row: AuditRow, features: Mapping[int, Feature]) -> str:
    """Write the effect of a concern with its interval; empty where there is none."""
    effect, low, high = row["effect"], row["low"], row["high"]
    if effect is None or row["verdict"] == "cannot be measured":
        return ""
    feature = features.get(-1 if row["feature"] is None else row["feature"])
    if feature is not None and row["verdict"] in TAKEN and feature.shrunk is not None:
        effect, low, high = feature.said
    said = f"{points(effect)} points ({between(low, high)})"
    if row["unread"] >= WORTH_SAYING:
        said += f"; cannot be measured in {share(row['unread'])} of the pairs, not being in English"
    return said


def _rounded(pairs: int) -> int:
    """Round up to two digits: more would claim to know better."""
    scale = int(10 ** max(len(str(pairs)) - 2, 0))
    return -(-pairs // scale) * scale


def failures(rows: Sequence[AuditRow], wanted: str) -> list[AuditRow]:
    """Return the concerns at which a pipeline should stop.

    Parameters
    ----------
    wanted
        ``VERDICT:CONCERN`` and the like, joined by commas; a concern is its id or title, or
        ``any``.

    Raises
    ------
    ConfigError
        If a part of it is none.
    """
    failed: list[AuditRow] = []
    for part in filter(None, (one.strip() for one in wanted.split(","))):
        verdict, _, name = part.replace("punished:", "penalised:").partition(":")
        named = [row for row in rows if _is_named(row, name)]
        if verdict not in FAILS or not named:
            raise ConfigError(
                f"--fail-on {part!r} is not understood; write VERDICT:CONCERN with a verdict of "
                f"{', '.join(FAILS)} and a concern such as {rows[0]['concept']}, or any"
            )
        failed += [row for row in named if row["verdict"] == verdict and row not in failed]
    return failed


def _is_named(row: AuditRow, name: str) -> bool:
    wanted = name.strip().casefold()
    return wanted == "any" or wanted in (row["concept"], row["title"].casefold())
