"""Writing the curated pairs, with a change card that says what was done to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import polars as pl

from wimhf.base import Event, Progress, expanded, silent
from wimhf.curate.margins import with_margins
from wimhf.curate.rule_checks import edit_checked
from wimhf.curate.state import State
from wimhf.curate.wording import checked_words, edit_words
from wimhf.data import (
    Exported,
    Origin,
    container_of,
    export_pairs,
    is_changed,
    sources_hash,
    target_named,
)
from wimhf.errors import EditError, ExportError, InputError
from wimhf.run import Run
from wimhf.stats import ComparedAuc, Effects, Labels, state_effects, untouched_auc

BalanceKey = Literal["labelled", "ties", "weight", "first_wins", "longer_wins"]
MOVED = 10
"""Features on the change card: those whose effect moved most."""


HUB = "hf:"
"""What the name of a data set on a hub begins with."""


def origin_of(run: Run) -> Origin:
    """Return what the target ``source`` needs: the untouched rows and how they were read."""
    facts, config = run.facts("read"), run.config.read
    return Origin(
        rows=run.folder.read_table("source.parquet").lazy(), parts=facts["parts"],
        layouts=facts.get("layouts") or {}, columns=config.columns, label=config.label,
        label_map=config.label_map, roles=config.roles, pairs=config.pairs,
    )  # fmt: skip


def check_source(run: Run) -> None:
    """Refuse a run whose source has other bytes now; one that is gone changed nothing.

    Raises
    ------
    EditError
        If the source changed since the run was made.
    """
    config = run.config.read
    try:
        now = sources_hash((config.source, *config.also))
    except (OSError, InputError):
        return
    if now != run.facts("read")["source_sha256"]:
        raise EditError(
            f"{config.source} changed since {run.path} was made; run `wimhf analyze` again (edits "
            "are kept, by pair id), or go on with the rows as they were read with --anyway"
        )


def _check_place(run: Run, path: Path, *, overwrite: bool) -> None:
    """Refuse a place whose file would be lost."""
    place = path.resolve()
    own = run.path.resolve()
    sources = [Path(one).resolve() for one in (run.config.read.source, *run.config.read.also)]
    if own == place or own in place.parents:
        raise ExportError(f"{path} lies in the run's own folder; choose a place outside {run.path}")
    if place in sources:
        raise ExportError(
            f"{path} is what the run was made from, and the only copy of it that WIMHF knows; "
            "choose another name"
        )
    if path.is_file() and not overwrite:
        raise ExportError(f"{path} exists; choose another name, or allow it with --force")


def export(
    state: State,
    target: str,
    path: str | Path,
    progress: Progress = silent,
    *,
    anyway: bool = False,
    overwrite: bool = False,
    margin: str = "source",
    **options: Any,
) -> Exported:
    """Write the curated pairs; see ``Curation.export``."""
    _check_place(state.run, expanded(path), overwrite=overwrite)
    container_of(expanded(path), options.get("container"), target_named(target))
    if not anyway:
        check_source(state.run)
    progress(Event("export", message="measuring what the edits change"))
    pairs = state.curated.pairs
    card = change_facts(state, pairs, progress)
    margined = with_margins(state, pairs, margin)
    progress(Event("export", message=f"writing {path}"))
    return export_pairs(
        margined.pairs, target, path, origin=origin_of(state.run), card=card,
        notes=margined.notes, seed=state.run.config.seed, **options
    )  # fmt: skip


def change_facts(
    state: State, pairs: pl.DataFrame, progress: Progress = silent
) -> dict[str, object]:
    """Return what a change card tells of the source, the edits and what they changed."""
    run, read = state.run, state.run.facts("read")
    config = run.config.read
    facts: dict[str, object] = {
        "source": ", ".join(map(_shown_name, [config.source, *config.also])),
        "source_sha256": read["source_sha256"],
        "rows_read": read["n_rows"],
        "rejected": read["rejects"],
        "unread": tuple((read.get("notes") or {}).get("unread", ())),
        "edits": [
            {
                "number": edit.number, "who": edit.who, "time": edit.time, "why": edit.why,
                "rule": edit_words(edit), "pairs": len(edit.pair_ids),
                "checked": checked_words(edit_checked(run, edit)),
            }
            for edit in state.edits
        ],
    }  # fmt: skip
    if not pairs.select(is_changed().any()).item():
        return facts
    numbers, measured = state.columns
    before = Labels.of(state.source)
    was = state_effects(measured, numbers, before, state.sample, progress)
    now = state.effects(progress)
    auc = untouched_auc(measured, before, Labels.of(pairs), state.reached(), run.config.seed)
    return facts | {"effects": _effects(run, was, now), "figures": _figures(was, now, auc)}


def _shown_name(source: str) -> str:
    """Return what a card calls a source: where it lay on one machine tells others nothing."""
    return source if source.startswith(HUB) else Path(source).name or source


def _effects(run: Run, was: Effects, now: Effects) -> list[dict[str, object]]:
    names = run.features.select("feature", "description")
    both = names.join(was.features, on="feature").join(now.features, on="feature", suffix="_now")
    bounds = ("effect", "effect_low", "effect_high")
    moved = (pl.col("effect_now") - pl.col("effect")).abs()
    return [
        {
            "description": row["description"] or f"feature {row['feature']}",
            "before": _interval(*(row[name] for name in bounds)),
            "after": _interval(*(row[f"{name}_now"] for name in bounds)),
        }
        for row in both.sort(moved, descending=True, nulls_last=True).head(MOVED).to_dicts()
    ]


def _interval(
    value: float | None, low: float | None, high: float | None
) -> tuple[float, float, float] | None:
    return None if value is None or low is None or high is None else (value, low, high)


FIGURES: tuple[tuple[BalanceKey, str, str], ...] = (
    ("labelled", "labelled pairs", "pairs"),
    ("ties", "ties", "pairs"),
    ("weight", "weight of all pairs", ""),
    ("first_wins", "first listed response preferred", "%"),
    ("longer_wins", "longer response preferred", "%"),
)


def _figures(was: Effects, now: Effects, auc: ComparedAuc) -> list[dict[str, object]]:
    shown = [
        (name, was.balance[key], now.balance[key], unit) for key, name, unit in FIGURES
    ]  # fmt: skip
    if "before" in auc:
        name = f"AUC of features on the {auc['pairs']:,} decided pairs no edit could reach"
        shown.append((name, auc["before"]["value"], auc["after"]["value"], ""))
    return [
        {"name": name, "before": before, "after": after, "unit": unit}
        for name, before, after, unit in shown if before is not None and after is not None
    ]  # fmt: skip
