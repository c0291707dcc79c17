"""What the page shows, chosen and put in order."""

from __future__ import annotations

from typing import Any

import polars as pl

from wimhf.ui.words import findings
from wimhf.ui.words.scale import round_scale

HEADLINES = 10
Row = dict[str, Any]

MODELS = {
    "length": ("Length alone", "only which response is longer, and by how much"),
    "controls": ("Controls alone", "everything that is held fixed"),
    "score": ("Scores", "the scores that came with the data"),
    "reward model": ("Reward model", "a model trained to score responses"),
    "features": ("Features", "the features of this report, nothing else"),
    "features + length": ("Features and length", "the features and the length together"),
    "dense": ("Black box", "the whole embedding, which nobody can read"),
    "dense + length": ("Black box and length", "the whole embedding and the length together"),
    "features + controls": ("Features and controls", "the features and what is held fixed"),
    "dense + controls": ("Black box and controls", "the whole embedding and what is held fixed"),
}
METRICS = ("accuracy", "log_loss", "calibration_error")


def ordered(features: pl.DataFrame) -> list[Row]:
    """Return all features: pinned ones first, then by strength, not understood and muted last."""
    rows = [f | _verdict(f) for f in features.iter_rows(named=True)]
    return sorted(
        rows,
        key=lambda f: (
            f["muted"],
            not f["pinned"],
            not f["understood"],
            not findings.is_expressed(f),
            -abs(f["effect"] or 0),
            f["feature"],
        ),
    )


def _verdict(feature: Row) -> Row:
    """Name a feature and what the labels do with it, for people and for style sheets."""
    known = feature["understood"] and feature["description"]
    if feature["effect"] is None:
        verdict = "unknown"
    elif not findings.is_expressed(feature):
        verdict = "unclear"
    else:
        verdict = "rewarded" if feature["effect"] > 0 else "punished"
    label = feature["description"] if known else f"feature {feature['feature']} (not understood)"
    why = feature["reason"] or "the description could not be checked on held-out pairs"
    return {"verdict": verdict, "label": label, "kind": verdict if known else "unclear", "why": why}


def headlines(features: pl.DataFrame) -> dict[str, Any]:
    """Return the strongest findings as sentences, and how many there are."""
    found = findings.strongest(features, HEADLINES)
    stated = [f | _verdict(f) | {"sentence": findings.sentence(f)} for f in found]
    everything = findings.strongest(features, len(features), understood=False)
    return {
        "rewarded": [f for f in stated if f["effect"] > 0],
        "punished": [f for f in stated if f["effect"] < 0],
        "understood": len(findings.strongest(features, len(features))),
        "expressed": len(everything),
    }


def effects(features: list[Row]) -> dict[str, Any]:
    """Return the effects that are known, from the most rewarded to the most punished."""
    known = [f for f in features if f["effect"] is not None]
    ends = [f[end] for f in known for end in ("effect", "effect_low", "effect_high")]
    return {
        "rows": sorted(known, key=lambda f: (-f["effect"], f["feature"])),
        "scale": round_scale(ends, origin=0.0, finest=1.0),
        "unknown": len(features) - len(known),
    }


def known(interval: Row | None) -> Row | None:
    """Return an interval of which every end is known, else nothing."""
    return None if interval is None or None in interval.values() else interval


def models(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the models' AUCs, in the order in which a reader should meet them."""
    aucs = {name: known(interval) for name, interval in summary["auc"].items()}
    rows: list[Row] = []
    for name in [*MODELS, *(name for name in aucs if name not in MODELS)]:
        title, words = MODELS.get(name, (name, "with a control of your own"))
        if (interval := aucs.get(name)) is not None:
            others = {m: known(summary[m].get(name)) for m in METRICS}
            rows.append({"name": name, "title": title, "words": words} | interval | others)
    ends = [row[end] for row in rows for end in ("value", "low", "high")]
    return {"rows": rows, "scale": round_scale(ends, origin=0.5, finest=0.02)}


def path(summary: Row, features: list[Row]) -> Row | None:
    """Return the L1 path as lines in per cent of a drawing, in the described poles.

    The horizontal axis is the penalty, falling, in logarithm; ``kept`` counts features there.
    """
    found = summary["path"]
    if "beta" not in found or len(found["penalties"]) < 2:
        return None
    beta, steps = found["beta"], len(found["penalties"]) - 1
    ends = [value for row in beta for value in row]
    scale = round_scale(ends, origin=0.0, finest=0.05, about=4)
    lines = [
        {
            "points": " ".join(
                f"{100 * step / steps:.2f},{scale.up(f['pole'] * row[f['feature']]):.2f}"
                for step, row in enumerate(beta)
            ),
            "value": f["pole"] * beta[found["chosen"]][f["feature"]],
        }
        | f
        for f in features
        if f["path_rank"] is not None
    ]
    places = sorted({round(share * steps) for share in (0, 0.25, 0.5, 0.75, 1)})
    return {
        "lines": sorted(lines, key=lambda line: line["path_rank"]),
        "scale": scale,
        "chosen": f"{100 * found['chosen'] / steps:.2f}",
        "n_chosen": found["n_chosen"],
        "kept": [
            {"at": f"{100 * place / steps:.2f}%", "n": sum(value != 0 for value in beta[place])}
            for place in places
        ],
    }


def by_subset(summary: Row, features: list[Row], table: pl.DataFrame) -> Row:
    """Return effects within subsets: which features differ, and every feature's row."""
    cells: dict[int, list[Row]] = {}
    for row in table.iter_rows(named=True) if summary["subsets"]["reason"] is None else ():
        cells.setdefault(row["feature"], []).append(row)
    differing = [f for f in features if findings.is_heterogeneous(f)]
    least = [f["heterogeneity_q"] for f in features if f["heterogeneity_q"] is not None]
    view: Row = {
        "cells": cells,
        "differing": sorted(differing, key=lambda f: (not f["flips"], f["heterogeneity_p"] or 1.0)),
        "flipping": sum(bool(f["flips"]) for f in features),
        "least_q": min(least, default=None),
        "tested": len(least),
    }
    view |= summary["subsets"]
    return view
