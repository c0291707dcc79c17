"""Curation of one run, as the command line, the app and Python use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from wimhf.base import Progress, ReadConfig, silent
from wimhf.curate.export import export
from wimhf.curate.features import own_feature
from wimhf.curate.preview import Preview, match, planned_edit, preview
from wimhf.curate.replay import change
from wimhf.curate.rules.rule import Action, Rule
from wimhf.curate.rules.written import read_rules, rules_of
from wimhf.curate.suspects import Deciding
from wimhf.data import Exported, is_changed
from wimhf.errors import EditError
from wimhf.run import Edit, Run, open_run

if TYPE_CHECKING:
    from wimhf.learn import Encoder

Rules = Rule | Mapping[str, Any] | Sequence[Rule | Mapping[str, Any]] | Path


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


class Curation(Deciding):
    """Changes labels, weights and presence of a run's pairs, and remembers everything.

    The run's files stay as they are: edits are lines of ``edits.jsonl``, and the curated pairs are
    what replaying them gives. Several people and processes may curate one run at a time.
    """

    def __init__(self, run: Run, who: str | None = None) -> None:
        _ = run.features, run.edits.edits()  # an unfinished run or a damaged log says so
        super().__init__(run, who)

    # -- looking ---------------------------------------------------------------------------

    @property
    def pairs(self) -> pl.DataFrame:
        """The pair table with curated labels and weights, and the columns of wimhf.curated."""
        return self.state.replayed.pairs

    @property
    def changed(self) -> pl.DataFrame:
        """The curated pairs that are not as the source has them."""
        return self.pairs.filter(is_changed())

    @property
    def notes(self) -> list[str]:
        """What a person should know of the log: torn lines, pairs that are gone."""
        missing = self.state.replayed.missing
        notes = [
            f"edit {number} speaks of {count:,} pairs that the run does not hold any more"
            for number, count in missing.items()
        ]
        torn = self.run.edits.repaired
        if torn:
            said = " ".join(torn.split())[:80]
            notes.append(f"the last line of edits.jsonl was torn and has been cut off: {said}")
        return notes

    def select(self, rule: Rule | Mapping[str, Any]) -> pl.DataFrame:
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
        return preview(self.state, _rules(rules), anyway=anyway, seed=seed, progress=progress)

    def evaluate(
        self,
        source: str | Path,
        rules: Rules | None = None,
        *,
        anyway: bool = False,
        encoder: Encoder | None = None,
        progress: Progress = silent,
        **read: Any,
    ) -> dict[str, Any]:
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

        planned: list[Edit] = []
        if rules is not None:
            matched = match(self.state, _rules(rules), anyway=anyway)
            planned = [planned_edit(one.rule, one.recorded, i) for i, one in enumerate(matched)]
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
            ``container``, ``ties``, ``drop_weights``, ``escape_formulas``, ``extra``: see
            ``wimhf.export.export_pairs``.

        Raises
        ------
        ExportError
            If the target cannot hold the pairs; nothing is half-written.
        """
        return export(
            self.state, target, path, progress, anyway=anyway, overwrite=overwrite, **options
        )

    # -- changing --------------------------------------------------------------------------

    def apply(self, rules: Rules, why: str = "", *, anyway: bool = False) -> list[Edit]:
        """Apply rules, one edit each.

        Raises
        ------
        EditError
            As ``preview``; nothing of any of the rules is applied then.
        """
        chosen = _rules(rules)
        with self.run.edits.writing():
            matched = match(self.state, chosen, anyway=anyway)
            told = [
                ("rule", {"rule": m.rule.to_dict()} | m.recorded, m.rule.why or why)
                for m in matched
            ]
            return self.run.edits.write_all(told, self.who)

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
        ids = [pair_ids] if isinstance(pair_ids, str) else list(dict.fromkeys(pair_ids))
        done = Action.of(action)
        if done.kind == "prefer":
            raise EditError("prefer speaks of a rule's feature; set a pair's label instead")
        with self.run.edits.writing() as write:
            rows = self.rows(ids)
            now = self.pairs
            source = self.run.pair_table if done.kind == "restore" else now
            recorded = change(now, rows, done.values(source[rows]))
            if recorded["old"] == recorded["new"]:
                raise EditError(f"{_counted(ids)} already as {done.kind} would make it")
            data: dict[str, Any] = {"action": done.to_dict()} | recorded
            if decision is not None:
                data["decision"] = decision
            return write("pairs", data, self.who, why)

    # -- suspects --------------------------------------------------------------------------

    def accept(self, pair_ids: str | Iterable[str], action: object = "flip", why: str = "") -> Edit:
        """Decide that suspects are wrong, and mend them."""
        return self.edit(pair_ids, action, why, decision="accepted")

    # -- features --------------------------------------------------------------------------

    def own(self, feature: int | str, why: str = "", **said: Any) -> Edit:
        """Say something of a feature, kept when features are described again.

        Parameters
        ----------
        feature
            Its number or name.
        said
            ``name`` (and ``short``), ``note``, ``muted``, ``pinned``, ``flipped`` (describe the
            other pole), ``merged_into`` (another feature); None takes back what was said.

        Raises
        ------
        EditError
            If the feature is not known, or a merge would run in a circle.
        """
        return own_feature(self.run, feature, said, self.who, why)


def _rules(given: Rules) -> list[Rule]:
    return read_rules(given) if isinstance(given, Path) else rules_of(given)


def _counted(ids: list[str]) -> str:
    return f"pair {ids[0]} is" if len(ids) == 1 else f"the {len(ids):,} pairs are"
