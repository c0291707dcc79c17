"""What a language model or another encoder makes of a feature's name, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wimhf.run import Feature, Run
from wimhf.ui.words.figures import between, count, decimal, share

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
    "surprisal": (
        "Makes the response with more likelier",
        "Told the name, a language model finds the response with more of the feature likelier, "
        "beside what it finds untold; .5 is guessing; 95% interval",
    ),
    "intervention": (
        "Rewritten to fit, it has more",
        "Held-out responses rewritten so that the name is more or less true of them: whether the "
        "feature goes that way; .5 is guessing; 95% interval",
    ),
    "embedding": (
        "Another encoder agrees",
        "To an encoder that the feature was not learned from, the name is nearer to the response "
        "with more; .5 is guessing; 95% interval",
    ),
}
SHARES = {
    "consistency": (
        "Same answer in both orders",
        "Held-out pairs of which it says the same when the responses change places",
    ),
    "tie_rate": ("Ties where it is absent", "Pairs without the feature that it calls a tie"),
}
"""Read off while a model's own name was judged."""


@dataclass(frozen=True)
class Figure:
    """A line: the value with what stands small beside it, or why there is none."""

    title: str
    hint: str
    value: str = ""
    beside: str = ""
    reason: str | None = None

    @property
    def said(self) -> str:
        """All of it in one line."""
        if self.reason:
            return self.reason
        return f"{self.value} ({self.beside})" if self.beside else self.value


def judged(run: Run) -> Callable[[Feature], list[Figure]]:
    """Return what gives a feature's further figures; none where none were asked for.

    A name that was changed since it was judged has none either.
    """
    proofs = _rows(run, "name", "descriptions.parquet", won=True)
    scores = _rows(run, "judge", "scores.parquet", won=False)

    def figures(feature: Feature) -> list[Figure]:
        key = (feature.feature, feature.description)
        return [*_shares(proofs.get(key, {})), *_scores(scores.get(key, {}))]

    return figures


def _rows(
    run: Run, stage: str, file: str, *, won: bool
) -> dict[tuple[int, str | None], Mapping[str, Any]]:
    if file not in run.manifest.outputs(stage):
        return {}
    table = run.folder.read_table(file)
    rows = table.filter("won") if won else table
    return {(row["feature"], row["description"]): row for row in rows.iter_rows(named=True)}


def _shares(row: Mapping[str, Any]) -> Iterator[Figure]:
    for name, (title, hint) in SHARES.items():
        if row.get(name) is not None:
            yield Figure(title, hint, share(row[name]))
    if row.get("asked"):
        missing = f"{count(row['missing'])} of {count(row['asked'])}"
        yield Figure("Answers missing", "Answers that failed or were not understood", missing)


def _scores(row: Mapping[str, Any]) -> Iterator[Figure]:
    for name, (title, hint) in SCORES.items():
        value, reason = row.get(name), row.get(f"{name}_reason")
        if reason:
            yield Figure(title, hint, reason=reason)
        elif value is not None:
            yield Figure(title, hint, decimal(value), _beside(row, name))


def _beside(row: Mapping[str, Any], name: str) -> str:
    interval = between(row[f"{name}_low"], row[f"{name}_high"], decimal)
    pairs, missing = row[f"{name}_pairs"], row[f"{name}_missing"]
    parts = [interval, f"{count(pairs)} pairs"]
    if missing:
        parts.append(f"{count(missing)} of {count(row[f'{name}_asked'])} answers missing")
    return ", ".join(part for part in parts if part)
