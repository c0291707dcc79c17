"""Every target that is known, under its name and aliases."""

from __future__ import annotations

from wimhf.data.export.target import Target
from wimhf.data.export.targets.annotated_pairs import AnnotatedPairsObject
from wimhf.data.export.targets.argilla import ArgillaTable
from wimhf.data.export.targets.llm_comparator import LlmComparatorObject
from wimhf.data.export.targets.native import NativePairs
from wimhf.data.export.targets.openai import OpenAiLines
from wimhf.data.export.targets.source import SourceSchema
from wimhf.data.export.targets.trl import (
    TrlConversational,
    TrlImplicit,
    TrlImplicitText,
    TrlStandard,
    TrlUnpaired,
    TrlUnpairedConversational,
)
from wimhf.errors import ExportError

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
