"""The change card: what went in, what was changed and why, what came out."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wimhf.errors import ExportError
from wimhf.version import __version__

LONGEST = 200
"""Characters of a person's words that a card shows."""
Interval = tuple[float, float, float]
"""An estimate with the ends of its interval: value, low, high."""


@dataclass(frozen=True)
class EditLine:
    """One edit as the log tells it: its number, who made it, when and why, its rule, its reach."""

    number: int
    time: str = ""
    who: str = ""
    why: str = ""
    rule: str = ""
    pairs: int = 0


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
        parts: dict[str, type] = {"edits": EditLine, "effects": EffectLine, "figures": FigureLine}
        try:
            made: dict[str, Any] = {
                name: tuple(_made(parts[name], one) for one in value)
                if name in parts else value
                for name, value in facts.items()
            }  # fmt: skip
            return cls(**made)
        except TypeError as error:
            raise ExportError(f"the change card's facts are not understood: {error}") from None


def _made(kind: type, value: Any) -> Any:
    if isinstance(value, kind):
        return value
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in value.items()})


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
    parts = [
        f"# Change card: {_cell(known.output or 'export')}",
        _head(known), "## Counts", _counts(known),
        *_section("## Edits", _edits(known.edits)),
        *_section("## Effects, in points", _effects(known.effects)),
        *_section("## Before and after", _figures(known.figures)),
        *_section("## Worth knowing", "\n".join(f"- {_cell(w)}" for w in known.warnings)),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n", _as_dict(known)


def _section(title: str, body: str) -> list[str]:
    return [title, body] if body else []


def _as_dict(facts: ChangeFacts) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name in (one.name for one in dataclasses.fields(facts)):
        value = getattr(facts, name)
        if isinstance(value, tuple):
            value = [v if isinstance(v, str) else dataclasses.asdict(v) for v in value]
        plain[name] = dict(value) if isinstance(value, Mapping) else value
    return plain


def _head(facts: ChangeFacts) -> str:
    said = [
        ("Source", facts.source, facts.source_sha256),
        ("Output", facts.output, facts.output_sha256),
    ]
    rows = [
        (title, _cell(name or "") + (f"<br>sha256 `{sha}`" if sha else ""))
        for title, name, sha in said
        if name or sha
    ]
    if facts.target:
        rows.append(("Format", f"{facts.target}, {facts.container}"))
    return _table(("", ""), [*rows, ("Written by", f"WIMHF {facts.version}")])


def _counts(facts: ChangeFacts) -> str:
    rows: list[tuple[str, str]] = []
    if facts.rows_read is not None:
        rows.append(("Rows read", f"{facts.rows_read:,}"))
    rows += [(f"Rejected: {_cell(why)}", f"{n:,}") for why, n in (facts.rejected or {}).items()]
    rows.append(("Pairs", f"{facts.pairs:,}"))
    changed = sum(facts.edited.values())
    if changed:
        told = ", ".join(f"{n:,} {kind}" for kind, n in facts.edited.items())
        rows.append(("Pairs edited", f"{changed:,} ({told})"))
    rows += [(f"Left out: {_cell(why)}", f"{n:,}") for why, n in facts.left_out.items()]
    rows.append(("**Pairs written**", f"**{facts.written:,}**"))
    if facts.rows_written != facts.written:
        rows.append(("Rows written", f"{facts.rows_written:,}"))
    if facts.rounded:
        rows.append(("Fractional labels rounded", f"{facts.rounded:,}"))
    return _table(("What", "How many"), rows, right=(1,))


def _edits(edits: Sequence[EditLine]) -> str:
    rows = [
        (str(e.number), _cell(e.who), _cell(e.time), _cell(e.rule), _cell(e.why), f"{e.pairs:,}")
        for e in edits
    ]
    heads = ("#", "Who", "When", "Rule", "Why", "Pairs")
    return _table(heads, rows, right=(5,)) if rows else ""


def _effects(effects: Sequence[EffectLine]) -> str:
    rows = [(_cell(e.description), _interval(e.before), _interval(e.after)) for e in effects]
    return _table(("More of", "Before", "After"), rows, right=(1, 2)) if rows else ""


def _figures(figures: Sequence[FigureLine]) -> str:
    rows = [(_cell(f.name), _figure(f.before, f.unit), _figure(f.after, f.unit)) for f in figures]
    return _table(("", "Before", "After"), rows, right=(1, 2)) if rows else ""


def _interval(value: Interval | None) -> str:
    return "–" if value is None else f"{value[0]:+.1f} [{value[1]:+.1f}, {value[2]:+.1f}]"


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    whole = float(value).is_integer() or abs(value) >= 1000
    return (f"{value:,.0f}" if whole else f"{value:.3g}") + (f" {_cell(unit)}" if unit else "")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: tuple[int, ...] = ()) -> str:
    line = ["--:" if at in right else "---" for at in range(len(heads))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, line, *rows))


def _cell(text: str) -> str:
    """Return a person's words as one line that Markdown shows as they are."""
    line = " ".join(str(text).split())
    line = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return html.escape(re.sub(r"([\\`*_\[\]|~])", r"\\\1", line), quote=False)
