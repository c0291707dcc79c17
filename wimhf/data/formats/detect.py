"""Which family a source is of: by columns and value shapes, never by file name."""

from __future__ import annotations

from collections.abc import Sequence

from wimhf.data.containers.rows import Row, listed
from wimhf.data.formats.families import FORMATS
from wimhf.data.formats.family import Family, Sample
from wimhf.data.pairs import RowReject
from wimhf.errors import InputError

SAMPLE_ROWS = 200
MAPPABLE = frozenset(name for family in FORMATS for name in family.columns)
"""Columns that --map may name: those that mean something to a family."""


def choose_format(name: str, head: Sequence[Row | RowReject], where: str, kind: str) -> Family:
    """Return the format asked for, or the one that fits the first rows.

    Parameters
    ----------
    head
        The first rows, columns already renamed.
    where, kind
        The source and its container, for messages.

    Raises
    ------
    InputError
        If the name is unknown, nothing fits, or more than one format does.
    """
    known = {found.name: found for found in FORMATS}
    if name != "auto":
        if name not in known:
            raise InputError(f"format {name!r} is unknown; known: {', '.join(known)}")
        return known[name]
    rows = [row for row in head if not isinstance(row, RowReject)]
    if not rows:
        raise InputError(
            f"{where} has no readable row among the first {SAMPLE_ROWS}: {head[0]}; expected {kind}"
        )
    meant = fitting(Sample.of(rows))
    if len(meant) == 1:
        return meant[0]
    if meant:
        told = "; ".join(f"{found.name}: {found.expects}" for found in meant)
        raise InputError(
            f"{where} may be of more than one format, so say which with --format NAME: {told}"
        )
    raise InputError(_nothing_fits(Sample.of(rows), where))


def fitting(sample: Sample) -> list[Family]:
    """Return the families that fit, without those of which another is a special case."""
    fits = [found for found in FORMATS if found.matches(sample)]
    general = {name for found in fits for name in found.narrows}
    return [found for found in fits if found.name not in general]


def _nothing_fits(sample: Sample, where: str) -> str:
    """Say what is near: the formats that share most columns."""
    shared = {found.name: len(found.columns & sample.columns) for found in FORMATS}
    most = sorted(FORMATS, key=lambda found: -shared[found.name])
    near = [found for found in most if shared[found.name]][:3] or list(FORMATS[:3])
    told = "; ".join(f"{found.name}: {found.expects}" for found in near)
    return (
        f"no known format fits the columns of {where} ({listed(sample.columns)}). Nearest: {told}. "
        "Name yours with --map, e.g. --map response_a=left,response_b=right, or a format with "
        f"--format: {', '.join(found.name for found in FORMATS)}"
    )
