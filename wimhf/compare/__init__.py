"""Runs against runs, groups against groups: what their labels reward differently."""

from wimhf.compare.comparison import Comparison, Mixture
from wimhf.compare.groups import dividing_columns
from wimhf.compare.kinds import BY_KIND_COLUMNS, KIND_COLUMNS
from wimhf.compare.making import compare_groups, compare_labels, compare_runs, open_finished
from wimhf.compare.shift import Shift, training_shift

__all__ = [
    "BY_KIND_COLUMNS",
    "KIND_COLUMNS",
    "Comparison",
    "Mixture",
    "Shift",
    "compare_groups",
    "compare_labels",
    "compare_runs",
    "dividing_columns",
    "open_finished",
    "training_shift",
]
