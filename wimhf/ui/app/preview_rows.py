"""What a preview of rules tells, shaped for the page: pure functions of a ``Preview``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from wimhf.curate import Preview, overlap_record
from wimhf.run import Alert
from wimhf.ui.words.figures import between, decimal, points, shortened

Row = dict[str, Any]
DRAWN = 12
"""Features in the chart: those whose effect moves most."""
BALANCE = (
    ("kept", "pairs kept", ""), ("labelled", "labelled pairs", ""), ("ties", "ties", ""),
    ("weight", "weight of all pairs", ""), ("first_wins", "first listed preferred", "%"),
    ("longer_wins", "longer response preferred", "%"),
)  # fmt: skip


def counts(preview: Preview) -> list[tuple[str, str, str]]:
    """Return the tiles above a preview: name, figure, and a line below it."""
    selected = sum(one.selected for one in preview.matched)
    held = sum(one.held for one in preview.matched)
    met = sum(len(one.overlaps) for one in preview.matched)
    rules = len(preview.matched)
    return [
        ("Selected", f"{selected:,}", "pairs" if rules == 1 else f"pairs, by {rules} rules"),
        ("Will change", f"{len(preview.touched):,}", "label, weight or presence"),
        ("Held", f"{held:,}", "by single edits, which outrank rules"),
        ("Overlaps", f"{met:,}", "edits that speak of the same pairs"),
    ]  # fmt: skip


def overlaps(preview: Preview) -> list[str]:
    """Say which edits speak of the same pairs, and how far they agree."""
    told = []
    for one in preview.matched:
        for met in map(_plain_overlap, one.overlaps):
            which = f"edit {met['edit']}" if (met["edit"] or 10**9) < 10**9 else "an earlier rule"
            who = "; that one outranks it" if met["outranks"] else ""
            told.append(
                f"{which} ({shortened(met['what'], 90)}) speaks of {met['pairs']:,} of them and "
                f"says otherwise of {met['differ']:,}{who}"
            )
    return told


def effect_rows(preview: Preview) -> list[Row]:
    """Return effects before and after for the chart, those that move most first."""
    rows = []
    for one in preview.effects.head(DRAWN).to_dicts():
        full = one["description"] or f"feature {one['feature']}"
        for when in ("before", "after"):
            if one[f"effect_{when}"] is None:
                continue
            rows.append({
                "name": f"{shortened(full, 46)}  [{one['feature']}]", "full": full, "when": when,
                "effect": one[f"effect_{when}"], "low": one[f"effect_low_{when}"],
                "high": one[f"effect_high_{when}"],
            })  # fmt: skip
    return rows


def figure_rows(preview: Preview) -> list[tuple[str, ...]]:
    """Return figures of the whole data set: name, before, after."""
    auc: Mapping[str, Any] = preview.auc
    rows: list[tuple[str, ...]] = []
    if "before" in auc:
        told = [f"{decimal(auc[w]['value'], 3)} ({_ends(auc[w])})" for w in ("before", "after")]
        rows.append((f"AUC on {auc['pairs']:,} pairs out of reach", *told))
    else:
        rows.append(("AUC on pairs out of reach", f"not known: {auc['reason']}", "–"))
    length = [preview.length[when] for when in ("before", "after")]
    if all(one.get("effect") is not None for one in length):
        told = [
            f"{points(one['effect'])} ({between(one['effect_low'], one['effect_high'])})"
            for one in length
        ]
        rows.append(("effect of length", *told))
    for key, name, unit in BALANCE:
        values: list[Any] = [dict(preview.balance[when])[key] for when in ("before", "after")]
        if None not in values:
            digits = ",.1f" if unit or any(value % 1 for value in values) else ",.0f"
            rows.append((name, *(f"{value:{digits}}{unit}" for value in values)))
    return rows


def figures_html(rows: Sequence[tuple[str, ...]]) -> str:
    """Return figures as an HTML table: name, before, after; everything is escaped."""
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(value)}</td>" for value in values)
        + "</tr>"
        for name, *values in rows
    )
    head = "<tr><th></th><td>before</td><td>after</td></tr>"
    return f'<table class="facts"><thead>{head}</thead><tbody>{lines}</tbody></table>'


def _ends(interval: Row) -> str:
    return between(interval["low"], interval["high"], lambda value: decimal(value, 3))


def alert_rows(preview: Preview) -> list[tuple[str, str]]:
    """Return the alerts with what becomes of each: ``new``, ``stays`` or ``gone``."""
    before, after = ({_key(one): one for one in preview.alerts[w]} for w in ("before", "after"))
    rows = [("new" if key not in before else "stays", _told(one)) for key, one in after.items()]
    return rows + [("gone", _told(one)) for key, one in before.items() if key not in after]


def _key(alert: Alert) -> tuple[Any, ...]:
    return alert["feature"], alert["concept"], alert.get("rewards")


def _told(alert: Alert) -> str:
    where = "" if alert["feature"] is None else f" (feature {alert['feature']})"
    return (
        f"labels reward what {alert['rewards']}{where}, by {points(alert['effect'])} points: "
        f"{alert['why']}"
    )


def example_groups(preview: Preview) -> list[tuple[str, list[Row]]]:
    """Return the examples in their groups: the most and the least supported pairs that change."""
    rows = preview.examples.to_dicts()
    known = [row for row in rows if row["support"] is not None]
    half = min(3, -(-len(rows) // 2)) if len(rows) < 6 else 3
    if not known:
        return [("Pairs that change", rows)] if rows else []
    groups = [("Best supported by the other pairs", rows[:half])]
    return [*groups, ("Least supported", rows[half:])] if rows[half:] else groups


def becomes(row: Row) -> Row:
    """Return a changed pair as it would be, with what it is now in the source's place."""
    return row | {
        "label": row["label_after"], "weight": row["weight_after"], "kept": row["kept_after"],
        "source_label": row["label"], "source_weight": row["weight"],
    }  # fmt: skip


def _plain_overlap(overlap: Any) -> dict[str, Any]:
    return overlap_record(overlap)
