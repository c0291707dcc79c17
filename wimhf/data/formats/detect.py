"""Which family a source is of: by columns and value shapes, never by file name."""

from __future__ import annotations

from collections.abc import Sequence

from wimhf.data.containers.rows import Row
from wimhf.data.formats.advice import nothing_fits
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.families import FORMATS
from wimhf.data.formats.family import Family
from wimhf.data.formats.judged import Judged
from wimhf.data.formats.reading import Reading
from wimhf.data.pairs import RowReject
from wimhf.errors import InputError

SAMPLE_ROWS = 200
AS_IT_IS = Reading()
MAPPABLE = frozenset(name for family in FORMATS for name in family.columns)
"""Columns that --map may name: those that mean something to a family."""


def choose_format(
    name: str,
    head: Sequence[Row | RowReject],
    where: str,
    kind: str,
    reading: Reading = AS_IT_IS,
) -> Family:
    """Return the format asked for, or the one that fits the first rows.

    Parameters
    ----------
    head
        The first rows, columns already renamed.
    where, kind
        The source and its container, for messages.
    reading
        What the user says that labels, roles and lists mean.

    Raises
    ------
    InputError
        If the name is unknown, nothing fits, or more than one format does.
    """
    known = {family.name: family.under(reading) for family in FORMATS}
    if name != "auto":
        if name not in known:
            raise InputError(f"format {name!r} is unknown; known: {', '.join(known)}")
        return known[name]
    rows = [row for row in head if not isinstance(row, RowReject)]
    if not rows:
        raise InputError(
            f"{where} has no readable row among the first {SAMPLE_ROWS}: {head[0]}; expected {kind}"
        )
    sample = Sample.of(rows)
    families = fitting(sample, list(known.values()))
    if not families:  # its labels are listed, then, as not understood
        judged = [family for family in known.values() if isinstance(family, Judged)]
        families = [family for family in judged if family.matches_but_for_labels(sample)]
    if len(families) == 1:
        return families[0]
    if families:
        raise InputError(
            f"{where} may be of more than one format, so say which with --format NAME: "
            f"{_expected(families)}"
        )
    line, screen = nothing_fits(sample, where, list(known.values()))
    raise InputError(line, screen)


def fitting(sample: Sample, families: Sequence[Family] = FORMATS) -> list[Family]:
    """Return the families that fit, without those of which another is a special case."""
    fits = [family for family in families if family.matches(sample)]
    general = {name for family in fits for name in family.narrows}
    return [family for family in fits if family.name not in general]


def _expected(families: Sequence[Family]) -> str:
    return "; ".join(f"{family.name}: {family.expects}" for family in families)
