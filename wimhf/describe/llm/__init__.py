"""Features in words by a language model behind any OpenAI-compatible server."""

from wimhf.describe.llm.budget import DEFAULT_CALLS, Allowance, allowance, question_allowance
from wimhf.describe.llm.describer import describe_with_llm
from wimhf.describe.llm.detection import detection_scores
from wimhf.describe.llm.fuzzing import fuzzing_scores
from wimhf.describe.llm.intervention import intervention_scores
from wimhf.describe.llm.questions import Texts
from wimhf.describe.llm.scores import HeldOut, Score, Subject, score_table
from wimhf.describe.llm.server import ChatServer
from wimhf.describe.llm.surprisal import surprisal_scores
from wimhf.describe.llm.table import proposal_table
from wimhf.describe.llm.votes import ask_in_both_orders

__all__ = [
    "DEFAULT_CALLS",
    "Allowance",
    "ChatServer",
    "HeldOut",
    "Score",
    "Subject",
    "Texts",
    "allowance",
    "ask_in_both_orders",
    "describe_with_llm",
    "detection_scores",
    "fuzzing_scores",
    "intervention_scores",
    "proposal_table",
    "question_allowance",
    "score_table",
    "surprisal_scores",
]  # fmt: skip
