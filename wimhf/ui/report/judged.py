"""What a language model makes of a feature's name, in words for its card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wimhf.run import Run

Row = dict[str, Any]
SCORES = {
    "detection": (
        "Knows the pairs that differ so",
        "Told the name, it says of held-out pairs whether the feature tells their responses "
        "apart; .5 is guessing; 95% interval",
    ),
    "fuzzing": (
        "Knows the version that keeps it",
        "Told the name, it says which of two shortened versions of a response lost the sentences "
        "that carry the feature; .5 is guessing; 95% interval",
    ),
}
SHARES = {
    "consistency": (
        "Same answer in both orders",
        "Held-out pairs of which it says the same when the responses change places",
    ),
    "tie_rate": ("Ties where it is absent", "Pairs without the feature that it calls a tie"),
}


def judged(run: Run) -> Callable[[Row], list[Row]]:
    """Return what gives a feature's figures by a language model; none where none was asked.

    A name that was changed since it was judged has none either.
    """
    proofs = _rows(run, "name", "descriptions.parquet", won=True)
    scores = _rows(run, "judge", "scores.parquet", won=False)

    def figures(feature: Row) -> list[Row]:
        key = (feature["feature"], feature["description"])
        return [*_shares(proofs.get(key, {})), *_scores(scores.get(key, {}))]

    return figures


def _rows(run: Run, stage: str, file: str, *, won: bool) -> dict[tuple[int, str | None], Row]:
    if file not in run.manifest.outputs(stage):
        return {}
    table = run.folder.read_table(file)
    rows = table.filter("won") if won else table
    return {(row["feature"], row["description"]): row for row in rows.iter_rows(named=True)}


def _shares(row: Row) -> list[Row]:
    """Return the figures that were read off while a model's own name was judged."""
    found = [
        {"title": title, "hint": hint, "share": row[name], "reason": None}
        for name, (title, hint) in SHARES.items()
        if row.get(name) is not None
    ]
    if row.get("asked"):
        hint = "Answers that failed or were not understood"
        said = f"{row['missing']:,} of {row['asked']:,}"
        found.append({"title": "Answers missing", "hint": hint, "said": said, "reason": None})
    return found


def _scores(row: Row) -> list[Row]:
    found: list[Row] = []
    for name, (title, hint) in SCORES.items():
        value, reason = row.get(name), row.get(f"{name}_reason")
        if value is None and reason is None:
            continue
        found.append(
            {
                "title": title, "hint": hint, "reason": reason, "value": value,
                "low": row[f"{name}_low"], "high": row[f"{name}_high"],
                "pairs": row[f"{name}_pairs"], "asked": row[f"{name}_asked"],
                "missing": row[f"{name}_missing"],
            }
        )  # fmt: skip
    return found
