"""Every target that is known, under its name and aliases."""

from __future__ import annotations

from wimhf.export.annotated_pairs import AnnotatedPairsObject
from wimhf.export.argilla import ArgillaTable
from wimhf.export.base import ExportError, Target
from wimhf.export.llm_comparator import LlmComparatorObject
from wimhf.export.native import NativePairs
from wimhf.export.openai import OpenAiLines
from wimhf.export.source import SourceSchema
from wimhf.export.trl import (
    TrlConversational,
    TrlImplicit,
    TrlImplicitText,
    TrlStandard,
    TrlUnpaired,
    TrlUnpairedConversational,
)

TARGETS: tuple[Target, ...] = (
    TrlStandard(), TrlConversational(), TrlImplicit(), TrlImplicitText(), TrlUnpaired(),
    TrlUnpairedConversational(), NativePairs(), SourceSchema(), OpenAiLines(),
    AnnotatedPairsObject(), LlmComparatorObject(), ArgillaTable(),
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
