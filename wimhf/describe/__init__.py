"""Discovered features -> words, and the proof that the words are right."""

from wimhf.describe.appraise import Appraiser
from wimhf.describe.contest import chosen, saved_predictions
from wimhf.describe.group_names import describe_groups
from wimhf.describe.llm import (
    Allowance,
    ChatServer,
    HeldOut,
    Score,
    Subject,
    Texts,
    allowance,
    describe_with_llm,
    detection_scores,
    fuzzing_scores,
    proposal_table,
    score_table,
)
from wimhf.describe.offline import describe_features
from wimhf.describe.terms import saved_term, term_differences

__all__ = [
    "Allowance",
    "Appraiser",
    "ChatServer",
    "HeldOut",
    "Score",
    "Subject",
    "Texts",
    "allowance",
    "chosen",
    "describe_features",
    "describe_groups",
    "describe_with_llm",
    "detection_scores",
    "fuzzing_scores",
    "proposal_table",
    "saved_predictions",
    "saved_term",
    "score_table",
    "term_differences",
]
