"""Changed labels in untouched source rows: written, read back, and refused where they differ."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from wimhf.data.containers.rows import Row
from wimhf.data.formats.family import (
    OWN_NAMES,
    CannotHold,
    Columns,
    Family,
    Relabel,
    first_label,
    label_words,
    same_label,
    turned,
)
from wimhf.data.pairs import Pair, RowReject


def saved_row(text: str) -> Row | RowReject:
    """Return a row of ``source.parquet`` as it was read; text that was no row is a reject."""
    row = json.loads(text)
    if isinstance(row, dict):
        return row
    return RowReject("row could not be read", raw=row)


def changes_to(
    family: Family,
    row: Row,
    curated: Sequence[Row],
    columns: Columns = OWN_NAMES,
    label: str | None = None,
) -> list[Relabel]:
    """Return the labels that the pairs of a source row shall have.

    Parameters
    ----------
    row
        As it was saved, under the source's own names.
    curated
        The row's pairs in the order of the pair table: label and, where there is one, annotator.
        Pairs that are dropped are among them, with the label that they have.
    columns, label
        ``ReadConfig.columns`` and ``ReadConfig.label``, as the source was read.

    Raises
    ------
    CannotHold
        If these are not the pairs of the row.
    """
    parsed = family.parsed(family.renamed(row, columns))
    pairs = [
        (place, pair)
        for place, pair in enumerate(parsed)
        if isinstance(pair, Pair) and (label is None or pair.annotator == label)
    ]
    if len(pairs) != len(curated):
        raise CannotHold(f"the row has {len(pairs)} pairs and {len(curated)} were given")
    return [
        Relabel(place, turned(edited["label"], swapped=pair.swapped), edited.get("annotator"))
        for (place, pair), edited in zip(pairs, curated, strict=True)
    ]


def rewritten(
    family: Family, row: Row, changes: Sequence[Relabel], columns: Columns = OWN_NAMES
) -> Row:
    """Return a source row with other labels, under the source's own names.

    The row is read back, so that none is written which says anything else than was asked.

    Parameters
    ----------
    changes
        The labels of all pairs, or of those that change; the others stay as they are.

    Raises
    ------
    CannotHold
        If the schema has no way to say the labels.
    """
    known = family.renamed(row, columns)
    changed = family.relabelled(known, changes)
    if changed is known:
        return row
    written = family.with_own_names(row, changed, columns)
    if list(written) != list(row):
        raise CannotHold("the row would get other columns")
    before = family.parsed(known)
    after = family.parsed(family.renamed(written, columns))
    wanted = {change.place: change.first for change in changes}
    if len(before) != len(after):
        raise CannotHold(f"the row would be read as {len(after)} pairs instead of {len(before)}")
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        _check(place, old, new, wanted)
    return written


def _check(
    place: int, old: Pair | RowReject, new: Pair | RowReject, wanted: Mapping[int, float | None]
) -> None:
    """Refuse a pair that is read back as another one, or with another label than is wanted."""
    if isinstance(old, RowReject) or isinstance(new, RowReject):
        if type(old) is not type(new):
            raise CannotHold(f"pair {place + 1} of the row would no longer be one")
        return
    label = turned(wanted.get(place, first_label(old)), swapped=old.swapped)
    for name in _differing(old, new):
        raise CannotHold(
            f"with the label changed, the {name.replace('_', ' ')} of pair {place + 1} of the row "
            "would be another one"
        )
    if not same_label(new.label, label):
        raise CannotHold(
            f"pair {place + 1} of the row would have {label_words(new.label)} instead of "
            f"{label_words(label)}"
        )


def _differing(old: Pair, new: Pair) -> list[str]:
    """Return in what two pairs differ beside label and strength; the sides are placed alike."""
    alike = replace(new, label=old.label, strength=old.strength, swapped=old.swapped)
    told = {name: value for name, value in vars(old).items() if name != "remarks"}
    return [name for name, value in told.items() if vars(alike)[name] != value]
