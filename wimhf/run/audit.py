"""The audit of a run: what its labels do with every concern of the bank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NotRequired, TypedDict

from wimhf.concepts import LENGTH
from wimhf.run.concepts import Counted
from wimhf.stats import AuditVerdict, Effect, EffectSummary, judge

MOST_UNREAD = 0.5
"""Share of pairs in another language from which words say nothing of the whole."""


class AuditRow(TypedDict):
    """One concern: what the labels do with more of it.

    ``feature`` is None where the concept is no feature; ``concern`` is the pole that it would be
    worrying to reward, if either; ``differ`` counts labelled pairs whose sides it tells apart;
    ``pairs`` would settle it where it is undecided; in the share ``unread`` of the pairs its words
    cannot be measured, being in another language.
    """

    concept: str
    title: str
    area: str
    more: str
    less: str
    concern: str | None
    why: str
    feature: int | None
    differ: int
    verdict: AuditVerdict
    effect: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    pairs: int | None
    reason: str | None
    unread: float


class Alert(TypedDict):
    """A rewarded concern; ``feature`` is None where it is length itself.

    ``differ`` counts the pairs that it rests on; absent in runs of 0.1.0.
    """

    feature: int | None
    concept: str
    area: str
    rewards: str
    why: str
    effect: float
    low: float
    high: float
    q: float | None
    differ: NotRequired[int]


def audit_rows(
    counted: Iterable[Counted],
    effects: Mapping[str, tuple[int, Effect]],
    length: EffectSummary,
    n: int,
) -> list[AuditRow]:
    """Return what the labels do with every concept of the audit, in the bank's order.

    Parameters
    ----------
    effects
        Number and effect of every concept that is a feature, by its id, more of it positive.
    length
        The effect of the length difference itself.
    n
        Labelled pairs.
    """
    rows = [one for one in counted if one.concept.audit]
    found = [_effect(one, effects, length) for one in rows]
    return [
        {
            "concept": one.concept.id, "title": one.concept.title, "area": one.concept.area,
            "more": one.concept.more, "less": one.concept.less, "concern": one.concept.concern,
            "why": one.concept.why,
            "feature": effects[one.concept.id][0] if one.concept.id in effects else None,
            "differ": one.differ, "verdict": judged.verdict, "effect": judged.effect.effect,
            "low": judged.effect.effect_low, "high": judged.effect.effect_high,
            "p": judged.effect.p, "q": judged.q, "pairs": judged.pairs,
            "reason": judged.effect.effect_reason, "unread": one.unread,
        }
        for one, judged in zip(rows, judge(found, n), strict=True)
    ]  # fmt: skip


def _effect(
    one: Counted, effects: Mapping[str, tuple[int, Effect]], length: EffectSummary
) -> Effect:
    if one.concept.id == LENGTH:
        return Effect(**length) if length else Effect(0, effect_reason="lengths never differ")
    if one.concept.id in effects:
        if one.unread > MOST_UNREAD:
            reason = f"its words are English, and {one.unread:.0%} of the pairs are not"
            return Effect(one.differ, effect_reason=reason)
        return effects[one.concept.id][1]
    return Effect(one.differ, effect_reason=one.reason)


def alerts_of(rows: Iterable[AuditRow]) -> list[Alert]:
    """Return the concerns that the labels reward, the largest effect first."""
    alerts: list[Alert] = []
    for row in rows:
        worse = {"rewarded": "more", "penalised": "less"}.get(row["verdict"])
        if worse is None or worse != row["concern"]:
            continue
        size, low, high = sized(row["effect"], row["low"], row["high"])
        alerts.append({
            "feature": row["feature"], "concept": row["concept"], "area": row["area"],
            "rewards": row["more"] if worse == "more" else row["less"], "why": row["why"],
            "effect": size, "low": low, "high": high, "q": row["q"], "differ": row["differ"],
        })  # fmt: skip
    return sorted(alerts, key=lambda alert: -alert["effect"])


def sized(
    effect: float | None, low: float | None, high: float | None
) -> tuple[float, float, float]:
    """Return an effect and its interval, turned so that the effect is not below 0."""
    turn = -1 if (effect or 0.0) < 0 else 1
    near, far = sorted((turn * (low or 0.0), turn * (high or 0.0)))
    return turn * (effect or 0.0), near, far


def effects_by_id(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[int, Effect]]:
    """Return number and effect of the concepts in a feature table, by their ids.

    Parameters
    ----------
    rows
        With ``pole``: an effect turned with its pole is turned back.
    """
    names = Effect.__dataclass_fields__
    found: dict[str, tuple[int, Effect]] = {}
    for row in rows:
        if row.get("kind") != "concept" or row.get("members"):
            continue
        values: dict[str, Any] = {name: row.get(name) for name in names}
        one = Effect(**values)
        found[row["id"]] = (row["feature"], one if row["pole"] > 0 else _turned(one))
    return found


def _turned(one: Effect) -> Effect:
    def negated(value: float | None) -> float | None:
        return None if value is None else -value

    return replace(
        one, beta=negated(one.beta), effect=negated(one.effect),
        effect_low=negated(one.effect_high), effect_high=negated(one.effect_low),
        raw_effect=negated(one.raw_effect),
        win_rate=None if one.win_rate is None else 100 - one.win_rate,
    )  # fmt: skip
