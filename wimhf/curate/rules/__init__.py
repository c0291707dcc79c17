"""Rules: conditions over pairs, actions, and how both are written."""

from wimhf.curate.rules.columns import Column
from wimhf.curate.rules.conditions import All, AnyOf, Condition, Not, condition
from wimhf.curate.rules.criteria import Feature, Health, Ids, Suspicion, Text
from wimhf.curate.rules.rule import Action, Rule
from wimhf.curate.rules.written import read_rules, rule, rules_of, written_rule

__all__ = [
    "Action", "All", "AnyOf", "Column", "Condition", "Feature", "Health", "Ids", "Not", "Rule",
    "Suspicion", "Text", "condition", "read_rules", "rule", "rules_of", "written_rule",
]  # fmt: skip
