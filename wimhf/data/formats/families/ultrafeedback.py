"""UltraFeedback, binarized: the chosen and the rejected response with their scores."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, first_text, mostly, mostly_text
from wimhf.data.formats.families.trl import TrlPreference
from wimhf.data.formats.family import Sample, decoded
from wimhf.data.formats.nested import holds
from wimhf.data.pairs import Pair, RowReject

SPELLINGS = {
    "prompt": ("prompt", "instruction"),
    "chosen": ("chosen", "chosen_response"),
    "rejected": ("rejected", "rejected_response"),
    "score_chosen": ("score_chosen", "chosen-rating", "chosen_rating", "chosen_avg_rating"),
    "score_rejected": (
        "score_rejected", "rejected-rating", "rejected_rating", "rejected_avg_rating",
    ),
}  # fmt: skip
"""What TRL calls a column, and what the releases call it."""
SCORES = ({"score_chosen", "score_rejected"}, {"chosen-rating", "rejected-rating"})
MODELS = ("chosen-model", "chosen_model"), ("rejected-model", "rejected_model")


class UltraFeedback(TrlPreference):
    """prompt, chosen, rejected and a score for each; equal scores are a tie."""

    name = "ultrafeedback"
    expects = (
        "prompt; chosen, rejected, each a list of {role, content}; score_chosen, score_rejected "
        "(or chosen-rating, rejected-rating); or instruction, chosen_response, rejected_response"
    )
    columns = TrlPreference.columns.union(["source"], *SPELLINGS.values(), *MODELS)
    narrows = ("trl",)
    polarity = (
        "the source lists the chosen response apart from the rejected one, and equal scores are a "
        "tie; sides A and B were drawn by a hash of each pair"
    )

    def matches(self, sample: Sample) -> bool:
        """Look for conversations with scores, or the older release's texts, in most rows."""
        if any(names <= sample.columns for names in SCORES):
            return conversations_apart(sample)
        return mostly_text(sample, "instruction", "chosen_response", "rejected_response")

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Read the row as TRL's, then add the models."""
        spelled = {ours: _first(row, names) for ours, names in SPELLINGS.items()}
        for side in ("chosen", "rejected"):
            spelled[side] = _turns_or_text(spelled[side])
        models = [first_text(row, *names) for names in MODELS]
        return [_with_models(pair, *models) for pair in super().parse({**row, **spelled})]

    def score_columns(self, row: Row) -> tuple[str | None, str | None]:
        """Return what the release calls the scores of chosen and rejected."""
        high, low = (
            next((name for name in SPELLINGS[ours] if not empty(row.get(name))), None)
            for ours in ("score_chosen", "score_rejected")
        )
        return high, low


def conversations_apart(sample: Sample) -> bool:
    """Say whether chosen and rejected hold conversations, in most rows."""
    return all(mostly(sample, side, _is_conversation) for side in ("chosen", "rejected"))


def _is_conversation(value: Any) -> bool:
    return holds(value, "role") or holds(value, "from")


def _turns_or_text(value: Any) -> Any:
    """Return the conversation of a CSV cell, and all else as it is: text may look like JSON."""
    found = decoded(value)
    return found if _is_conversation(found) else value


def _first(row: Row, names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if not empty(row.get(name))), None)


def _with_models(
    pair: Pair | RowReject, chosen: str | None, rejected: str | None
) -> Pair | RowReject:
    if isinstance(pair, RowReject):
        return pair
    first, second = (rejected, chosen) if pair.swapped else (chosen, rejected)
    return replace(pair, model_a=first, model_b=second)
