"""Arrays in, numbers out; knows no text, no file, no run."""

from wimhf.stats.adaptation import Curve, Gain
from wimhf.stats.agreement import AGREEMENT_COLUMNS, pairwise_agreement
from wimhf.stats.annotators import (
    DEPARTURE_COLUMNS,
    SUBJECTIVE_COLUMNS,
    Annotators,
    AnnotatorSummary,
    measure_annotators,
    no_annotators,
)
from wimhf.stats.audit import EQUIVALENT, AuditVerdict, judge
from wimhf.stats.calibration import odds_slope
from wimhf.stats.components import (
    fold_numbers,
    grouped_parts,
    linked_components,
    spread_rows,
)
from wimhf.stats.consensus import annotator_quality
from wimhf.stats.contrasts import (
    CONFLICT_COLUMNS,
    GAP_COLUMNS,
    Camp,
    camp_effects,
    camp_of,
    conflicts,
    effect_gaps,
)
from wimhf.stats.crossfit import RIDGE, out_of_fold_models, out_of_fold_scores, ridge_model
from wimhf.stats.design import (
    LENGTH_BASIS,
    Controls,
    Labelled,
    Measured,
    Subsets,
    capped,
    held_names,
    labelled_pairs,
    no_subsets,
)
from wimhf.stats.distance import Distance, preference_distance
from wimhf.stats.effects import EFFECT_COLUMNS, Effect, column_effect
from wimhf.stats.fold_models import PREDICTED_COLUMNS, WEIGHT_COLUMNS, FoldModels
from wimhf.stats.groups import group_columns
from wimhf.stats.histogram import binned
from wimhf.stats.inference import (
    Interval,
    detectable,
    effective_clusters,
    share_interval,
    t_bound,
    two_sided_p,
    wilson_interval,
    with_q,
)
from wimhf.stats.interactions import prompt_components
from wimhf.stats.label_quality import find_suspects, reasons
from wimhf.stats.leads import out_of_fold_leads
from wimhf.stats.logit import cluster_logit
from wimhf.stats.mentions import MENTION_COLUMNS, mention_shares
from wimhf.stats.mixture import mixed_effects
from wimhf.stats.poles import turned
from wimhf.stats.prediction import few_features, model_columns, out_of_fold
from wimhf.stats.preference import Preferences, is_labelled, label_counts, measure_preferences
from wimhf.stats.probe import HeldOut, Preferred, fit_probe, preferences_of
from wimhf.stats.ratings import RATING_COLUMNS, Matches, Ratings, rate_models, rating_changes
from wimhf.stats.resampling import (
    Resamples,
    auc,
    bootstrap_correlation,
    bootstrap_metrics,
    odd_correlation,
    percentile_interval,
)
from wimhf.stats.ridge import ridge_predictions, ridge_weights
from wimhf.stats.sampling import effect_sample, sampled
from wimhf.stats.shifts import (
    SHIFT_COLUMNS,
    observed_shifts,
    predicted_share,
    shift_contrasts,
)
from wimhf.stats.summary import (
    Bounds,
    EffectSummary,
    FewFeatures,
    PathSummary,
    PreferenceSummary,
    SampleSummary,
    Subset,
    SubsetsSummary,
)
from wimhf.stats.table import feature_table, subset_table
from wimhf.stats.tsetlin import Clauses, TsetlinSettings, tsetlin_clauses
from wimhf.stats.whatif import (
    EFFECTS,
    Balance,
    ComparedAuc,
    Effects,
    Labels,
    balance,
    compare_states,
    state_effects,
    untouched_auc,
)

__all__ = [
    "AGREEMENT_COLUMNS",
    "CONFLICT_COLUMNS",
    "DEPARTURE_COLUMNS",
    "EFFECTS",
    "EFFECT_COLUMNS",
    "EQUIVALENT",
    "GAP_COLUMNS",
    "LENGTH_BASIS",
    "MENTION_COLUMNS",
    "PREDICTED_COLUMNS",
    "RATING_COLUMNS",
    "RIDGE",
    "SHIFT_COLUMNS",
    "SUBJECTIVE_COLUMNS",
    "WEIGHT_COLUMNS",
    "AnnotatorSummary",
    "Annotators",
    "AuditVerdict",
    "Balance",
    "Bounds",
    "Camp",
    "Clauses",
    "ComparedAuc",
    "Controls",
    "Curve",
    "Distance",
    "Effect",
    "EffectSummary",
    "Effects",
    "FewFeatures",
    "FoldModels",
    "Gain",
    "HeldOut",
    "Interval",
    "Labelled",
    "Labels",
    "Matches",
    "Measured",
    "PathSummary",
    "PreferenceSummary",
    "Preferences",
    "Preferred",
    "Ratings",
    "Resamples",
    "SampleSummary",
    "Subset",
    "Subsets",
    "SubsetsSummary",
    "TsetlinSettings",
    "annotator_quality",
    "auc",
    "balance",
    "binned",
    "bootstrap_correlation",
    "bootstrap_metrics",
    "camp_effects",
    "camp_of",
    "capped",
    "cluster_logit",
    "column_effect",
    "compare_states",
    "conflicts",
    "detectable",
    "effect_gaps",
    "effect_sample",
    "effective_clusters",
    "feature_table",
    "few_features",
    "find_suspects",
    "fit_probe",
    "fold_numbers",
    "group_columns",
    "grouped_parts",
    "held_names",
    "is_labelled",
    "judge",
    "label_counts",
    "labelled_pairs",
    "linked_components",
    "measure_annotators",
    "measure_preferences",
    "mention_shares",
    "mixed_effects",
    "model_columns",
    "no_annotators",
    "no_subsets",
    "observed_shifts",
    "odd_correlation",
    "odds_slope",
    "out_of_fold",
    "out_of_fold_leads",
    "out_of_fold_models",
    "out_of_fold_scores",
    "pairwise_agreement",
    "percentile_interval",
    "predicted_share",
    "preference_distance",
    "preferences_of",
    "prompt_components",
    "rate_models",
    "rating_changes",
    "reasons",
    "ridge_model",
    "ridge_predictions",
    "ridge_weights",
    "sampled",
    "share_interval",
    "shift_contrasts",
    "spread_rows",
    "state_effects",
    "subset_table",
    "t_bound",
    "tsetlin_clauses",
    "turned",
    "two_sided_p",
    "untouched_auc",
    "wilson_interval",
    "with_q",
]
