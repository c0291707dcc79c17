"""Features -> words, and the proof that the words are right."""

from wimhf.describe.appraise import Appraiser
from wimhf.describe.choose import Described, describe_features
from wimhf.describe.compete import chosen, saved_predictions
from wimhf.describe.examples import strongest_pairs
from wimhf.describe.groups import GroupName, describe_groups

__all__ = [
    "Appraiser", "Described", "GroupName", "chosen", "describe_features", "describe_groups",
    "saved_predictions", "strongest_pairs",
]  # fmt: skip
