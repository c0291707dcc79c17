"""A flat table as Argilla exports its records: fields, and a ranking by one annotator."""

from __future__ import annotations

from operator import itemgetter

import polars as pl

from wimhf.data.containers.rows import Row
from wimhf.data.export.target import TEXTS, Column, Target

SIDES = ["response_a", "response_b"]


class ArgillaTable(Target):
    """A completed record per pair; the question ``ranking`` names the sides, best first."""

    def reads_back(self, row: Row, pair: Row) -> bool:
        """Say whether there is a prompt or none: a blank field counts as empty."""
        return bool(pair["prompt"].strip()) or not pair["prompt"]


def _ranking(pair: Row) -> list[list[str]]:
    return [SIDES if pair["label"] > 0.5 else SIDES[::-1]]


ARGILLA = ArgillaTable(
    name="argilla",
    about="Argilla's flat records: prompt, response_a, response_b and a ranking, best first",
    annotators=True, family="argilla",
    columns=(
        Column("id", itemgetter("pair_id")),
        Column("status", lambda _: "completed"),
        *(Column(name, itemgetter(name)) for name in ("prompt", *SIDES)),
        Column("ranking.responses", _ranking, pl.List(TEXTS)),
        Column("ranking.responses.users", lambda pair: [pair.get("annotator")], TEXTS),
        Column("ranking.responses.status", lambda _: ["submitted"], TEXTS),
    ),
)  # fmt: skip
