"""LLM Comparator: examples with the outputs of two models and a score between them."""

from __future__ import annotations

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import as_text, decoded, holds
from wimhf.data.formats.columns import Sample, Schema, text
from wimhf.data.formats.judged import Judged
from wimhf.data.formats.labels import Signed
from wimhf.data.formats.nested import Nested
from wimhf.data.pairs import Fields


class LlmComparator(Nested, Judged):
    """One object with examples and models; a positive score means that A is better."""

    name = "llm-comparator"
    narrows = ("native",)
    expects = (
        "examples, a list of {input_text, output_text_a, output_text_b, score (> 0 = A), tags}, "
        "and models, a list of two {name}"
    )
    polarity = (
        "a positive score means label 1 for output_text_a, a negative one label 0 for "
        "output_text_b; 0 is a tie"
    )
    list_column = "examples"
    carried = ("models",)
    schema = Schema(
        "examples", "tags", "models",
        prompt=text("input_text"),
        response_a=text("output_text_a"),
        response_b=text("output_text_b"),
    )  # fmt: skip
    label = Signed("score", sign=1, weakest=0.5, scale="score")

    def matches(self, sample: Sample) -> bool:
        """Say whether it is the object, or its examples as rows."""
        texts = ("output_text_a", "output_text_b")
        whole = sample.mostly("examples", lambda value: holds(value, *texts))
        return whole or super().matches(sample)

    def fields(self, row: Row) -> Fields:
        """Add the models' names, and the first tag as subset."""
        model_a, model_b = _models(row)
        tags = decoded(row.get("tags"))
        tag = next(iter(tags), None) if isinstance(tags, list) else tags
        about = {"model_a": model_a, "model_b": model_b, "subset": as_text(tag)}
        return self.schema.read(row) | about


def _models(row: Row) -> tuple[str | None, str | None]:
    models = decoded(row.get("models"))
    if not isinstance(models, list) or len(models) != 2:
        return None, None
    first, second = (as_text(m.get("name")) if isinstance(m, dict) else None for m in models)
    return first, second
