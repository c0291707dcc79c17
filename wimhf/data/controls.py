"""Controls: nuisance covariates that are odd under swapping, such as the length difference."""

from __future__ import annotations

from itertools import chain

import numpy as np
import polars as pl

from wimhf.base import Floats
from wimhf.concepts import Texts, load_concepts, measure_concepts, words_of
from wimhf.data.source_rows import SourceRows
from wimhf.errors import ConfigError
from wimhf.stats import LENGTH_BASIS, Controls

STYLE = {
    "headers": ("uses_headings",), "bold": ("uses_bold",), "lists": ("uses_list_items",),
    "code": ("shows_code_blocks", "shows_inline_code"),
}  # fmt: skip
"""The concepts whose counts make up each style control."""
OUTER, INNER = 0.99, 0.25

TEXT_CONTROLS = frozenset({"length", "style"})
"""Controls that are counted in the responses; all others are columns of the source."""


def control_columns(
    pairs: pl.DataFrame, source_rows: pl.DataFrame, wanted: tuple[str, ...]
) -> Controls:
    """Compute the controls asked for.

    ``length`` is a small odd basis of the difference in words, see ``length_basis``; ``style`` the
    normalised differences (a - b) / (a + b) of headers, bold text, list items and code, as in arena
    style control; any other name a numeric column of the source. Controls that are constant, or
    sums of those before them, are left out with a note.

    Parameters
    ----------
    source_rows
        source_row and row (JSON text) of the untouched source.

    Raises
    ------
    ConfigError
        If a name is no control and no numeric column of the source.
    """
    columns: dict[str, Floats] = {}
    notes: list[str] = []
    for name in wanted:
        if name == "length":
            columns |= length_basis(pairs["response_a"], pairs["response_b"])
        elif name == "style":
            columns |= _style(pairs)
        else:
            columns[name], missing = odd_column(pairs, source_rows, name)
            if missing:
                notes.append(f"{name} is missing in {missing:,} pairs and counts as 0 there")
    table = np.column_stack([*columns.values()]) if columns else np.empty((len(pairs), 0))
    return Controls([*columns], table, notes).telling()


def length_difference(responses_a: Texts, responses_b: Texts) -> Floats:
    """Return the difference (n,) of log(1 + words)."""
    return _log_ratio(words_of(responses_a), words_of(responses_b))


def length_basis(responses_a: Texts, responses_b: Texts) -> dict[str, Floats]:
    """Return the default control: four odd functions (n,) of the words of both responses.

    The difference of log(1 + words) and the signed square root of the difference of words, each up
    to a size that all but a hundredth of the pairs stay below, so that no endless response makes a
    direction of its own; the difference of words up to a size that a quarter of the pairs stay
    below; and the difference in first words, as many of each response as a quarter of the
    responses stay below. One function alone leaves much of what other rules of length reward to
    any feature that goes with length (`benchmarks/length_rules.py`).
    """
    a, b = words_of(responses_a), words_of(responses_b)
    lead = a - b
    columns = (
        _capped(_log_ratio(a, b), OUTER), _capped(np.sign(lead) * np.sqrt(np.abs(lead)), OUTER),
        _capped(lead, INNER), _first_words(a, b),
    )  # fmt: skip
    return dict(zip(LENGTH_BASIS, columns, strict=True))


def _capped(column: Floats, share: float) -> Floats:
    """Return a column cut where this share of its sizes above 0 end, and scaled to 1 there."""
    sizes = np.abs(column[column != 0])
    most = float(np.quantile(sizes, share)) if len(sizes) else 1.0
    capped: Floats = np.clip(column, -most, most) / most
    return capped


def _first_words(a: Floats, b: Floats) -> Floats:
    """Return the difference in words up to the length that a share of the responses stay below."""
    most = float(np.quantile(np.concatenate([a, b]), INNER)) if len(a) else 1.0
    first: Floats = (np.minimum(a, most) - np.minimum(b, most)) / (most or 1.0)
    return first


def _log_ratio(a: Floats, b: Floats) -> Floats:
    difference: Floats = np.log1p(a) - np.log1p(b)
    return difference


def odd_column(pairs: pl.DataFrame, source_rows: pl.DataFrame, name: str) -> tuple[Floats, int]:
    """Return a numeric source column as an odd covariate (n,), and in how many pairs it is missing.

    Missing values count as 0.

    ``NAME`` is taken as the first listed response's lead over the second, ``FIRST:SECOND`` as the
    difference of two columns; both are turned where the pair's sides are not the source's.

    Raises
    ------
    ConfigError
        If the source has no such numeric column.
    """
    source = SourceRows(source_rows)
    parts = name.split(":")
    numbers = [{at: _number(cell) for at, cell in source.values(part).items()} for part in parts]
    numeric = [any(number is not None for number in column.values()) for column in numbers]
    if not all(numeric) or len(parts) > 2:
        raise ConfigError(
            f"{name!r} is neither length nor style nor a numeric column of the source; "
            f"columns: {', '.join(sorted(source.names)[:20])}"
        )
    rows = pairs["source_row"].to_list()
    taken = [np.array([column.get(row) for row in rows], dtype=np.float64) for column in numbers]
    lead = taken[0] - taken[1] if len(taken) == 2 else taken[0]
    turned: Floats = np.where(pairs["swapped"].to_numpy(), -1.0, 1.0) * np.nan_to_num(lead)
    return turned, int(np.isnan(lead).sum())


def _number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _style(pairs: pl.DataFrame) -> dict[str, Floats]:
    concepts = [concept for concept in load_concepts() if concept.id in chain(*STYLE.values())]
    place = {concept.id: column for column, concept in enumerate(concepts)}
    sides = [
        measure_concepts(concepts, pairs[name].to_list()).toarray().astype(np.float64)
        for name in ("response_a", "response_b")
    ]
    leads: dict[str, Floats] = {}
    for name, ids in STYLE.items():
        a, b = (side[:, [place[one] for one in ids]].sum(axis=1) for side in sides)
        leads[name] = np.divide(a - b, a + b, out=np.zeros(len(a)), where=a + b > 0)
    return leads
