"""Features -> words, and the proof that the words are right."""

from wimhf.describe.choose import Described, describe_features
from wimhf.describe.examples import strongest_pairs

__all__ = ["Described", "describe_features", "strongest_pairs"]
