"""Curated pairs -> the formats that trainers and other tools read, each with a change card."""

from wimhf.data.export.card import ChangeFacts, EditLine, EffectLine, FigureLine, change_card
from wimhf.data.export.target import Target
from wimhf.data.export.targets import TARGETS, target_named
from wimhf.data.export.targets.source import Origin
from wimhf.data.export.write import Exported, export_pairs

__all__ = [
    "TARGETS",
    "ChangeFacts",
    "EditLine",
    "EffectLine",
    "Exported",
    "FigureLine",
    "Origin",
    "Target",
    "change_card",
    "export_pairs",
    "target_named",
]
