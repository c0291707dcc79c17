"""Learning how responses differ, and putting it into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from wimhf.base import Event, Floats32, Mask
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext, own_settings
from wimhf.pipeline.stages.given import given
from wimhf.run import difference_of

if TYPE_CHECKING:
    from wimhf.learn import Dictionary

EVALUATED = 100_000
"""Pairs of a part, about, on which a dictionary is evaluated."""
TOGETHER = 65_536
"""Pairs whose codes are held whole."""


def learn(context: StageContext) -> Result:
    """Train the dictionary and encode every pair."""
    from wimhf.learn import evaluate, train_kind  # torch comes with it

    run, seed = context.run, context.config.seed
    measured = difference_of(run)
    delta = measured.values
    part = run.pair_table["split"].to_numpy()
    settings = context.config.dictionary
    data = given(context, measured)
    training = train_kind(settings.kind, data, settings, seed, context.progress)
    dictionary = training.dictionary
    card = {
        "kind": dictionary.kind,
        "features": dictionary.n_features,
        "k": training.k,
        "steps": training.steps,
        "scale": measured.scale,
        "fit": evaluate(dictionary, _some(delta, part == "fit")),
        "test": evaluate(dictionary, _some(delta, part == "test")),
        "restarts": training.restarts,
        "stability": None if training.stability is None else training.stability.tolist(),
        "history": training.history,
        **_own_figures(dictionary, settings.prefixes, _some(delta, part == "test")),
        **training.figures,
    }
    if training.figures.get("saw_labels"):
        message = (
            "this dictionary saw the labels of the pairs to fit: what labels reward is measured "
            "on the other pairs"
        )
        context.progress(Event("dictionary", message=message, level="warning"))
    outputs = [
        run.folder.write_tensors("dictionary.safetensors", dictionary.tensors()),
        run.folder.write_json("dictionary.json", card),
        run.folder.write_table("codes.parquet", _triplets(dictionary, delta)),
    ]
    shape = [len(delta), dictionary.n_features]
    return outputs, {"shape": shape, "device": training.device, "k": training.k}


def _own_figures(
    dictionary: Dictionary, prefixes: tuple[int, ...], test: Floats32
) -> dict[str, object]:
    """Return the threshold where there is one, and what each prefix of the features explains."""
    from wimhf.learn import BatchTopK, evaluate  # torch comes with it

    threshold = getattr(dictionary, "threshold", None)
    found: dict[str, object] = {"threshold": threshold if isinstance(threshold, float) else None}
    if isinstance(dictionary, BatchTopK) and prefixes:
        found["prefixes"] = [
            {"features": p, "test": evaluate(dictionary.prefix(p), test)} for p in prefixes
        ]
    return found


def _some(delta: Floats32, part: Mask) -> Floats32:
    """Return a part's differences, of large parts every so many."""
    rows = np.flatnonzero(part)
    return delta[rows[:: max(1, len(rows) // EVALUATED)]]


def _triplets(dictionary: Dictionary, delta: Floats32) -> pl.DataFrame:
    """Return codes (n, m) as pair, feature, value, by feature; few at a time are held whole."""
    found = []
    for start in range(0, len(delta), TOGETHER):
        codes = dictionary.encode(delta[start : start + TOGETHER])
        pair, feature = np.nonzero(codes)
        found.append((pair.astype(np.uint32) + np.uint32(start), feature, codes[pair, feature]))
    pairs, features, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    table = pl.DataFrame({"pair": pairs, "feature": features, "value": values})
    return table.sort("feature", "pair")


def dictionary_settings(context: StageContext) -> Settings:
    """Return what decides a dictionary: its settings, and the concepts where it is told them."""
    decides = own_settings("dictionary")(context)
    if context.config.dictionary.kind == "supervised":
        decides["concepts"] = context.run.manifest.output_hashes("concepts")
    return decides


STAGE = Stage(
    "dictionary",
    "learning how responses differ",
    learn,
    ("read", "embed"),
    dictionary_settings,
)
