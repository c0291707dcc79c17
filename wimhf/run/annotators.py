"""The annotators of a run: who they are, what they weigh differently."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import expit

from wimhf.base import Floats, Ints, write_atomically
from wimhf.errors import RunError
from wimhf.stats import AnnotatorSummary, capped

if TYPE_CHECKING:
    from wimhf.run.run import Run

SUBJECTIVITY, DEPARTURES = "subjectivity.parquet", "departures.parquet"
PEOPLE, ANNOTATED = "annotators.parquet", "annotators.json"
MOST_PREDICTED = 20_000_000
"""Rows of predictions that are written at most."""
PEOPLE_COLUMNS: dict[str, pl.DataType] = {
    "annotator": pl.Int64(), "id": pl.String(), "labels": pl.Int64(),
    "shared": pl.Int64(), "agreement": pl.Float64(), "quality": pl.Float64(),
}  # fmt: skip
"""Their number, name and labels; the last three as cleanlab judges them where several annotators
decided the same pairs: see ``stats.annotator_quality``."""


def numbered_annotators(pairs: pl.DataFrame) -> tuple[Ints, pl.DataFrame]:
    """Give the annotators of labelled pairs numbers from 0, those with most labels first.

    Returns
    -------
    tuple
        (n,) the number of each pair's annotator, -1 where it names none; annotator, id, labels.
    """
    if "annotator" not in pairs.columns:
        return np.full(len(pairs), -1, dtype=np.int64), pl.DataFrame(schema=PEOPLE_COLUMNS)
    named = pairs.select(id="annotator", known=pl.col("label").is_not_null())
    people = (
        named.filter(pl.col("id").is_not_null())
        .group_by("id").agg(labels=pl.col("known").sum().cast(pl.Int64))
        .filter(pl.col("labels") > 0)
        .sort(pl.col("labels"), "id", descending=[True, False])
        .with_row_index("annotator")
        .select(pl.col("annotator").cast(pl.Int64), "id", "labels")
    )  # fmt: skip
    if people.is_empty():
        return np.full(len(pairs), -1, dtype=np.int64), pl.DataFrame(schema=PEOPLE_COLUMNS)
    who = named.join(people, on="id", how="left", maintain_order="left")["annotator"]
    return who.fill_null(-1).to_numpy().astype(np.int64), people


@dataclass(frozen=True)
class AnnotatorView:
    """What a run knows of its annotators, with signs in the described poles.

    Attributes
    ----------
    features
        Per feature: feature, id, description, and what ``stats.SUBJECTIVE_COLUMNS`` says.
    departures
        ``stats.DEPARTURE_COLUMNS``.
    people
        PEOPLE_COLUMNS.
    """

    features: pl.DataFrame
    departures: pl.DataFrame
    people: pl.DataFrame
    summary: AnnotatorSummary

    @property
    def reason(self) -> str | None:
        """Why annotators cannot be compared, where they cannot."""
        return self.summary.get("reason")


def annotators_of(run: Run) -> AnnotatorView:
    """Return what a run knows of its annotators.

    Raises
    ------
    RunError
        If the run was made before annotators were compared.
    """
    if not run.manifest.outputs("annotators"):
        raise RunError(
            f"{run.path} was made before annotators were compared; run the same `wimhf analyze` "
            "again"
        )
    words = run.features.select("feature", "id", "description", "flipped")
    tables = [
        run.table(name).join(words, on="feature", maintain_order="left")
        for name in (SUBJECTIVITY, DEPARTURES)
    ]
    features, departures = (_turned(table) for table in tables)
    return AnnotatorView(
        features, departures.drop("id", "description"), run.table(PEOPLE),
        run.folder.read_json(ANNOTATED),
    )  # fmt: skip


ENDS = (("pooled_low", "pooled_high"), ("low_taste", "high_taste"), ("low", "high"))


def _turned(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table seen from the poles that people chose, without features merged into others."""
    table = table.filter(pl.col("flipped").is_not_null())
    turn = pl.col("flipped")
    signed = [name for name in ("pooled", "effect", "departure") if name in table.columns]
    columns = [pl.when(turn).then(-pl.col(name)).otherwise(name).alias(name) for name in signed]
    for low, high in ENDS:
        if low in table.columns:
            columns += [
                pl.when(turn).then(-pl.col(high)).otherwise(low).alias(low),
                pl.when(turn).then(-pl.col(low)).otherwise(high).alias(high),
            ]
    return table.with_columns(columns).drop("flipped")


def annotator_predictions(run: Run, path: Path, *, ids: bool = False) -> int:
    """Write what every annotator would say of every labelled pair; return the rows written.

    The log odds are those of the pooled model that saw none of a pair's fold, and the annotator's
    departures on top. Columns are pair_id, annotator and chance (that A is preferred).

    Raises
    ------
    RunError
        If annotators cannot be compared, or the table would be too long.
    """
    view = annotators_of(run)
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else "is in a folder that is not there"
        raise RunError(f"{path} {what}; give another file with --predict")
    if view.reason:
        raise RunError(f"{path} is not written: annotators cannot be compared: {view.reason}")
    seen = run.table("predictions.parquet")
    rows = seen["pair"].to_numpy()
    if len(rows) * len(view.people) > MOST_PREDICTED:
        raise RunError(
            f"{path} would have {len(rows) * len(view.people):,} rows; at most "
            f"{MOST_PREDICTED:,} are written"
        )
    own, columns = _departing(run)
    scores = seen["features"].to_numpy()[:, None] + columns[rows] @ own.T
    names = view.people["id"].to_list() if ids else (view.people["annotator"] + 1).to_list()
    table = pl.DataFrame({
        "pair_id": np.repeat(run.pair_table["pair_id"].to_numpy()[rows], len(names)),
        "annotator": np.tile(np.array(names), len(rows)),
        "chance": expit(scores).ravel(),
    })  # fmt: skip
    write_atomically(path, lambda stream: table.write_parquet(stream))
    return len(table)


def _departing(run: Run) -> tuple[Floats, Floats]:
    """Return departures (annotators, p) and the columns (n, p) they weigh, in poles as found."""
    table = run.table(DEPARTURES)
    numbers = table["feature"].unique(maintain_order=True).to_list()
    own = np.column_stack([
        table.filter(pl.col("feature") == number).sort("annotator")["departure"].to_numpy()
        for number in numbers
    ])  # fmt: skip
    found = run.features_as_found.filter(pl.col("feature").is_in(numbers))
    pole = dict(found.select("feature", "pole").iter_rows())
    pairs, codes = run.pair_table, run.sparse_codes
    columns = capped(np.column_stack([pole[one] * codes.column(one) for one in numbers]))
    label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    used = np.isfinite(label) & (pairs["weight"].to_numpy() > 0)
    size = np.sqrt(np.square(columns[used]).mean(axis=0))
    return own, columns / np.where(size > 0, size, 1.0)
