"""The stages: what each takes from the run, which rooms it calls and what it saves."""

from wimhf.pipeline.stages.dictionary import describe, learn
from wimhf.pipeline.stages.embed import embed, score
from wimhf.pipeline.stages.health import check
from wimhf.pipeline.stages.job import Job, Work
from wimhf.pipeline.stages.judge import judge
from wimhf.pipeline.stages.llm import ask, name
from wimhf.pipeline.stages.preference import prefer
from wimhf.pipeline.stages.read import read
from wimhf.pipeline.stages.settings import (
    describe_settings,
    embed_settings,
    judge_settings,
    llm_settings,
    name_settings,
    no_settings,
    own_settings,
    read_settings,
    score_settings,
    seed_settings,
    subset_settings,
)
from wimhf.pipeline.stages.subsets import subsets
from wimhf.pipeline.stages.suspects import suspects

__all__ = [
    "Job", "Work", "ask", "check", "describe", "describe_settings", "embed", "embed_settings",
    "judge", "judge_settings", "learn", "llm_settings", "name", "name_settings", "no_settings",
    "own_settings", "prefer", "read", "read_settings", "score", "score_settings", "seed_settings",
    "subset_settings", "subsets", "suspects",
]  # fmt: skip
