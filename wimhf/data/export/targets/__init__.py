"""Every target that is known, under its name and aliases."""

from __future__ import annotations

from wimhf.data.export.target import Target
from wimhf.data.export.targets.annotated_pairs import ANNOTATED_PAIRS
from wimhf.data.export.targets.argilla import ARGILLA
from wimhf.data.export.targets.llm_comparator import LLM_COMPARATOR
from wimhf.data.export.targets.native import NATIVE
from wimhf.data.export.targets.openai import OPENAI
from wimhf.data.export.targets.source import SOURCE
from wimhf.data.export.targets.trl import TRL
from wimhf.errors import ExportError

TARGETS: tuple[Target, ...] = (
    *TRL, NATIVE, SOURCE, OPENAI, ANNOTATED_PAIRS, LLM_COMPARATOR, ARGILLA,
)  # fmt: skip


def target_named(name: str) -> Target:
    """Return the target of a name or alias.

    Raises
    ------
    ExportError
        If there is none.
    """
    for target in TARGETS:
        if name == target.name or name in target.aliases:
            return target
    known = ", ".join(target.name for target in TARGETS)
    raise ExportError(f"target {name!r} is unknown; known: {known}")
