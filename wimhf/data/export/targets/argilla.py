"""A flat table as Argilla exports its records: fields, and a ranking by one annotator."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from wimhf.data.containers.rows import Row
from wimhf.data.export.target import TEXT, Chosen, Target

SIDES = ["response_a", "response_b"]


class ArgillaTable(Target):
    """id, status, prompt, response_a, response_b, and the question ``ranking``, best first."""

    name = "argilla"
    about = "Argilla's flat records: prompt, response_a, response_b and a ranking, best first"
    annotators = True
    family = "argilla"

    def columns(self, chosen: Chosen) -> dict[str, pl.DataType]:
        """Name the columns; the ranking is a list per annotator."""
        return {
            "id": TEXT, "status": TEXT, "prompt": TEXT, "response_a": TEXT, "response_b": TEXT,
            "ranking.responses": pl.List(pl.List(pl.String())),
            "ranking.responses.users": pl.List(pl.String()),
            "ranking.responses.status": pl.List(pl.String()),
        } | chosen.extra_columns()  # fmt: skip

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return a completed record per pair."""
        for pair in chosen.each():
            yield {
                "id": pair["pair_id"],
                "status": "completed",
                "prompt": pair["prompt"],
                "response_a": pair["response_a"],
                "response_b": pair["response_b"],
                "ranking.responses": [SIDES if pair["label"] > 0.5 else SIDES[::-1]],
                "ranking.responses.users": [pair.get("annotator")],
                "ranking.responses.status": ["submitted"],
            } | chosen.extras(pair)

    def reads_back(self, row: Row, pair: Row) -> bool:
        """Say whether there is a prompt or none: a blank field counts as empty."""
        return bool(pair["prompt"].strip()) or not pair["prompt"]
