"""Writing edits of pairs into the log: rules, and single edits."""

from __future__ import annotations

from collections.abc import Sequence

from wimhf.curate.preview import match, planned_changes
from wimhf.curate.rules.rule import Action, Rule
from wimhf.curate.state import State
from wimhf.errors import EditError
from wimhf.run import Edit


def apply_rules(
    state: State, rules: Sequence[Rule], who: str | None, why: str, *, anyway: bool
) -> list[Edit]:
    """Apply rules, one edit each; see ``Curation.apply``."""
    log = state.run.log
    with log.writing():
        changes = planned_changes(match(state, rules, anyway=anyway))
        return log.write_all([("rule", one.data, one.why or why) for one in changes], who)


def edit_pairs(
    state: State,
    ids: list[str],
    action: object,
    who: str | None,
    why: str,
    *,
    decision: str | None = None,
) -> Edit:
    """Change pairs one by one; see ``Curation.edit``."""
    done = Action.of(action)
    if done.kind == "prefer":
        raise EditError("prefer speaks of a rule's feature; set a pair's label instead")
    if done.kind == "consensus":
        raise EditError("consensus is a rule's action; set a pair's label instead")
    with state.run.log.writing() as write:
        rows = state.rows(ids)
        source = state.run.pair_table if done.kind == "restore" else state.curated.pairs
        recorded = state.curated.record(rows, done.values(source[rows]))
        if recorded["old"] == recorded["new"]:
            which = f"pair {ids[0]} is" if len(ids) == 1 else f"the {len(ids):,} pairs are"
            raise EditError(f"{which} already as {done.kind} would make it")
        data: dict[str, object] = {"action": done.to_dict()} | dict(recorded)
        if decision is not None:
            data["decision"] = decision
        return write("pairs", data, who, why)
