"""What a preview of rules tells, shaped for the page: pure functions of a ``Preview``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, cast

from wimhf.curate import Preview, edit_words
from wimhf.run import Alert
from wimhf.ui.app.pair_charts import EffectMark
from wimhf.ui.app.pair_rows import CuratedPair
from wimhf.ui.words.figures import between, chart_name, points, shortened, thousandths

DRAWN = 12
"""Features in the chart: those whose effect moves most."""
BALANCE = (
    ("kept", "pairs kept", ""), ("labelled", "labelled pairs", ""), ("ties", "ties", ""),
    ("weight", "weight of all pairs", ""), ("first_wins", "first listed preferred", "%"),
    ("longer_wins", "longer response preferred", "%"),
)  # fmt: skip
When = Literal["before", "after"]
STATES: tuple[When, When] = ("before", "after")


class ChangedPair(CuratedPair):
    """A pair that would change, with what becomes of it; see ``Preview.touched``."""

    label_after: float | None
    weight_after: float
    kept_after: bool
    support: float | None


def counts(preview: Preview) -> list[tuple[str, str, str]]:
    """Return the tiles above a preview: name, figure, and a line below it."""
    matched = preview.matched
    return [
        ("Selected", f"{sum(one.selected for one in matched):,}",
         "pairs" if len(matched) == 1 else f"pairs, by {len(matched)} rules"),
        ("Will change", f"{len(preview.touched):,}", "label, weight or presence"),
        ("Left alone", f"{sum(one.held for one in matched):,}",
         "by single edits, which outrank rules"),
        ("Overlaps", f"{sum(len(one.overlaps) for one in matched):,}",
         "edits that speak of the same pairs"),
    ]  # fmt: skip


def overlaps(preview: Preview) -> list[str]:
    """Say which edits speak of the same pairs, and how far they agree."""
    return [
        f"{_which(met.edit.number)} ({shortened(edit_words(met.edit), 90)}) speaks of "
        f"{met.pairs:,} of them and says otherwise of {met.differ:,}"
        + ("; that one outranks it" if met.outranks else "")
        for one in preview.matched
        for met in one.overlaps
    ]


def _which(number: int | None) -> str:
    return "an earlier rule" if number is None else f"edit {number}"


def effect_rows(preview: Preview) -> list[EffectMark]:
    """Return effects before and after for the chart, those that move most first."""
    marks = []
    for row in preview.effects.head(DRAWN).iter_rows(named=True):
        full = row["description"] or f"feature {row['feature']}"
        marks += [
            EffectMark(
                name=chart_name(full, row["feature"], 46), full=full, when=when,
                effect=row[f"effect_{when}"], low=row[f"effect_low_{when}"],
                high=row[f"effect_high_{when}"],
            )
            for when in STATES
            if row[f"effect_{when}"] is not None
        ]  # fmt: skip
    return marks


def figure_rows(preview: Preview) -> list[tuple[str, ...]]:
    """Return figures of the whole data set: name, before, after."""
    return [_auc(preview), *_length(preview), *_balance(preview)]


def _auc(preview: Preview) -> tuple[str, ...]:
    auc = preview.auc
    if "before" not in auc:
        return ("AUC on pairs out of reach", f"not known: {auc['reason']}", "–")
    states = [
        f"{thousandths(bounds['value'])} ({between(bounds['low'], bounds['high'], thousandths)})"
        for bounds in (auc["before"], auc["after"])
    ]
    return (f"AUC on {auc['pairs']:,} pairs out of reach", *states)


def _length(preview: Preview) -> Iterator[tuple[str, ...]]:
    states = [preview.length[when] for when in STATES]
    if all(state.get("effect") is not None for state in states):
        yield (
            "effect of length",
            *(
                f"{points(state['effect'])} ({between(state['effect_low'], state['effect_high'])})"
                for state in states
            ),
        )


def _balance(preview: Preview) -> Iterator[tuple[str, ...]]:
    states = [cast("Mapping[str, float | None]", preview.balance[when]) for when in STATES]
    for key, name, unit in BALANCE:
        before, after = (state[key] for state in states)
        if before is not None and after is not None:
            digits = ",.1f" if unit or before % 1 or after % 1 else ",.0f"
            yield (name, f"{before:{digits}}{unit}", f"{after:{digits}}{unit}")


def alert_rows(preview: Preview) -> list[tuple[str, str]]:
    """Return the alerts with what becomes of each: ``new``, ``stays`` or ``gone``."""
    before, after = (
        {(alert["feature"], alert["concept"], alert.get("rewards")): alert for alert in alerts}
        for alerts in (preview.alerts["before"], preview.alerts["after"])
    )
    rows = [
        ("stays" if key in before else "new", alert_words(alert)) for key, alert in after.items()
    ]
    return rows + [
        ("gone", alert_words(alert)) for key, alert in before.items() if key not in after
    ]


def alert_words(alert: Alert) -> str:
    """State an alert in one sentence."""
    where = "" if alert["feature"] is None else f" (feature {alert['feature']})"
    return (
        f"labels reward what {alert['rewards']}{where}, by {points(alert['effect'])} points: "
        f"{alert['why']}"
    )


def example_groups(preview: Preview) -> list[tuple[str, list[ChangedPair]]]:
    """Return the examples in their groups: the most and the least supported pairs that change."""
    rows = cast("list[ChangedPair]", preview.examples.to_dicts())
    if all(row["support"] is None for row in rows):
        return [("Pairs that change", rows)] if rows else []
    half = min(3, -(-len(rows) // 2))
    groups = [("Best supported by the other pairs", rows[:half])]
    return [*groups, ("Least supported", rows[half:])] if rows[half:] else groups


def becomes(row: ChangedPair) -> CuratedPair:
    """Return a changed pair as it would be, with what it is now in the source's place."""
    was = {"source_label": row["label"], "source_weight": row["weight"]}
    new = {
        "label": row["label_after"], "weight": row["weight_after"], "kept": row["kept_after"],
    }  # fmt: skip
    return cast("CuratedPair", {**row, **was, **new})
