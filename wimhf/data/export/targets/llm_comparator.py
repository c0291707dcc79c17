"""LLM Comparator: one object with the outputs of two models and a score between them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from wimhf.data.containers.rows import Row
from wimhf.data.export.target import Chosen, Target

LARGEST = 1.5
"""The tool draws scores between minus this and this."""
ANYBODY = ("A", "B")


class LlmComparatorObject(Target):
    """Examples with a score above 0 where A is better; 0 is a tie.

    Where the pairs compare just two models, each model is on one side throughout. The score's
    size is the strength where every pair has one, scaled to what the tool draws, else 1.
    """

    name = "llm-comparator"
    about = "LLM Comparator's JSON: examples with a score between two models"
    ties = True
    strength = True
    containers = ("json",)
    one_object = True
    family = "llm-comparator"

    def columns(self, chosen: Chosen) -> None:
        """Leave the columns to the object."""
        return None

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return an example per pair."""
        models = _two_models(chosen.pairs)
        scale = _scale(chosen)
        for pair in chosen.each():
            turned = models != ANYBODY and pair["model_a"] != models[0]
            a, b = ("b", "a") if turned else ("a", "b")
            lead = 0.0 if pair["label"] == 0.5 else 1.0 if pair["label"] > 0.5 else -1.0
            yield {
                "input_text": pair["prompt"],
                "tags": [pair["subset"]] if pair.get("subset") else [],
                "output_text_a": pair[f"response_{a}"],
                "output_text_b": pair[f"response_{b}"],
                "score": (-lead if turned and lead else lead) * _size(pair, scale),
                "individual_rater_scores": [],
                "custom_fields": _fields(pair, a, b)
                | {name: str(value) for name, value in chosen.extras(pair).items()},
            }

    def document(self, rows: list[Row], chosen: Chosen, name: str) -> Row:
        """Return the object."""
        schema = [{"name": "pair_id", "type": "string"}]
        schema += [{"name": "model", "type": "per_model_category"}] if _named(chosen) else []
        schema += [{"name": column, "type": "string"} for column in chosen.extra]
        return {
            "metadata": {"source_path": name, "custom_fields_schema": schema},
            "models": [{"name": model} for model in _two_models(chosen.pairs)],
            "examples": rows,
        }


def _named(chosen: Chosen) -> bool:
    return {"model_a", "model_b"} <= set(chosen.pairs.columns)


def _fields(pair: Row, a: str, b: str) -> Row:
    if "model_a" not in pair or "model_b" not in pair:
        return {"pair_id": pair["pair_id"]}
    models = [pair[f"model_{side}"] or "unknown" for side in (a, b)]
    return {"pair_id": pair["pair_id"], "model": models}


def _two_models(pairs: pl.DataFrame) -> tuple[str, str]:
    """Return the two models where there are just two, and every pair compares them."""
    if not {"model_a", "model_b"} <= set(pairs.columns):
        return ANYBODY
    names = pl.concat([pairs["model_a"], pairs["model_b"]]).unique().to_list()
    if None in names or len(names) != 2 or (pairs["model_a"] == pairs["model_b"]).any():
        return ANYBODY
    first, second = sorted(names)
    return first, second


def _scale(chosen: Chosen) -> float | None:
    """Return what strengths are multiplied by; None where they are not all known."""
    if not chosen.margins:
        return None
    largest = float(chosen.pairs["strength"].abs().fill_null(0.0).max() or 0.0)  # type: ignore[arg-type]
    return min(1.0, LARGEST / largest) if largest else None


def _size(pair: Row, scale: float | None) -> float:
    size = 0.0 if scale is None else abs(pair["strength"] or 0.0) * scale
    return size or 1.0
