"""UltraFeedback, binarized: the chosen and the rejected response with their scores."""

from __future__ import annotations

from itertools import chain

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded, empty, holds
from wimhf.data.formats.columns import Sample, optional
from wimhf.data.formats.families.trl import TrlPreference
from wimhf.data.pairs import Fields

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
MODELS = {
    "model_a": optional("chosen-model", "chosen_model"),
    "model_b": optional("rejected-model", "rejected_model"),
}


class UltraFeedback(TrlPreference):
    """prompt, chosen, rejected and a score for each; equal scores are a tie."""

    name = "ultrafeedback"
    expects = (
        "prompt; chosen, rejected, each a list of {role, content}; score_chosen, score_rejected "
        "(or chosen-rating, rejected-rating); or instruction, chosen_response, rejected_response"
    )
    narrows = ("trl",)
    polarity = (
        "the source lists the chosen response apart from the rejected one, and equal scores are a "
        "tie; sides A and B were drawn by a hash of each pair"
    )
    schema = TrlPreference.schema.extended("source", *chain(*SPELLINGS.values()), **MODELS)

    def matches(self, sample: Sample) -> bool:
        """Look for conversations with scores, or the older release's texts, in most rows."""
        if any(names <= sample.columns for names in SCORES):
            return conversations_apart(sample)
        return sample.mostly_text("instruction", "chosen_response", "rejected_response")

    def fields(self, row: Row) -> Fields:
        """Read the row as TRL's, whatever the release calls the columns."""
        names = {ours: self.column(row, ours) for ours in SPELLINGS}
        spelled = {ours: name and row[name] for ours, name in names.items()}
        for side in ("chosen", "rejected"):
            spelled[side] = _turns_or_text(spelled[side])
        return super().fields({**row, **spelled})

    def column(self, row: Row, name: str) -> str | None:
        """Return what the release calls one of TRL's columns in a row that fills it."""
        return next((known for known in SPELLINGS[name] if not empty(row.get(known))), None)


def conversations_apart(sample: Sample) -> bool:
    """Say whether chosen and rejected hold conversations, in most rows."""
    return all(sample.mostly(side, _is_conversation) for side in ("chosen", "rejected"))


def _is_conversation(value: object) -> bool:
    return holds(value, "role") or holds(value, "from")


def _turns_or_text(value: object) -> object:
    """Return the conversation of a CSV cell, and all else as it is: text may look like JSON."""
    turns = decoded(value)
    return turns if _is_conversation(turns) else value
