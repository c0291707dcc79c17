"""Changes a run: rules, what-if, suspects, owned features, export."""

from wimhf.curate.export import origin_of
from wimhf.curate.preview import Preview, told_edit, told_overlap
from wimhf.curate.rules.facts import Facts
from wimhf.curate.rules.rule import Rule
from wimhf.curate.rules.written import KINDS, read_rules, written_action, written_rule
from wimhf.curate.session import Curation, open_curation
from wimhf.curate.state import State

__all__ = [
    "KINDS",
    "Curation",
    "Facts",
    "Preview",
    "Rule",
    "State",
    "open_curation",
    "origin_of",
    "read_rules",
    "told_edit",
    "told_overlap",
    "written_action",
    "written_rule",
]
