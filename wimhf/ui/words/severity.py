"""How bad what was found of the data is: its order, its marks and its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

ORDER = ("serious", "warning", "note", "ok")
"""The worst first."""
COLOURED = {"serious": "🔴", "warning": "🟠", "note": "🔵", "ok": "🟢"}
ICONS = {
    "serious": ":material/error:", "warning": ":material/warning:", "note": ":material/info:",
}  # fmt: skip
SIGNS = {"ok": "✓", "note": "·", "warning": "!", "serious": "‼"}
WORDS = {
    "ok": "in order", "note": "worth knowing", "warning": "look at it",
    "serious": "mend before training",
}  # fmt: skip
MARGINS = ("length", "position", "contradictions")
"""Checks that belong beside the alerts even where they are only worth knowing."""


class CheckRow(TypedDict):
    """What one check of the data found, as health.json has it."""

    id: str
    title: str
    severity: str
    said: str
    advice: str
    setting: NotRequired[list[str] | None]


class Health(TypedDict):
    """What health.json holds: checks by group, and how many there are of each severity."""

    groups: dict[str, list[CheckRow]]
    counts: dict[str, int]


def parted_checks(health: Health) -> tuple[list[CheckRow], list[CheckRow]]:
    """Return the checks that need a look, the worst first, and the others."""
    checks = sorted(
        (check for group in health["groups"].values() for check in group),
        key=lambda check: ORDER.index(check["severity"]),
    )
    urgent = [check for check in checks if _urgent(check)]
    return urgent, [check for check in checks if check not in urgent]


def _urgent(check: CheckRow) -> bool:
    severity = check["severity"]
    return severity in ORDER[:2] or (severity == "note" and check["id"] in MARGINS)


def counts_in_words(counts: Mapping[str, int]) -> str:
    """Say how many checks there are of each severity."""
    return (
        f"{counts['serious']} to mend before training, {counts['warning']} to look at, "
        f"{counts['note']} worth knowing, {counts['ok']} in order"
    )
