"""UltraFeedback, binarized: the chosen and the rejected response with their scores."""

from __future__ import annotations

from wimhf.data.formats.columns import Sample
from wimhf.data.formats.encoded import talk_in
from wimhf.data.formats.families.trl import TrlPreference

SCORES = ({"score_chosen", "score_rejected"}, {"chosen-rating", "rejected-rating"})


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

    def matches(self, sample: Sample) -> bool:
        """Look for conversations with scores, or the older release's texts, in most rows."""
        if any(names <= sample.columns for names in SCORES):
            return conversations_apart(sample)
        return sample.mostly_text("instruction", "chosen_response", "rejected_response")


def conversations_apart(sample: Sample) -> bool:
    """Say whether chosen and rejected hold conversations, in most rows."""
    return all(
        sample.mostly(side, lambda value: talk_in(value) is not None)
        for side in ("chosen", "rejected")
    )
