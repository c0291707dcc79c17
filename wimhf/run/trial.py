"""What a run's features see in a pair that is not in its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from wimhf.base import Floats
from wimhf.concepts import LENGTH, Asked, Concept, concept_columns
from wimhf.data import Pair, RowReject, asked_of, length_difference, pair_table
from wimhf.describe import saved_term, term_differences
from wimhf.errors import EncoderError
from wimhf.learn import Encoder
from wimhf.run.coder import encoder_of, new_differences
from wimhf.run.feature import Feature
from wimhf.run.picking import Picked, picked
from wimhf.run.run import Run
from wimhf.run.vectors import dictionary_of


@dataclass(frozen=True)
class Tried:
    """The features that are active in a pair, and which response the labels would pick.

    Attributes
    ----------
    features
        One row per active feature, strongest first: feature, id, description, understood, code (in
        the described pole: positive where A has more), more_side, percentile of the code among
        the run's active pairs, effect, and because (what of the description holds here).
    picked
        None where the labels predict nothing.
    """

    features: pl.DataFrame
    picked: Picked | None

    def to_dict(self) -> dict[str, object]:
        """Return it as plain JSON types."""
        told = None if self.picked is None else self.picked.to_dict()
        return {"features": self.features.to_dicts(), "picked": told}


SCHEMA: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "id": pl.String(), "description": pl.String(),
    "understood": pl.Boolean(), "code": pl.Float64(), "more_side": pl.String(),
    "percentile": pl.Float64(), "effect": pl.Float64(), "because": pl.List(pl.String()),
}  # fmt: skip


def try_pair(
    run: Run, prompt: str, response_a: str, response_b: str, encoder: Encoder | None = None
) -> Tried:
    """Return which features tell two responses apart, why, and which the labels would pick.

    Parameters
    ----------
    encoder
        Your own encoder, where the run was made with one.

    Raises
    ------
    EncoderError
        If a response is empty, or the run's encoder is not there any more.
    """
    try:
        pair = Pair(prompt, response_a, response_b, None)
    except RowReject as reject:
        raise EncoderError(f"the pair cannot be read: {reject.reason} ({reject.detail})") from None
    asked = pair_table([pair], [0])
    delta = new_differences(run, asked, encoder_of(run, encoder))
    codes = dictionary_of(run).encode(delta)[0]
    numbers = np.flatnonzero(codes).tolist()
    active = dict(zip(numbers, codes[numbers].tolist(), strict=True))
    active |= _concepts(run, pair)
    known = run.sparse_codes
    features = {feature.feature: feature for feature in run.feature_rows}
    groups = {number: feature.whole for number, feature in features.items()}
    won = run.table("descriptions.parquet").filter("won").rows_by_key("feature", named=True)
    concepts = run.bank
    rows = []
    shown = known.joined(active, run.poles, groups)
    for number, code in shown.items():
        seen = np.abs(known.together(run.poles, groups[number]))
        said = won[number][0] if number in won else {"terms": [], "weights": []}
        described = zip(said["terms"], said["weights"], strict=True)
        row = _row(features[number], code, seen[seen > 0], pair, [*described], concepts)
        if number not in won:  # a concept holds because it was found
            row["because"] = [features[number].description]
        rows.append(row)
    table = pl.DataFrame(rows, schema=SCHEMA).sort(pl.col("percentile"), descending=True)
    return Tried(table, picked(run, asked, active, shown))


def _concepts(run: Run, pair: Pair) -> dict[int, float]:
    """Return the values of the concepts that tell the two responses apart, by their numbers."""
    bank = [one.concept for one in run.concepts.counted if not one.concept.learned]
    bank += [concept for concept, _ in run.concepts.asked]
    if not bank:
        return {}
    last, everything = asked_of(pair_table([pair], [0]))
    sides = ([pair.response_a], [pair.response_b])
    columns = concept_columns(bank, Asked(last, everything), sides)
    value = dict(zip([c.id for c in columns.concepts], columns.odd.toarray()[0], strict=True))
    value[LENGTH] = float(length_difference(*sides)[0])
    return {
        number: float(value[one.concept.id]) / one.scale
        for number, one in enumerate(run.concepts.features, start=run.n_discovered)
        if value.get(one.concept.id, 0) != 0  # nothing in a text gives a learned one away
    }


def _row(
    feature: Feature,
    code: float,
    active: Floats,
    pair: Pair,
    described: list[tuple[str, float]],
    concepts: Sequence[Concept],
) -> dict[str, object]:
    """Return one row of ``Tried.features``.

    Parameters
    ----------
    active
        |code| in the run's pairs in which the feature is active.
    described
        Terms of the description that won, and their weights.
    """
    toward_a = code > 0
    terms = [saved_term(key, concepts) for key, _ in described]
    lead = term_differences(terms, [pair.response_a], [pair.response_b], concepts)[0]
    turn = -1 if feature.flipped else 1
    sign = turn * (1 if toward_a else -1)
    because = [
        term.phrase(turn * weight > 0)
        for term, (_, weight), value in zip(terms, described, lead, strict=True)
        if sign * weight * value > 0
    ]
    return {
        "feature": feature.feature,
        "id": feature.id,
        "description": feature.description,
        "understood": feature.understood,
        "code": code,
        "more_side": "A" if toward_a else "B",
        "percentile": 100 * float((active <= abs(code)).mean()) if len(active) else 100.0,
        "effect": feature.effect,
        "because": because,
    }
