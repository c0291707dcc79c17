"""Curation of one run, as the command line, the app and Python use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from wimhf.base import Progress, ReadConfig, silent
from wimhf.curate.editing import apply_rules, edit_pairs
from wimhf.curate.export import export
from wimhf.curate.features import own_feature
from wimhf.curate.preview import Preview, match, planned_changes, preview
from wimhf.curate.replay import Change
from wimhf.curate.rules.facts import Facts
from wimhf.curate.rules.rule import Rule
from wimhf.curate.rules.written import Rules, rules_of
from wimhf.curate.state import State
from wimhf.curate.suspects import decisions_of, pair_reasons, suspects_with
from wimhf.curate.wording import history_table
from wimhf.data import Exported, is_changed
from wimhf.run import Edit, Run, open_run, redo, return_to, set_checkpoint, undo

if TYPE_CHECKING:
    from wimhf.curate.held_out import Evaluation
    from wimhf.learn import Encoder


def open_curation(run: str | Path | Run, who: str | None = None) -> Curation:
    """Open a finished run for curating.

    Parameters
    ----------
    run
        The run or its folder.
    who
        The name edits are signed with; by default WIMHF_USER, else the account's.

    Raises
    ------
    RunError
        If there is no run, or it is not finished.
    """
    return Curation(run if isinstance(run, Run) else open_run(run), who)


class Curation:
    """Changes labels, weights and presence of a run's pairs, and remembers everything.

    The run's files stay as they are: edits are lines of ``edits.jsonl``, and the curated pairs are
    what replaying them gives. Several people and processes may curate one run at a time.
    """

    def __init__(self, run: Run, who: str | None = None) -> None:
        _ = run.features, run.log.edits()  # an unfinished run or a damaged log says so
        self.run, self.who = run, who
        self.state = State(run)

    @property
    def facts(self) -> Facts:
        """What the conditions of rules look at."""
        return self.state.facts

    @property
    def pairs(self) -> pl.DataFrame:
        """The pair table with curated labels and weights, and the columns of wimhf.curated."""
        return self.state.curated.pairs

    @property
    def changed(self) -> pl.DataFrame:
        """The curated pairs that are not as the source has them."""
        return self.pairs.filter(is_changed())

    @property
    def notes(self) -> list[str]:
        """What a person should know of the log: torn lines, pairs that are gone."""
        missing = self.state.curated.missing
        notes = [
            f"edit {number} speaks of {count:,} pairs that the run does not hold any more"
            for number, count in missing.items()
        ]
        torn = self.run.log.repaired
        if torn:
            line = " ".join(torn.split())[:80]
            notes.append(f"the last line of edits.jsonl was torn and has been cut off: {line}")
        return notes

    def select(self, rule: Rule | Mapping[str, object]) -> pl.DataFrame:
        """Return the curated pairs that a rule selects."""
        (one,) = rules_of(rule)
        return self.pairs.filter(pl.Series(one.selected(self.facts)))

    def preview(
        self, rules: Rules, *, anyway: bool = False, progress: Progress = silent
    ) -> Preview:
        """Return what rules would change; nothing is written.

        Parameters
        ----------
        rules
            One or several, as objects, tables or a file.
        anyway
            Allow rules that match every pair, change nothing or contradict another.

        Raises
        ------
        EditError
            If a rule cannot be understood, matches nothing, or is not allowed.
        """
        seed = self.run.config.seed
        return preview(self.state, rules_of(rules), anyway=anyway, seed=seed, progress=progress)

    def evaluate(
        self,
        source: str | Path,
        rules: Rules | None = None,
        *,
        anyway: bool = False,
        encoder: Encoder | None = None,
        progress: Progress = silent,
        **read: Any,
    ) -> Evaluation:
        """Compare what probes trained before and after the edits prefer on pairs kept apart.

        Parameters
        ----------
        source
            Pairs whose labels are what should be preferred, in any format that can be read.
        rules
            Rules to take as applied, beside the edits in force.
        read
            How the source is to be read: ``format``, ``columns``, ``label``, ``limit``.
        """
        config = ReadConfig(source=str(source), **read)
        from wimhf.curate.held_out import evaluate

        planned: list[Change] = []
        if rules is not None:
            planned = planned_changes(match(self.state, rules_of(rules), anyway=anyway))
        after = self.state.after(planned).pairs
        return evaluate(self.state, config, after, planned, encoder, progress)

    def export(
        self,
        target: str,
        path: str | Path,
        *,
        anyway: bool = False,
        overwrite: bool = False,
        progress: Progress = silent,
        **options: Any,
    ) -> Exported:
        """Write the curated pairs in a format that trainers read, with a change card beside them.

        Parameters
        ----------
        target
            ``trl``, ``source``, ``native``, ``openai`` and others: ``wimhf.export.TARGETS``.
        path
            Its ending names the container. Never a source of the run or a place in its folder.
        anyway
            Also where the source changed since the run was made.
        overwrite
            Put it in the place of a file that is there.
        options
            ``margin`` (``source``, ``shaped``, ``shaped:LAMBDA``), ``container``, ``ties``,
            ``drop_weights``, ``weights``, ``escape_formulas``, ``extra``: see
            ``wimhf.data.export_pairs``.

        Raises
        ------
        ExportError
            If the target cannot hold the pairs; nothing is half-written.
        """
        return export(
            self.state, target, path, progress, anyway=anyway, overwrite=overwrite, **options
        )

    def apply(self, rules: Rules, why: str = "", *, anyway: bool = False) -> list[Edit]:
        """Apply rules, one edit each.

        Raises
        ------
        EditError
            As ``preview``; nothing of any of the rules is applied then.
        """
        return apply_rules(self.state, rules_of(rules), self.who, why, anyway=anyway)

    def edit(
        self,
        pair_ids: str | Iterable[str],
        action: object,
        why: str = "",
        *,
        decision: str | None = None,
    ) -> Edit:
        """Change pairs one by one; such an edit outranks every rule.

        Parameters
        ----------
        pair_ids
            The pairs.
        action
            ``"flip"`` (what is there now), ``"tie"``, ``"drop"``, ``"restore"``,
            ``{"label": "A"}`` or a number, ``{"weight": 0.5}``.
        decision
            What is decided about a suspect with it, remembered with the edit.

        Raises
        ------
        EditError
            If a pair or the action is not known.
        """
        return edit_pairs(self.state, _ids(pair_ids), action, self.who, why, decision=decision)

    def suspects(self, *, decided: bool = False) -> pl.DataFrame:
        """Return the suspects, the likeliest first: pair_id, suspicion, rank, chance, decision.

        Parameters
        ----------
        decided
            Also those about which somebody has decided.
        """
        table = suspects_with(self.state.suspects, self.decisions, self.state.label_slope)
        return table if decided else table.filter(pl.col("decision").is_null())

    @property
    def decisions(self) -> dict[str, str]:
        """Per pair id what was decided about it, where anything was."""
        return decisions_of(self.run.history.active)

    def reasons(self, pair_id: str) -> pl.DataFrame:
        """Return which features argue against a pair's label, and by how much (log odds)."""
        (row,) = self.state.rows([pair_id])
        return pair_reasons(self.state, row)

    def dismiss(self, pair_ids: str | Iterable[str], why: str = "") -> Edit:
        """Decide that suspects are right as they are; they are not shown again."""
        ids = _ids(pair_ids)
        self.state.rows(ids)
        data = {"pair_ids": ids, "decision": "dismissed"}
        return self.run.log.append("decision", data, who=self.who, why=why)

    def accept(self, pair_ids: str | Iterable[str], action: object = "flip", why: str = "") -> Edit:
        """Decide that suspects are wrong, and mend them."""
        return self.edit(pair_ids, action, why, decision="accepted")

    def own(self, feature: int | str, why: str = "", **words: object) -> Edit:
        """Say something of a feature, kept when features are described again.

        Parameters
        ----------
        feature
            Its number or name.
        words
            ``name`` (and ``short``), ``note``, ``muted``, ``pinned``, ``flipped`` (describe the
            other pole), ``merged_into`` (another feature); None takes back what was said.

        Raises
        ------
        EditError
            If the feature is not known, or a merge would run in a circle.
        """
        return own_feature(self.run, feature, words, self.who, why)

    def undo(self, number: int | None = None, why: str = "") -> Edit:
        """Undo the last step in force, or the one of that number."""
        return undo(self.run.log, number, who=self.who, why=why)

    def redo(self, number: int | None = None, why: str = "") -> Edit:
        """Take an undone step again."""
        return redo(self.run.log, number, who=self.who, why=why)

    def checkpoint(self, name: str, why: str = "") -> Edit:
        """Give the present state a name."""
        return set_checkpoint(self.run.log, name, who=self.who, why=why)

    def return_to(self, name: str, why: str = "") -> Edit:
        """Go back to a named state, as one step that can be undone."""
        return return_to(self.run.log, name, who=self.who, why=why)

    @property
    def checkpoints(self) -> list[str]:
        """The names of all checkpoints, oldest first."""
        return list(self.run.history.checkpoints)

    @property
    def history(self) -> pl.DataFrame:
        """Every edit, oldest first: when, who, what, why, how many pairs, whether in force."""
        return history_table(self.run)


def _ids(given: str | Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(dict.fromkeys(given))
