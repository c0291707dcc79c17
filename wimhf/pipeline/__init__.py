"""Makes a run: the plan, one file per stage, background jobs."""

from typing import TYPE_CHECKING

from wimhf.base import lazy_face

if TYPE_CHECKING:
    from wimhf.pipeline.analysis import analyze, describe_run
    from wimhf.pipeline.bench.protocol import Asked, Comparison, compare_kinds
    from wimhf.pipeline.bench.table import BenchRow
    from wimhf.pipeline.concept_jobs import (
        Change,
        examples_change,
        question_change,
        removal,
        start_change,
        words_change,
    )
    from wimhf.pipeline.counting import ConceptCount, SourceCounts, count_concepts
    from wimhf.pipeline.expecting import (
        Size,
        expected_memory,
        expected_stages,
        pace,
        unreckoned,
    )
    from wimhf.pipeline.foretelling import (
        sent_away,
    )
    from wimhf.pipeline.inspection import Inspection, inspect
    from wimhf.pipeline.job_state import JobState
    from wimhf.pipeline.jobs import (
        cancel_job,
        forget_job,
        list_jobs,
        read_job,
        restart_job,
        start_job,
        sweep_runs,
    )
    from wimhf.pipeline.look import Look, look_at, size_of, source_columns
    from wimhf.pipeline.naming_jobs import naming_demand, start_naming
    from wimhf.pipeline.own_concepts import (
        Named,
        add_by_examples,
        add_by_question,
        add_written,
        learned_from,
        remove_concept,
    )
    from wimhf.pipeline.presets import check_preset, with_preset
    from wimhf.pipeline.trying import Demand, Tried, pairs_to_mark, question_demand, try_written

__all__ = [
    "Asked",
    "BenchRow",
    "Change",
    "Comparison",
    "ConceptCount",
    "Demand",
    "Inspection",
    "JobState",
    "Look",
    "Named",
    "Size",
    "SourceCounts",
    "Tried",
    "add_by_examples",
    "add_by_question",
    "add_written",
    "analyze",
    "cancel_job",
    "check_preset",
    "compare_kinds",
    "count_concepts",
    "describe_run",
    "examples_change",
    "expected_memory",
    "expected_stages",
    "forget_job",
    "inspect",
    "learned_from",
    "list_jobs",
    "look_at",
    "naming_demand",
    "pace",
    "pairs_to_mark",
    "question_change",
    "question_demand",
    "read_job",
    "removal",
    "remove_concept",
    "restart_job",
    "sent_away",
    "size_of",
    "source_columns",
    "start_change",
    "start_job",
    "start_naming",
    "sweep_runs",
    "try_written",
    "unreckoned",
    "with_preset",
    "words_change",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "analysis": ("analyze", "describe_run"),
        "bench.protocol": ("Asked", "Comparison", "compare_kinds"),
        "bench.table": ("BenchRow",),
        "counting": ("ConceptCount", "SourceCounts", "count_concepts"),
        "inspection": ("Inspection", "inspect"),
        "job_state": ("JobState",),
        "jobs": (
            "cancel_job",
            "forget_job",
            "list_jobs",
            "read_job",
            "restart_job",
            "start_job",
            "sweep_runs",
        ),
        "naming_jobs": ("naming_demand", "start_naming"),
        "own_concepts": (
            "Named",
            "add_by_examples",
            "add_by_question",
            "add_written",
            "learned_from",
            "remove_concept",
        ),
        "concept_jobs": (
            "Change",
            "examples_change",
            "question_change",
            "removal",
            "start_change",
            "words_change",
        ),
        "presets": ("check_preset", "with_preset"),
        "trying": ("Demand", "Tried", "pairs_to_mark", "question_demand", "try_written"),
        "expecting": ("Size", "expected_memory", "expected_stages", "pace", "unreckoned"),
        "foretelling": ("sent_away",),
        "look": ("Look", "look_at", "size_of", "source_columns"),
    },
)
