"""Curation: rules over labels, what they would change, suspects; pure functions of tables."""

from wimhf.curate.rules.conditions import All, AnyOf, Condition, Ids, Not
from wimhf.curate.rules.criteria import Column, Feature, Health, Suspicion, Text
from wimhf.curate.rules.rule import Action, Rule
from wimhf.curate.rules.written import condition, read_rules, rule, rules_of, written_rule

__all__ = [
    "Action", "All", "AnyOf", "Column", "Condition", "Feature", "Health", "Ids", "Not", "Rule",
    "Suspicion", "Text", "condition", "read_rules", "rule", "rules_of", "written_rule",
]  # fmt: skip
