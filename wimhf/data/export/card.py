"""The change card: what went in, what was changed and why, what came out."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from wimhf.errors import ExportError
from wimhf.redaction import isolated, visible
from wimhf.version import __version__

LONGEST = 200
"""Characters of a person's words that a card shows."""
Interval = tuple[float, float, float]
"""An estimate with the ends of its interval: value, low, high."""


@dataclass(frozen=True)
class EditLine:
    """One edit as the log tells it: its number, who made it, when and why, its rule, its reach.

    ``checked`` is what people said of its pairs before it was made, if they were asked.
    """

    number: int
    time: str = ""
    who: str = ""
    why: str = ""
    rule: str = ""
    pairs: int = 0
    checked: str = ""


@dataclass(frozen=True)
class EffectLine:
    """A feature's effect in points, before and after the edits; None where not estimated."""

    description: str
    before: Interval | None = None
    after: Interval | None = None


@dataclass(frozen=True)
class FigureLine:
    """A figure of the whole data set before and after, e.g. the label balance or an AUC."""

    name: str
    before: float | None = None
    after: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class ChangeFacts:
    """All that a change card can tell; what is absent is left out of the card.

    Attributes
    ----------
    source, source_sha256
        What was read, and the hash of its bytes.
    rows_read, rows_with_pairs
        Rows of the source, and those of them that gave a pair.
    rejected
        Rejects by reason.
    unread
        Columns of the source that were not read.
    pairs
        Pairs before any was left out.
    edited
        Pairs that edits changed, by kind; every pair under one.
    written, rows_written
        Pairs in the output, and its rows.
    left_out
        Pairs that are not in the output, by reason.
    rounded
        Written pairs whose fractional label became its likelier winner.
    target, container, output, output_sha256
        What was written, as what and where to.
    edits, effects, figures
        The log, and what the edits changed in what the labels reward.
    warnings
        What a reader of the output should know.
    """

    pairs: int
    written: int
    rows_written: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    rounded: int = 0
    edited: Mapping[str, int] = field(default_factory=dict)
    source: str | None = None
    source_sha256: str | None = None
    rows_read: int | None = None
    rows_with_pairs: int | None = None
    rejected: Mapping[str, int] | None = None
    unread: tuple[str, ...] = ()
    target: str | None = None
    container: str | None = None
    output: str | None = None
    output_sha256: str | None = None
    edits: tuple[EditLine, ...] = ()
    effects: tuple[EffectLine, ...] = ()
    figures: tuple[FigureLine, ...] = ()
    warnings: tuple[str, ...] = ()
    version: str = __version__

    def __post_init__(self) -> None:
        out = sum(self.left_out.values())
        if self.written + out != self.pairs:
            raise ExportError(
                f"the change card does not add up: {self.written:,} pairs written and {out:,} "
                f"left out are not {self.pairs:,}"
            )
        if sum(self.edited.values()) > self.pairs:
            raise ExportError("the change card does not add up: more pairs edited than there are")
        if self.rows_read is None or self.rows_with_pairs is None:
            return
        rejects = None if self.rejected is None else sum(self.rejected.values())
        unexplained = rejects is not None and self.rows_with_pairs + rejects < self.rows_read
        if self.rows_with_pairs > self.rows_read or unexplained:
            raise ExportError(
                f"the change card does not add up: {self.rows_read:,} rows read, "
                f"{self.rows_with_pairs:,} with pairs, {rejects or 0:,} rejects"
            )

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> ChangeFacts:
        """Build the facts from plain values: dicts for edits, effects and figures.

        Raises
        ------
        ExportError
            If a name is unknown, or the numbers do not add up.
        """
        kinds = {"edits": EditLine, "effects": EffectLine, "figures": FigureLine}
        try:
            lines = {
                name: tuple(
                    one if isinstance(one, kind) else kind(**_tuples(one)) for one in facts[name]
                )
                for name, kind in kinds.items()
                if name in facts
            }
            return cls(**{**facts, **lines})
        except TypeError as error:
            raise ExportError(f"the change card's facts are not understood: {error}") from None


def _tuples(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in line.items()}


def change_card(facts: ChangeFacts | Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the card as Markdown and as a dict that JSON can hold.

    Parameters
    ----------
    facts
        The facts, or a dict of them as ``ChangeFacts.of`` takes it.

    Raises
    ------
    ExportError
        If the numbers do not add up.
    """
    known = facts if isinstance(facts, ChangeFacts) else ChangeFacts.of(facts)
    edits = [
        (str(e.number), _cell(e.who), _cell(e.time), _rule(e), _cell(e.why), f"{e.pairs:,}")
        for e in known.edits
    ]
    effects = [
        (_cell(e.description), _interval(e.before), _interval(e.after)) for e in known.effects
    ]
    figures = [
        (_cell(f.name), _figure(f.before, f.unit), _figure(f.after, f.unit)) for f in known.figures
    ]
    sections = {
        f"# Change card: {_cell(known.output or 'export')}": _table(("", ""), _head(known)),
        "## Counts": _table(("What", "How many"), _counts(known), right=1),
        "## Edits": _table(("#", "Who", "When", "Rule", "Why", "Pairs"), edits, right=1),
        "## Effects, in points": _table(("More of", "Before", "After"), effects, right=2),
        "## Before and after": _table(("", "Before", "After"), figures, right=2),
        "## Worth knowing": "\n".join(f"- {_cell(line)}" for line in _worth_knowing(known)),
    }
    text = "\n\n".join(f"{title}\n\n{body}" for title, body in sections.items() if body)
    return f"{text}\n", asdict(known)


def _rule(edit: EditLine) -> str:
    return _cell(edit.rule) + (f"<br>{_cell(edit.checked)}" if edit.checked else "")


def _worth_knowing(facts: ChangeFacts) -> list[str]:
    names = [f"columns not read: {', '.join(facts.unread)}"] if facts.unread else []
    return [*facts.warnings, *names]


def _head(facts: ChangeFacts) -> list[tuple[str, str]]:
    rows = [
        (title, _cell(name or "") + (f"<br>sha256 `{sha256}`" if sha256 else ""))
        for title, name, sha256 in (
            ("Source", facts.source, facts.source_sha256),
            ("Output", facts.output, facts.output_sha256),
        )
        if name or sha256
    ]
    rows += [("Format", f"{facts.target}, {facts.container}")] if facts.target else []
    return [*rows, ("Written by", f"WIMHF {facts.version}")]


def _counts(facts: ChangeFacts) -> list[tuple[str, str]]:
    changed = sum(facts.edited.values())
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in facts.edited.items())
    more = "" if facts.rows_written == facts.written else f"{facts.rows_written:,}"
    rows = [
        ("Rows read", "" if facts.rows_read is None else f"{facts.rows_read:,}"),
        *((f"Rejected: {_cell(why)}", f"{n:,}") for why, n in (facts.rejected or {}).items()),
        ("Pairs", f"{facts.pairs:,}"),
        ("Pairs edited", f"{changed:,} ({kinds})" if changed else ""),
        *((f"Left out: {_cell(why)}", f"{n:,}") for why, n in facts.left_out.items()),
        ("**Pairs written**", f"**{facts.written:,}**"),
        ("Rows written", more),
        ("Fractional labels rounded", f"{facts.rounded:,}" if facts.rounded else ""),
    ]
    return [row for row in rows if row[1]]


def _interval(value: Interval | None) -> str:
    return "–" if value is None else f"{value[0]:+.1f} [{value[1]:+.1f}, {value[2]:+.1f}]"


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    whole = float(value).is_integer() or abs(value) >= 1000
    return (f"{value:,.0f}" if whole else f"{value:.3g}") + (f" {_cell(unit)}" if unit else "")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: int = 0) -> str:
    """Return a Markdown table, its last columns aligned to the right; nothing without rows."""
    rule = ["---"] * (len(heads) - right) + ["--:"] * right
    lines = ("| " + " | ".join(cells) + " |" for cells in (heads, rule, *rows))
    return "\n".join(lines) if rows else ""


def _cell(text: str) -> str:
    """Return a person's words as one line that Markdown shows as they are."""
    line = visible(" ".join(str(text).split()))
    line = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return html.escape(re.sub(r"([\\`*_\[\]|~])", r"\\\1", isolated(line)), quote=False)
