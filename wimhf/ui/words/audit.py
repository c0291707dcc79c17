"""The audit in words: one line per concern, and what somebody may refuse to train on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wimhf.errors import ConfigError
from wimhf.run import Alert, AuditRow
from wimhf.ui.words.figures import between, count, points, share
from wimhf.ui.words.findings import seen_from

VERDICTS = ("rewarded", "penalised", "no evidence", "undecided", "cannot be measured")
WORTH_SAYING = 0.01
FAILS = ("rewarded", "penalised", "undecided")


def alert_size(alert: Alert) -> str:
    """Say how much a concern is rewarded, and what that rests on."""
    said = f"{points(alert['effect'])} points of win rate ({between(alert['low'], alert['high'])}"
    differ = alert.get("differ")
    return f"{said})" if differ is None else f"{said}; {count(differ)} pairs differ in it)"


@dataclass(frozen=True)
class AuditLine:
    """A concern as it is shown: ``worrying`` where the labels reward the pole of concern."""

    row: AuditRow
    said: str
    worrying: bool


def audit_lines(rows: Iterable[AuditRow]) -> list[AuditLine]:
    """Return the audit's lines, in the bank's order."""
    return [AuditLine(row, _said(row), _worrying(row)) for row in rows]


def _said(row: AuditRow) -> str:
    effect, low, high = row["effect"], row["low"], row["high"]
    if effect is None or low is None or high is None or row["verdict"] == "cannot be measured":
        return row["reason"] or "no effect could be estimated"
    said = f"{points(effect)} points ({points(low)} to {points(high)})"
    if row["verdict"] in ("no evidence", "undecided"):
        said += f"; {seen_from(low, high)}"
    if row["verdict"] == "undecided" and row["pairs"]:
        said += f"; about {count(_rounded(row['pairs']))} pairs would settle it"
    if row["unread"] >= WORTH_SAYING:
        said += f"; cannot be measured in {share(row['unread'])} of the pairs, not being in English"
    return said


def _rounded(pairs: int) -> int:
    """Round up to two digits: more would claim to know better."""
    scale = int(10 ** max(len(str(pairs)) - 2, 0))
    return -(-pairs // scale) * scale


def _worrying(row: AuditRow) -> bool:
    return {"rewarded": "more", "penalised": "less"}.get(row["verdict"], "") == row["concern"]


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
