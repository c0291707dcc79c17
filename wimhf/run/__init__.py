"""A finished analysis: its folder, its edit log, and what can be asked of it."""

from wimhf.run.agreement import agreement_of, overall_agreement
from wimhf.run.annotators import (
    ANNOTATED,
    DEPARTURES,
    PEOPLE,
    PEOPLE_COLUMNS,
    SUBJECTIVITY,
    AnnotatorView,
    annotator_predictions,
    annotators_of,
    numbered_annotators,
)
from wimhf.run.answers import Answer, Key, Said, keep_answers, last_answers, read_answers
from wimhf.run.audit import Alert, AuditRow, alerts_of, audit_rows, effects_by_id
from wimhf.run.checks import (
    HIT,
    MISS,
    ConceptChecked,
    check_rows,
    feature_concept,
    keep_said,
    near_count,
    standing_answers,
)
from wimhf.run.clause_proof import Clause, proven_clauses
from wimhf.run.coder import code_of, encoder_of, new_differences
from wimhf.run.codes import Codes
from wimhf.run.concepts import ASKED
from wimhf.run.covariates import CONTROLS, control_table
from wimhf.run.described import described_features
from wimhf.run.distributions import (
    code_counts,
    feature_codes,
    label_counts,
    length_counts,
    oriented_codes,
)
from wimhf.run.drafts import MARKS, PASSED, Draft, forget_draft, keep_draft, mark_pair, read_drafts
from wimhf.run.edit import Edit, Value
from wimhf.run.facts import ReadFacts
from wimhf.run.feature import CONCEPT, DISCOVERED, Feature
from wimhf.run.history import CHANGES, redo, return_to, set_checkpoint, undo
from wimhf.run.log import somebody
from wimhf.run.manifest import MANIFEST
from wimhf.run.map import pair_map
from wimhf.run.map_words import Region, map_regions
from wimhf.run.measured import counted_pairs, measured_pairs, measured_rows
from wimhf.run.models import MOST_MODELS, RATED_COLUMNS, models_of, rated_models
from wimhf.run.opening import create_run, open_run
from wimhf.run.overrides import KEYS, Override
from wimhf.run.own_concepts import forget_concept, keep_learned, keep_written, own_ids
from wimhf.run.picking import Part, Picked
from wimhf.run.prompts import prompt_columns
from wimhf.run.reasons import Reasons, reason_columns, reasons_of
from wimhf.run.rules import RULES, Rule, Rules, rules_of
from wimhf.run.run import FINDINGS, Run
from wimhf.run.saved import Files
from wimhf.run.shelf import discard_run, discarded_runs, empty_trash, rename_run, restore_run
from wimhf.run.showing import pairs_showing, signs_of, straight
from wimhf.run.similar import alike, near_text
from wimhf.run.trial import Tried, try_pair
from wimhf.run.vectors import dictionary_of, difference_of, differences, differences_of_rows
from wimhf.run.verify import Damage, Verified, repair_run, verify_run
from wimhf.run.views import RunPreference

__all__ = [
    "ANNOTATED",
    "ASKED",
    "CHANGES",
    "CONCEPT",
    "CONTROLS",
    "DEPARTURES",
    "DISCOVERED",
    "FINDINGS",
    "HIT",
    "KEYS",
    "MANIFEST",
    "MARKS",
    "MISS",
    "MOST_MODELS",
    "PASSED",
    "PEOPLE",
    "PEOPLE_COLUMNS",
    "RATED_COLUMNS",
    "RULES",
    "SUBJECTIVITY",
    "Alert",
    "AnnotatorView",
    "Answer",
    "AuditRow",
    "Clause",
    "Codes",
    "ConceptChecked",
    "Damage",
    "Draft",
    "Edit",
    "Feature",
    "Files",
    "Key",
    "Override",
    "Part",
    "Picked",
    "ReadFacts",
    "Reasons",
    "Region",
    "Rule",
    "Rules",
    "Run",
    "RunPreference",
    "Said",
    "Tried",
    "Value",
    "Verified",
    "agreement_of",
    "alerts_of",
    "alike",
    "annotator_predictions",
    "annotators_of",
    "audit_rows",
    "check_rows",
    "code_counts",
    "code_of",
    "control_table",
    "counted_pairs",
    "create_run",
    "described_features",
    "dictionary_of",
    "difference_of",
    "differences",
    "differences_of_rows",
    "discard_run",
    "discarded_runs",
    "effects_by_id",
    "empty_trash",
    "encoder_of",
    "feature_codes",
    "feature_concept",
    "forget_concept",
    "forget_draft",
    "keep_answers",
    "keep_draft",
    "keep_learned",
    "keep_said",
    "keep_written",
    "label_counts",
    "last_answers",
    "length_counts",
    "map_regions",
    "mark_pair",
    "measured_pairs",
    "measured_rows",
    "models_of",
    "near_count",
    "near_text",
    "new_differences",
    "numbered_annotators",
    "open_run",
    "oriented_codes",
    "overall_agreement",
    "own_ids",
    "pair_map",
    "pairs_showing",
    "prompt_columns",
    "proven_clauses",
    "rated_models",
    "read_answers",
    "read_drafts",
    "reason_columns",
    "reasons_of",
    "redo",
    "rename_run",
    "repair_run",
    "restore_run",
    "return_to",
    "rules_of",
    "set_checkpoint",
    "signs_of",
    "somebody",
    "standing_answers",
    "straight",
    "try_pair",
    "undo",
    "verify_run",
]
