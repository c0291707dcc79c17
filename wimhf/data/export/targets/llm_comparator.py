"""LLM Comparator: one object with the outputs of two models and a score between them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from wimhf.data.containers.rows import Row
from wimhf.data.export.target import Chosen, Target

LARGEST = 1.5
"""The tool draws scores between minus this and this."""
ANYBODY = ("A", "B")
MODELS = ("model_a", "model_b")


class LlmComparatorObject(Target):
    """Examples with a score above 0 where A is better; 0 is a tie.

    Where the pairs compare just two models, each model is on one side throughout. The score's
    size is the strength where every pair has one, scaled to what the tool draws, else 1.
    """

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return an example per pair."""
        models, scale = _two_models(chosen.pairs), _scale(chosen)
        for pair in chosen.each():
            turned = models != ANYBODY and pair["model_a"] != models[0]
            a, b = ("b", "a") if turned else ("a", "b")
            size = abs(pair["strength"] or 0.0) * scale if scale else 0.0
            lead = float(np.sign(pair["label"] - 0.5)) * (size or 1.0)
            fields = {"pair_id": pair["pair_id"]}
            if _knows_models(chosen.pairs):
                fields["model"] = [pair[f"model_{side}"] or "unknown" for side in (a, b)]
            yield {
                "input_text": pair["prompt"],
                "tags": [pair["subset"]] if pair.get("subset") else [],
                "output_text_a": pair[f"response_{a}"],
                "output_text_b": pair[f"response_{b}"],
                "score": -lead if turned and lead else lead,
                "individual_rater_scores": [],
                "custom_fields": fields
                | {name: str(value) for name, value in chosen.extras(pair).items()},
            }

    def document(self, rows: list[Row], chosen: Chosen, name: str) -> Row:
        """Return the object."""
        schema = [{"name": "pair_id", "type": "string"}]
        if _knows_models(chosen.pairs):
            schema.append({"name": "model", "type": "per_model_category"})
        schema += [{"name": column, "type": "string"} for column in chosen.extra]
        return {
            "metadata": {"source_path": name, "custom_fields_schema": schema},
            "models": [{"name": model} for model in _two_models(chosen.pairs)],
            "examples": rows,
        }


def _knows_models(pairs: pl.DataFrame) -> bool:
    return set(MODELS) <= set(pairs.columns)


def _two_models(pairs: pl.DataFrame) -> tuple[str, str]:
    """Return the two models where there are just two, and every pair compares them."""
    if not _knows_models(pairs):
        return ANYBODY
    names = pl.concat([pairs[name] for name in MODELS]).unique().to_list()
    if None in names or len(names) != 2 or (pairs["model_a"] == pairs["model_b"]).any():
        return ANYBODY
    first, second = sorted(names)
    return first, second


def _scale(chosen: Chosen) -> float | None:
    """Return what strengths are multiplied by; None where they are not all known."""
    if not chosen.margins:
        return None
    largest = float(np.abs(chosen.pairs["strength"].fill_null(0.0).to_numpy()).max(initial=0.0))
    return min(1.0, LARGEST / largest) if largest else None


LLM_COMPARATOR = LlmComparatorObject(
    name="llm-comparator", about="LLM Comparator's JSON: examples with a score between two models",
    ties=True, strength=True, containers=("json",), one_object=True, family="llm-comparator",
)  # fmt: skip
