"""Tülu's preference mixtures: conversations from several sources."""

from __future__ import annotations

from wimhf.data.formats.columns import Sample
from wimhf.data.formats.families.ultrafeedback import SCORES, UltraFeedback, conversations_apart


class Tulu(UltraFeedback):
    """id, prompt, chosen, rejected, source; read as UltraFeedback, of which parts are."""

    name = "tulu"
    expects = (
        "id, prompt, source; chosen, rejected, each a list of {role, content}; "
        "chosen_model, rejected_model, chosen_rating, rejected_rating optional"
    )

    def matches(self, sample: Sample) -> bool:
        """Look for conversations that have an id and a source, without UltraFeedback's scores."""
        return (
            "id" in sample.columns
            and not any(names <= sample.columns for names in SCORES)
            and sample.mostly_text("prompt", "source")
            and conversations_apart(sample)
        )
