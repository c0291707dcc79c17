"""Changes a run: rules, what-if, suspects, owned features, export."""

from wimhf.curate.agreement import (
    Agreement,
    Between,
    agreement_of,
    between_people,
    keep_opinion,
    opinions_of,
)
from wimhf.curate.checks import Check, check_with_model, record_check, sample_checks
from wimhf.curate.export import origin_of
from wimhf.curate.margins import with_margins
from wimhf.curate.mends import LOOKED_AT, MENDS, Mend, Offer, offers
from wimhf.curate.preview import Preview
from wimhf.curate.rule_checks import (
    RuleCheck,
    RuleChecked,
    edit_checked,
    record_rule_check,
    rule_answers,
    rule_checked,
    sample_rule,
)
from wimhf.curate.rules.rule import Rule
from wimhf.curate.rules.written import KINDS, read_rules, written_action, written_rule
from wimhf.curate.session import Curation, open_curation
from wimhf.curate.standing import Standing, curated_standing, flagged_pairs, source_standing
from wimhf.curate.state import State
from wimhf.curate.strengths import pair_codes
from wimhf.curate.suspects import suspect_finding
from wimhf.curate.wording import checked_words, edit_words, feature_words, overlap_record

__all__ = [
    "KINDS",
    "LOOKED_AT",
    "MENDS",
    "Agreement",
    "Between",
    "Check",
    "Curation",
    "Mend",
    "Offer",
    "Preview",
    "Rule",
    "RuleCheck",
    "RuleChecked",
    "Standing",
    "State",
    "agreement_of",
    "between_people",
    "check_with_model",
    "checked_words",
    "curated_standing",
    "edit_checked",
    "edit_words",
    "feature_words",
    "flagged_pairs",
    "keep_opinion",
    "offers",
    "open_curation",
    "opinions_of",
    "origin_of",
    "overlap_record",
    "pair_codes",
    "read_rules",
    "record_check",
    "record_rule_check",
    "rule_answers",
    "rule_checked",
    "sample_checks",
    "sample_rule",
    "source_standing",
    "suspect_finding",
    "with_margins",
    "written_action",
    "written_rule",
]
