"""Tülu's preference mixtures: conversations from several sources."""

from __future__ import annotations

from wimhf.data.formats.cells_in import mostly_text
from wimhf.data.formats.families.trl import TrlPreference
from wimhf.data.formats.families.ultrafeedback import SCORES, UltraFeedback, conversations_apart
from wimhf.data.formats.family import Sample


class Tulu(UltraFeedback):
    """id, prompt, chosen, rejected, source; read as UltraFeedback, of which parts are."""

    name = "tulu"
    expects = (
        "id, prompt, source; chosen, rejected, each a list of {role, content}; "
        "chosen_model, rejected_model, chosen_rating, rejected_rating optional"
    )
    columns = TrlPreference.columns | {
        "id", "source", "chosen_model", "rejected_model", "chosen_rating", "rejected_rating",
    }  # fmt: skip

    def matches(self, sample: Sample) -> bool:
        """Look for conversations that have an id and a source, without UltraFeedback's scores."""
        return (
            "id" in sample.columns
            and not any(names <= sample.columns for names in SCORES)
            and mostly_text(sample, "prompt", "source")
            and conversations_apart(sample)
        )
