"""Features in words by a language model behind any OpenAI-compatible server."""

from wimhf.describe.llm.budget import Allowance, Estimate, estimate
from wimhf.describe.llm.describer import LlmDescribed, describe_with_llm
from wimhf.describe.llm.detection import detection_scores
from wimhf.describe.llm.fuzzing import fuzzing_scores
from wimhf.describe.llm.scores import HeldOut, Score, Subject

__all__ = [
    "Allowance", "Estimate", "HeldOut", "LlmDescribed", "Score", "Subject", "describe_with_llm",
    "detection_scores", "estimate", "fuzzing_scores",
]  # fmt: skip
