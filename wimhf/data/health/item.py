"""What every check is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, Mask
from wimhf.data.notes import ReadNotes

Severity = Literal["ok", "note", "warning", "serious"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the best to the worst."""
SIDES = ("response_a", "response_b")
NOBODY = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Checked:
    """The data under examination.

    Attributes
    ----------
    pairs, rejects
        The pair table and the rows left out.
    n_rows
        Rows of the source.
    component
        (n,) connected components of prompt, conversation and identical responses.
    sides_drawn
        True where the source's order of responses is the label, so that it carries no bias.
    cut
        An encoder's view of texts that are too long for it; None where no encoder is known.
    notes
        What was done to read the source.
    """

    pairs: pl.DataFrame
    rejects: pl.DataFrame
    n_rows: int
    component: Ints
    sides_drawn: bool
    cut: Cut | None = None
    seed: int = 0
    notes: ReadNotes = field(default_factory=ReadNotes)

    @property
    def label(self) -> Floats:
        """(n,) labels, NaN where unlabelled."""
        return self.pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()

    @property
    def first(self) -> Floats:
        """(n,) labels as the source lists the responses: 1 where the first is preferred."""
        label = self.label
        return np.where(self.pairs["swapped"].to_numpy(), 1 - label, label)


@dataclass(frozen=True)
class Cut:
    """An encoder's view of texts that are too long for it.

    Attributes
    ----------
    encoder
        Its name.
    limit
        Tokens after which it reads no more; None if it reads everything.
    same
        Rows of the pair table -> in which the encoder sees two equal responses.
    """

    encoder: str
    limit: int | None
    same: Callable[[Ints], Mask]


@dataclass(frozen=True)
class Item:
    """One finding of the examination.

    Attributes
    ----------
    id
        Stable name, for rules and links.
    title
        What was looked at, in a few words.
    said
        What was found, in one sentence.
    severity
        ok, note (worth knowing), warning (look at it) or serious (mend it before training).
    count, of
        How many of how many pairs, or of what ``unit`` says; None where nothing is counted.
    advice
        What to do; empty where nothing is to be done.
    setting
        The option of the reading that does it and its value, where one does.
    rows
        Rows of the pair table behind it.
    figures
        Numbers for tables and programs.
    """

    id: str
    title: str
    said: str
    severity: Severity = "ok"
    count: int | None = None
    of: int | None = None
    unit: str = "pairs"
    advice: str = ""
    setting: tuple[str, str] | None = None
    rows: Ints = field(default_factory=lambda: NOBODY)
    figures: dict[str, object] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """Count as a share of what was looked at."""
        return self.count / self.of if self.count is not None and self.of else None

    def to_dict(self) -> dict[str, object]:
        """Return everything but the rows as plain JSON types."""
        return {
            "id": self.id, "title": self.title, "severity": self.severity, "said": self.said,
            "count": self.count, "of": self.of, "share": self.share, "unit": self.unit,
            "advice": self.advice, "setting": list(self.setting) if self.setting else None,
            "figures": self.figures,
        }  # fmt: skip


def independent() -> pl.Expr:
    """Return what pairs share that are no independent evidence: a prompt; none stands alone."""
    return pl.when(pl.col("prompt").str.strip_chars() == "").then("pair_id").otherwise("prompt")


def groups_of(pairs: pl.DataFrame) -> pl.Expr:
    """Return the subset of every pair, else the part of the source it came from; null for none."""
    names = [name for name in ("subset", "source") if name in pairs.columns]
    return pl.col(names[0]).cast(pl.String) if names else pl.lit(None, pl.String)


def graded(size: float, note: float, warning: float, serious: float) -> Severity:
    """Return how bad a size is, by the sizes from which it is a note, a warning, serious."""
    if size >= serious:
        return "serious"
    if size >= warning:
        return "warning"
    return "note" if size >= note and size > 0 else "ok"


def at_least(severity: Severity, other: Severity) -> Severity:
    """Return the worse of two severities."""
    return max(severity, other, key=SEVERITIES.index)


def finding(
    id: str,
    title: str,
    rows: Ints | Mask,
    of: int,
    grades: tuple[float, float, float],
    said: str,
    advice: str,
    setting: tuple[str, str] | None = None,
    **figures: object,
) -> Item:
    """Return the finding that some rows have something; ``said`` follows their number.

    ``grades`` are the shares from which it is a note, a warning, serious.
    """
    rows = np.flatnonzero(rows) if rows.dtype == bool else np.asarray(rows, dtype=np.int64)
    severity = graded(len(rows) / max(of, 1), *grades)
    return Item(
        id=id,
        title=title,
        said=f"{amount(len(rows), of)} {said}",
        severity=severity,
        count=len(rows),
        of=of,
        advice=advice if severity != "ok" else "",
        setting=setting if severity != "ok" else None,
        rows=rows,
        figures=figures,
    )


def amount(count: int, of: int, unit: str = "pairs") -> str:
    """Say how many of how many, e.g. ``12 of 400 pairs (3 %)``."""
    share = 100 * count / max(of, 1)
    percent = f"{share:.0f} %" if share >= 1 else f"{share:.2f} %"
    return f"{count:,} of {of:,} {unit}" + (f" ({percent})" if count else "")
