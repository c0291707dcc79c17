"""Discovered features -> words, and the proof that the words are right."""

from wimhf.describe.contest import chosen, saved_predictions
from wimhf.describe.directions import (
    MIN_MARKS,
    MIN_SIDED,
    Direction,
    active_bound,
    as_active,
    leakage,
    learn_direction,
    marks_of,
)
from wimhf.describe.embedding_score import embedding_scores
from wimhf.describe.group_names import describe_groups
from wimhf.describe.known import KNOWN
from wimhf.describe.llm.budget import DEFAULT_CALLS, Allowance, allowance, question_allowance
from wimhf.describe.llm.describer import describe_with_llm
from wimhf.describe.llm.detection import detection_scores
from wimhf.describe.llm.fuzzing import fuzzing_scores
from wimhf.describe.llm.intervention import intervention_scores
from wimhf.describe.llm.questions import Texts, comparing
from wimhf.describe.llm.scores import HeldOut, Score, Subject, score_table
from wimhf.describe.llm.server import ChatServer
from wimhf.describe.llm.surprisal import surprisal_scores
from wimhf.describe.llm.table import proposal_table
from wimhf.describe.llm.votes import ask_in_both_orders
from wimhf.describe.offline import Known, PairWords, describe_features
from wimhf.describe.terms import saved_term, term_differences

__all__ = [
    "DEFAULT_CALLS",
    "KNOWN",
    "MIN_MARKS",
    "MIN_SIDED",
    "Allowance",
    "ChatServer",
    "Direction",
    "HeldOut",
    "Known",
    "PairWords",
    "Score",
    "Subject",
    "Texts",
    "active_bound",
    "allowance",
    "as_active",
    "ask_in_both_orders",
    "chosen",
    "comparing",
    "describe_features",
    "describe_groups",
    "describe_with_llm",
    "detection_scores",
    "embedding_scores",
    "fuzzing_scores",
    "intervention_scores",
    "leakage",
    "learn_direction",
    "marks_of",
    "proposal_table",
    "question_allowance",
    "saved_predictions",
    "saved_term",
    "score_table",
    "surprisal_scores",
    "term_differences",
]
