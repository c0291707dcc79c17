"""Kinds of dictionary held against each other: tables for a terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wimhf.ui.words.figures import between, count, decimal, share, thousandths

if TYPE_CHECKING:
    from wimhf.pipeline import BenchRow, Comparison
    from wimhf.stats import Bounds

FEW = ("1", "2", "5", "10", "20", "32")
NOT_MEASURED = "–"
Write = Callable[["BenchRow"], str]


@dataclass(frozen=True)
class BenchTable:
    """One question: what is asked, in words, and a row for every kind and K."""

    title: str
    note: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def figure(name: str, write: Callable[[float | None], str] = thousandths) -> Write:
    """Return what writes a score: its mean over seeds."""

    def written(row: BenchRow) -> str:
        value = row.figures.get(name)
        return NOT_MEASURED if value is None else write(value)

    return written


def _interval(bounds: Bounds | None) -> str:
    if bounds is None or bounds["value"] is None:
        return NOT_MEASURED
    reach = between(bounds["low"], bounds["high"], thousandths)
    return f"{thousandths(bounds['value'])} ({reach})" if reach else thousandths(bounds["value"])


def _auc(name: str) -> Write:
    return lambda row: _interval(row.auc.get(name))


def _recovered(name: str) -> Write:
    def written(row: BenchRow) -> str:
        found = row.recovered.get(name)
        return NOT_MEASURED if found is None or found["value"] is None else share(found["value"])

    return written


def _one(value: float | None) -> str:
    return decimal(value, 1)


QUESTIONS: tuple[tuple[str, str, tuple[tuple[str, Write], ...]], ...] = (
    (
        "How much of the differences is kept",
        "On the test pairs, at matched sparsity. `VE`: variance explained. `active`: features of a "
        "pair, before matching in brackets. `dead`: features never active. `s`: seconds to train.",
        (
            ("m", figure("features", lambda value: count(round(value or 0)))),
            ("active", lambda row: f"{figure('mean_active', decimal)(row)} "
                                   f"({figure('unmatched_active', decimal)(row)})"),
            ("VE", figure("variance_explained")),
            ("dead", figure("dead_share", share)),
            ("swap error", figure("swap_error")),
            ("s", figure("train_seconds", _one)),
        ),
    ),
    (
        "What the codes know of the labels",
        "AUC with the controls, on pairs that no dictionary was fitted on, with 95 % intervals "
        "over prompts. `less first`: AUC less that of the first kind at this K. `beyond`: AUC of "
        "features and concepts less that of the concepts.",
        (
            ("AUC", _auc("all")), ("less first", lambda row: _interval(row.less)),
            ("beyond", lambda row: _interval(row.beyond)),
        ),
    ),
    (
        "AUC recovered",
        "Share of what the dense probe adds to the controls, by the k features that enter first; "
        "noisy where the dense probe adds little.",
        (*((f"k = {k}", _recovered(k)) for k in FEW), ("all", _recovered("all"))),
    ),
    (
        "Whether a feature is one thing",
        "`stability`: mean |cos| of directions matched between seeds. `max cos`, `max corr`: "
        "redundancy of directions and of codes. `features per concept`, `absorbed`, `whole`: "
        "splitting and absorption of concepts, lower is better.",
        (
            ("stability", lambda row: thousandths(row.stability)
             if row.stability is not None else NOT_MEASURED),
            ("max cos", figure("max_cosine")), ("max corr", figure("max_code_correlation")),
            ("features per concept", figure("features_per_concept", decimal)),
            ("absorbed", figure("absorbed", share)), ("whole", figure("absorbed_whole", share)),
        ),
    ),
    (
        "Reading and changing concepts through the codes",
        "`approximation`: what frozen probes still know of the reconstruction. `flipped`: pairs "
        "whose probe changes sides by turning codes over, with so many `edits`; `collateral`: "
        "other probes that change with it. `best F1`: of the best single feature, signs counted.",
        (
            ("approximation", figure("approximation", share)),
            ("flipped", figure("flipped", share)),
            ("edits", figure("edits", decimal)), ("collateral", figure("collateral", share)),
            ("best F1", figure("best_f1")),
        ),
    ),
    (
        "What is left out",
        "`left, linear`: held-out share of the residual that is linear in the difference. "
        "`AUC left`: of a probe on the residual. `pursuit gap`: variance that a better encoder of "
        "the same directions would add. `outside`: share of a direction outside the principal "
        "subspace.",
        (
            ("left, linear", figure("residual_r2")), ("AUC left", _auc("residual")),
            ("pursuit gap", figure("pursuit_gap")),
            ("outside", figure("outside_mean")), ("outside, most", figure("outside_max")),
        ),
    ),
    (
        "Telling other data from these",
        "AUC of the share of a pair that is left over, of how rare its active features are, and of "
        "both, against the test pairs; `size`: of the length of the difference, which needs no "
        "dictionary. `shift`: mean change of how often a feature is active.",
        (
            ("left", figure("novelty_residual")), ("rare", figure("novelty_density")),
            ("both", figure("novelty_both")), ("size", figure("novelty_size")),
            ("shift", figure("density_shift")),
        ),
    ),
    (
        "Names",
        "Offline names, judged on the test pairs. `known share`: held-out multiple correlation "
        "with the concepts.",
        (
            ("fidelity", figure("fidelity")), ("understood", figure("understood", share)),
            ("known share", figure("known_share")),
        ),
    ),
)  # fmt: skip


def bench_tables(found: Comparison) -> list[BenchTable]:
    """Return a table for every question; what was not measured of any kind has none."""
    tables = []
    for title, note, columns in QUESTIONS:
        rows = [tuple(write(row) for _, write in columns) for row in found.rows]
        if all(cell == NOT_MEASURED for row in rows for cell in row):
            continue
        header = ("kind", "K", *(name for name, _ in columns))
        named = zip(found.rows, rows, strict=True)
        tables.append(
            BenchTable(title, note, header, tuple((r.kind, str(r.k), *row) for r, row in named))
        )
    return tables


def bench_summary(found: Comparison) -> str:
    """Say of what the tables are."""
    seeds = max((row.seeds for row in found.rows), default=0)
    base = next((row.auc for row in found.rows if row.auc), {})
    known = ", ".join(
        f"{name} {thousandths(base[name]['value'])}"
        for name in ("controls", "dense", "concepts")
        if name in base
    )
    return (
        f"{count(found.pairs)} pairs, vectors of {found.encoder} ({found.dimensions} numbers), "
        f"{seeds} seed{'' if seeds == 1 else 's'}, {count(found.judged)} labelled pairs held out, "
        f"{found.concepts} concepts that the vectors hold" + (f"; AUC of {known}" if known else "")
    )


def bench_markdown(found: Comparison) -> str:
    """Return the tables as Markdown, with the kinds that are left out."""
    parts = [f"{bench_summary(found)}."]
    for table in bench_tables(found):
        lines = [f"| {' | '.join(row)} |" for row in (table.header, *table.rows)]
        lines.insert(1, "|" + " --- |" * len(table.header))
        parts += [f"**{table.title}.** {table.note}", "\n".join(lines)]
    parts += [f"Left out: {kind} at K = {k}: {why}." for kind, k, why in found.failed]
    return "\n\n".join(parts) + "\n"
