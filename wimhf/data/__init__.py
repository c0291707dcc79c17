"""Sources -> pair table -> targets, and what is wrong with the pairs."""

from typing import TYPE_CHECKING

from wimhf.base import lazy_face

if TYPE_CHECKING:
    from wimhf.data.asked import asked_of
    from wimhf.data.cards import export_fault
    from wimhf.data.controls import (
        TEXT_CONTROLS,
        control_columns,
        length_basis,
        length_difference,
        odd_column,
    )
    from wimhf.data.dates import months
    from wimhf.data.demo import demo_folder, match_features, read_truth
    from wimhf.data.export.select import selected
    from wimhf.data.export.target import (
        MARGINS,
        SHAPED_MARGIN,
        Target,
        container_of,
        margin_scale,
    )
    from wimhf.data.export.targets import TARGETS, target_named
    from wimhf.data.export.targets.source import Origin, SourceSchema
    from wimhf.data.export.weighting import WAYS, acting
    from wimhf.data.export.write import Exported, export_pairs
    from wimhf.data.formats.detect import SAMPLE_ROWS
    from wimhf.data.formats.families import FORMATS
    from wimhf.data.formats.read import read_pairs
    from wimhf.data.formats.source import Source
    from wimhf.data.formats.sources import parts_of, sources_hash
    from wimhf.data.health.check import Health, check_health
    from wimhf.data.health.item import Checked, Cut
    from wimhf.data.notes import ReadNotes
    from wimhf.data.pairs import (
        CURATED_COLUMNS,
        MAX_WEIGHT,
        UNIT,
        Pair,
        RowReject,
        is_changed,
        pair_table,
        uncurated,
    )
    from wimhf.data.source_rows import SourceRows
    from wimhf.data.splits import pair_components, split_pairs
    from wimhf.data.subsets import MIN_PAIRS, cluster_prompts, column_subsets, value_subsets
    from wimhf.data.votes import pair_votes

__all__ = [
    "CURATED_COLUMNS",
    "FORMATS",
    "MARGINS",
    "MAX_WEIGHT",
    "MIN_PAIRS",
    "SAMPLE_ROWS",
    "SHAPED_MARGIN",
    "TARGETS",
    "TEXT_CONTROLS",
    "UNIT",
    "WAYS",
    "Checked",
    "Cut",
    "Exported",
    "Health",
    "Origin",
    "Pair",
    "ReadNotes",
    "RowReject",
    "Source",
    "SourceRows",
    "SourceSchema",
    "Target",
    "acting",
    "asked_of",
    "check_health",
    "cluster_prompts",
    "column_subsets",
    "container_of",
    "control_columns",
    "demo_folder",
    "export_fault",
    "export_pairs",
    "is_changed",
    "length_basis",
    "length_difference",
    "margin_scale",
    "match_features",
    "months",
    "odd_column",
    "pair_components",
    "pair_table",
    "pair_votes",
    "parts_of",
    "read_pairs",
    "read_truth",
    "selected",
    "sources_hash",
    "split_pairs",
    "target_named",
    "uncurated",
    "value_subsets",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "asked": ("asked_of",),
        "cards": ("export_fault",),
        "controls": (
            "TEXT_CONTROLS",
            "control_columns",
            "length_basis",
            "length_difference",
            "odd_column",
        ),
        "demo": ("demo_folder", "match_features", "read_truth"),
        "export.select": ("selected",),
        "export.target": ("MARGINS", "SHAPED_MARGIN", "Target", "container_of", "margin_scale"),
        "export.targets": ("TARGETS", "target_named"),
        "export.targets.source": ("Origin", "SourceSchema"),
        "export.weighting": ("WAYS", "acting"),
        "export.write": ("Exported", "export_pairs"),
        "formats.detect": ("SAMPLE_ROWS",),
        "formats.families": ("FORMATS",),
        "formats.read": ("read_pairs",),
        "formats.source": ("Source",),
        "formats.sources": ("parts_of", "sources_hash"),
        "health.check": ("Health", "check_health"),
        "health.item": ("Checked", "Cut"),
        "dates": ("months",),
        "notes": ("ReadNotes",),
        "pairs": (
            "CURATED_COLUMNS",
            "MAX_WEIGHT",
            "UNIT",
            "Pair",
            "RowReject",
            "is_changed",
            "pair_table",
            "uncurated",
        ),
        "source_rows": ("SourceRows",),
        "splits": ("pair_components", "split_pairs"),
        "subsets": ("MIN_PAIRS", "cluster_prompts", "column_subsets", "value_subsets"),
        "votes": ("pair_votes",),
    },
)
