"""The features of a run as the pages list them: filters, orders, and the table that is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import polars as pl

from wimhf.run import Alert, Run
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.labels import VERDICTS
from wimhf.ui.words.views import Summary

LAST = 10**9
SORTS: Mapping[str, Callable[[ShownFeature], float]] = {
    "findings first": lambda feature: feature.finding or LAST,
    "strongest first": lambda feature: -feature.least - abs(feature.effect or 0) / LAST,
    "most rewarded": lambda feature: -(feature.effect or 0),
    "most penalised": lambda feature: feature.effect or 0,
    "surest (q)": lambda feature: 1.0 if feature.q is None else feature.q,
    "most prevalent": lambda feature: -feature.prevalence,
    "best understood": lambda feature: -(feature.fidelity or -1),
    "number": lambda feature: feature.feature,
}
_CHIPS: Mapping[str, Callable[[ShownFeature, Collection[int]], bool]] = {
    "finding": lambda feature, concerns: feature.finding is not None and not feature.muted,
    "concepts": lambda feature, concerns: feature.is_concept,
    "discovered": lambda feature, concerns: not feature.is_concept,
    "significant": lambda feature, concerns: feature.verdict in ("rewarded", "penalised"),
    "understood": lambda feature, concerns: feature.understood,
    "concern": lambda feature, concerns: feature.feature in concerns,
    "rewarded": lambda feature, concerns: feature.verdict == "rewarded",
    "penalised": lambda feature, concerns: feature.verdict == "penalised",
}
CHIPS = tuple(_CHIPS)
"""Filters of the feature table; several narrow it together."""


def concerned(summary: Summary) -> dict[int, Alert]:
    """Return the alerts of a run by feature."""
    alerts = ((alert["feature"], alert) for alert in summary["alerts"])
    return {feature: alert for feature, alert in alerts if feature is not None}


def filtered(
    features: Iterable[ShownFeature],
    show: Iterable[str],
    find: str,
    sort: str,
    concerns: Collection[int],
) -> list[ShownFeature]:
    """Return the features that pass all filters, in order, muted ones last.

    Parameters
    ----------
    show
        Some of ``CHIPS``.
    find
        Words that must all occur in the description or be the number; case is ignored.
    sort
        One of ``SORTS``; anything else keeps the order.
    concerns
        Features with an alert.
    """
    words = find.casefold().split()
    chips = [_CHIPS[chip] for chip in show if chip in _CHIPS]
    kept = [
        feature
        for feature in features
        if all(passes(feature, concerns) for passes in chips)
        and all(_mentions(feature, word) for word in words)
    ]
    if sort in SORTS:
        kept.sort(key=SORTS[sort])
    return sorted(kept, key=lambda feature: feature.muted)


def _mentions(feature: ShownFeature, word: str) -> bool:
    words = (feature.label, feature.short or "", feature.id or "")
    text = " ".join(words).casefold()
    return word in text or word.lstrip("#") == str(feature.feature)


def feature_frame(features: Sequence[ShownFeature], concerns: Collection[int]) -> pl.DataFrame:
    """Return the feature table as it is shown, one row per feature."""

    def figures(values: Iterable[float | None], times: float = 1) -> pl.Series:
        return pl.Series([None if v is None else times * v for v in values], dtype=pl.Float64)

    return pl.DataFrame({
        "No.": [f.feature for f in features],
        "The side with more of it …": [
            ("⚠ " if f.feature in concerns else "") + f.label for f in features
        ],
        "Kind": [f.kind for f in features],
        "Labels": [VERDICTS[f.verdict] for f in features],
        "Effect": figures(f.effect for f in features),
        "95% interval": [_interval(f) for f in features],
        "Raw": figures(f.raw_effect for f in features),
        "Beside": figures(f.joint_effect for f in features),
        "q": figures(f.q for f in features),
        "Prevalence": figures((f.prevalence for f in features), 100),
        "Fidelity": figures(f.fidelity for f in features),
        "Stability": figures(f.stability for f in features),
        "Selected": figures((f.selection_frequency for f in features), 100),
    })  # fmt: skip


def _interval(feature: ShownFeature) -> str:
    low, high = feature.effect_low, feature.effect_high
    return "" if low is None else f"{low:+.0f} to {high:+.0f}".replace("-", "−")


def measured(features: Iterable[ShownFeature], count: int) -> list[ShownFeature]:
    """Return the understood features that tell apart the most pairs."""
    understood = (feature for feature in features if feature.understood)
    return sorted(understood, key=lambda f: (-f.prevalence, f.feature))[:count]


def neighbours(features: Iterable[ShownFeature], number: int) -> tuple[int | None, int | None]:
    """Return the features before and behind one in the order of the table."""
    order = [feature.feature for feature in features]
    if number not in order:
        return None, None
    at = order.index(number)
    return order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None


def subset_effects(run: Run, number: int) -> pl.DataFrame:
    """Return a feature's effects within the subsets in which they could be estimated."""
    return run.subset_effects.filter(pl.col("feature") == number, pl.col("effect").is_not_null())
