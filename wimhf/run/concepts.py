"""The concepts of a run: what was counted, and which of them are features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
import polars as pl
from scipy import sparse

from wimhf.concepts import Concept
from wimhf.run.codes import Codes
from wimhf.run.feature import CONCEPT
from wimhf.run.folder import RunFolder

CONCEPTS, COUNTED, ASKED = "concepts.json", "concepts.parquet", "asked.parquet"


class CardRow(TypedDict):
    """One concept of the bank, as the run keeps it."""

    concept: dict[str, Any]
    differ: int
    scale: float
    reason: str | None
    held: bool
    unread: float


@dataclass(frozen=True)
class Counted:
    """A concept of the response in a run.

    Attributes
    ----------
    differ
        Labelled pairs whose sides it tells apart.
    scale
        Of its odd value: RMS over the fitting pairs.
    reason, held
        Why it is no feature, where it is none, and whether it is held as a control.
    unread
        Share of pairs in which its words cannot be measured, being in another language.
    """

    concept: Concept
    differ: int
    scale: float
    reason: str | None
    held: bool
    unread: float


@dataclass(frozen=True)
class RunConcepts:
    """What was counted.

    Attributes
    ----------
    counted
        Every concept of the response.
    asked
        Every concept of the prompt, with the number of pairs it holds in.
    """

    counted: tuple[Counted, ...] = ()
    asked: tuple[tuple[Concept, int], ...] = ()

    @property
    def features(self) -> tuple[Counted, ...]:
        """Those that are features, in the order of their columns."""
        return tuple(one for one in self.counted if one.reason is None)

    @property
    def kept(self) -> tuple[Counted, ...]:
        """Those whose columns are saved, in their order: features, then those held as controls."""
        return (*self.features, *(one for one in self.counted if one.held))

    def columns(self, table: pl.DataFrame, n: int) -> tuple[tuple[Concept, ...], sparse.csc_array]:
        """Return the concepts whose columns are saved, and (n, c) their odd values, unscaled.

        Learned ones are left out: nothing in a text gives them away.
        """
        kept = self.kept
        scale = np.array([one.scale for one in kept], dtype=np.float32)
        place = table["concept"].to_numpy()
        entries = (table["value"].to_numpy() * scale[place], (table["pair"].to_numpy(), place))
        odd = sparse.csc_array(entries, shape=(n, len(kept)))
        seen = [place for place, one in enumerate(kept) if not one.concept.learned]
        return tuple(kept[place].concept for place in seen), odd[:, seen]

    def descriptions(self, first: int) -> list[dict[str, object]]:
        """Return what the feature table says of concepts, numbered from ``first``."""
        return [
            {
                "feature": first + place, "id": one.concept.id, "kind": CONCEPT,
                "area": one.concept.area, "description": one.concept.more,
                "opposite": one.concept.less, "short": one.concept.title, "author": CONCEPT,
                "pole": 1, "understood": True,
            }
            for place, one in enumerate(self.features)
        ]  # fmt: skip


def read_concepts(folder: RunFolder) -> RunConcepts:
    """Return a run's concepts as its stage saved them."""
    saved = folder.read_json(CONCEPTS)
    rows: list[CardRow] = saved["concepts"]
    counted = tuple(
        Counted(
            concept_of(row["concept"]),
            row["differ"],
            row["scale"],
            row["reason"],
            row["held"],
            row["unread"],
        )
        for row in rows
    )
    asked = tuple((concept_of(row["concept"]), int(row["pairs"])) for row in saved["asked"])
    return RunConcepts(counted, asked)


def concept_of(values: dict[str, Any]) -> Concept:
    """Return a concept as it was saved."""
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return Concept(**{**values, **lists})


def concept_codes(counted: pl.DataFrame, n: int, features: int) -> Codes:
    """Return the codes (n, features) of the concepts that are features."""
    table = counted.filter(pl.col("concept") < features)
    return Codes(table.rename({"concept": "feature"}), (n, features))
