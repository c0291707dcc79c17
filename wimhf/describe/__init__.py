"""Features -> words, and the proof that the words are right."""

from wimhf.describe.choose import Described, describe_features
from wimhf.describe.examples import strongest_pairs
from wimhf.describe.groups import GroupName, describe_groups

__all__ = ["Described", "GroupName", "describe_features", "describe_groups", "strongest_pairs"]
