"""Arrays in, numbers out; knows no text, no file, no run."""

from wimhf.stats.crossfit import fold_numbers, out_of_fold_scores
from wimhf.stats.design import Controls, Labelled, Measured, Subsets, labelled_pairs, no_subsets
from wimhf.stats.effects import column_effect
from wimhf.stats.label_quality import find_suspects, reasons
from wimhf.stats.logit import cluster_logit
from wimhf.stats.preference import measure_preferences
from wimhf.stats.probe import HeldOut, fit_probe, preferences_of
from wimhf.stats.resampling import (
    Interval,
    bootstrap_correlation,
    bootstrap_metrics,
    effective_clusters,
    grouped_parts,
    linked_components,
    odd_correlation,
    percentile_interval,
    q_values,
    t_bound,
    two_sided_p,
)
from wimhf.stats.table import feature_table, subset_table
from wimhf.stats.whatif import (
    EFFECTS,
    Effects,
    Labels,
    balance,
    compared_auc,
    state_effects,
    untouched_auc,
    with_columns_of,
)

__all__ = [
    "EFFECTS",
    "Controls",
    "Effects",
    "HeldOut",
    "Interval",
    "Labelled",
    "Labels",
    "Measured",
    "Subsets",
    "balance",
    "bootstrap_correlation",
    "bootstrap_metrics",
    "cluster_logit",
    "column_effect",
    "compared_auc",
    "effective_clusters",
    "feature_table",
    "find_suspects",
    "fit_probe",
    "fold_numbers",
    "grouped_parts",
    "labelled_pairs",
    "linked_components",
    "measure_preferences",
    "no_subsets",
    "odd_correlation",
    "out_of_fold_scores",
    "percentile_interval",
    "preferences_of",
    "q_values",
    "reasons",
    "state_effects",
    "subset_table",
    "t_bound",
    "two_sided_p",
    "untouched_auc",
    "with_columns_of",
]
