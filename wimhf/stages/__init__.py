"""The stages: what each takes from the run, which rooms it calls and what it saves."""

from wimhf.stages.checking import check
from wimhf.stages.job import Job, Work
from wimhf.stages.judging import judge
from wimhf.stages.learning import describe, learn
from wimhf.stages.naming import ask, name
from wimhf.stages.preferring import prefer
from wimhf.stages.reading import read
from wimhf.stages.settings import (
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
from wimhf.stages.subsetting import subsets
from wimhf.stages.suspecting import suspects
from wimhf.stages.vectors import embed, score

__all__ = [
    "Job", "Work", "ask", "check", "describe", "describe_settings", "embed", "embed_settings",
    "judge", "judge_settings", "learn", "llm_settings", "name", "name_settings", "no_settings",
    "own_settings", "prefer", "read", "read_settings", "score", "score_settings", "seed_settings",
    "subset_settings", "subsets", "suspects",
]  # fmt: skip
