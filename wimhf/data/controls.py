"""Controls: nuisance covariates that are odd under swapping, such as the length difference."""

from __future__ import annotations

import json

import numpy as np
import polars as pl

from wimhf.base import Floats
from wimhf.concepts import MEASURES, count_words
from wimhf.errors import ConfigError
from wimhf.stats import Controls

STYLE = ("headers", "bold", "lists", "code")


def control_columns(
    pairs: pl.DataFrame, source_rows: pl.DataFrame, wanted: tuple[str, ...]
) -> Controls:
    """Compute the controls asked for.

    ``length`` is the difference of log(1 + words); ``style`` the normalised differences
    (a - b) / (a + b) of headers, bold text, list items and code, as in arena style control;
    any other name a numeric column of the source. Constant controls are left out with a note.

    Parameters
    ----------
    source_rows
        source_row and row (JSON text) of the untouched source.

    Raises
    ------
    ConfigError
        If a name is no control and no numeric column of the source.
    """
    found: dict[str, Floats] = {}
    notes: list[str] = []
    for name in wanted:
        if name == "length":
            found["length"] = length_difference(
                pairs["response_a"].to_list(), pairs["response_b"].to_list()
            )
        elif name == "style":
            found |= _style(pairs)
        else:
            found[name], missing = odd_column(pairs, source_rows, name)
            if missing:
                notes.append(f"{name} is missing in {missing:,} pairs and counts as 0 there")
    kept = [name for name, column in found.items() if column.any()]
    notes += [f"{n} is the same on both sides of every pair" for n in found if n not in kept]
    columns = np.column_stack([found[name] for name in kept]) if kept else np.empty((len(pairs), 0))
    return Controls(kept, columns, notes)


def length_difference(responses_a: list[str], responses_b: list[str]) -> Floats:
    """Return the default control (n,): the difference of log(1 + words)."""
    words = [np.log1p([count_words(text) for text in side]) for side in (responses_a, responses_b)]
    difference: Floats = words[0] - words[1]
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
    parts = name.split(":")
    values: dict[str, dict[int, float]] = {part: {} for part in parts}
    columns: set[str] = set()
    for number, text in source_rows.select("source_row", "row").iter_rows():
        row = json.loads(text)
        if not isinstance(row, dict):
            continue
        columns |= row.keys()
        for part in parts:
            number_of = _number(row.get(part))
            if number_of is not None:
                values[part][number] = number_of
    empty = [part for part in parts if not values[part]]
    if empty or len(parts) > 2:
        raise ConfigError(
            f"{name!r} is neither length nor style nor a numeric column of the source; "
            f"columns: {', '.join(sorted(columns)[:20])}"
        )
    rows = pairs["source_row"].to_list()
    taken = [np.array([values[part].get(row, np.nan) for row in rows]) for part in parts]
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
    sides = [pairs[name].to_list() for name in ("response_a", "response_b")]
    out: dict[str, Floats] = {}
    for measure in MEASURES:
        if measure.name in STYLE:
            a, b = (np.array([measure.count(text) for text in side]) for side in sides)
            out[measure.name] = np.divide(a - b, a + b, out=np.zeros(len(a)), where=a + b > 0)
    return out
