"""Features in words by a language model behind any OpenAI-compatible server."""

from wimhf.describe.llm.budget import Allowance, allowance
from wimhf.describe.llm.describer import describe_with_llm
from wimhf.describe.llm.detection import detection_scores
from wimhf.describe.llm.fuzzing import fuzzing_scores
from wimhf.describe.llm.questions import Texts
from wimhf.describe.llm.scores import HeldOut, Score, Subject, score_table
from wimhf.describe.llm.server import ChatServer
from wimhf.describe.llm.table import proposal_table

__all__ = [
    "Allowance", "ChatServer", "HeldOut", "Score", "Subject", "Texts", "allowance",
    "describe_with_llm", "detection_scores", "fuzzing_scores", "proposal_table", "score_table",
]  # fmt: skip
