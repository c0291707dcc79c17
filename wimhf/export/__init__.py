"""Curated pairs -> the formats that trainers and other tools read, each with a change card."""

from wimhf.export.base import ExportError, Target
from wimhf.export.card import ChangeFacts, EditLine, EffectLine, FigureLine, change_card
from wimhf.export.source import Origin
from wimhf.export.targets import TARGETS, target_named
from wimhf.export.write import Exported, export_pairs

__all__ = [
    "TARGETS",
    "ChangeFacts",
    "EditLine",
    "EffectLine",
    "ExportError",
    "Exported",
    "FigureLine",
    "Origin",
    "Target",
    "change_card",
    "export_pairs",
    "target_named",
]
