"""Makes a run: the plan, one file per stage, background jobs."""

from typing import TYPE_CHECKING

from wimhf.base import lazy_face

if TYPE_CHECKING:
    from wimhf.pipeline.analysis import analyze, describe_run
    from wimhf.pipeline.inspection import Inspection, inspect
    from wimhf.pipeline.jobs import (
        JobState,
        cancel_job,
        forget_job,
        list_jobs,
        read_job,
        restart_job,
        start_job,
    )

__all__ = [
    "Inspection",
    "JobState",
    "analyze",
    "cancel_job",
    "describe_run",
    "forget_job",
    "inspect",
    "list_jobs",
    "read_job",
    "restart_job",
    "start_job",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "analysis": ("analyze", "describe_run"),
        "inspection": ("Inspection", "inspect"),
        "jobs": (
            "JobState",
            "cancel_job",
            "forget_job",
            "list_jobs",
            "read_job",
            "restart_job",
            "start_job",
        ),
    },
)
