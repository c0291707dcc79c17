"""What `wimhf curate` prints."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wimhf.curate import Curation, Preview, Rule, edit_words
from wimhf.errors import EditError
from wimhf.run import CHANGES, Edit
from wimhf.ui.cli.console import Watcher

MOVED = 8
NUMBERS = 22
"""Characters of an effect with its interval."""
LONGEST = 90
SUPPORT = "in models that never saw it"


@dataclass(frozen=True)
class Judge:
    """Pairs that judge probes, and how they are to be read; no source judges nothing."""

    source: str | None
    read: Mapping[str, Any]


class Shown:
    """Does what was asked for and says what came of it."""

    def __init__(self, curation: Curation, watcher: Watcher, *, as_json: bool) -> None:
        self.curation, self.watcher, self.as_json = curation, watcher, as_json
        self.console = Console(highlight=False, soft_wrap=True)

    def _json(self, value: Any) -> bool:
        if self.as_json:
            typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
        return self.as_json

    def _say(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style=style))

    def _done(
        self, edits: Sequence[Edit], past: str, judged: Mapping[str, Any] | None = None
    ) -> None:
        told = [{"edit": e.number, "kind": e.kind, "what": edit_words(e),
                 "pairs": len(e.pair_ids)} for e in edits]  # fmt: skip
        summary = {"done": told, "changed": len(self.curation.changed)}
        if self._json(summary | ({"evaluation": dict(judged)} if judged else {})):
            return
        for one in told:
            reach = f" ({one['pairs']:,} pairs)" if one["pairs"] else ""
            self._say(f"{past} edit {one['edit']}: {one['what']}{reach}")
        self._say(f"{len(self.curation.changed):,} pairs are not as the source has them.", "dim")

    def owned(self, feature: str | None, said: Mapping[str, Any], why: str) -> None:
        """Record what somebody says of a feature."""
        if feature is None or not said:
            raise EditError(
                "say of which feature and what, e.g. --feature 3 --name 'refuses the request'"
            )
        self._done([self.curation.own(feature, why, **said)], "wrote")

    def stepped(self, kind: str, number: int | None, why: str) -> None:
        """Undo or redo a step."""
        step = self.curation.undo if kind == "undo" else self.curation.redo
        self._done([step(number, why)], "wrote")

    def named(self, checkpoint: str | None, return_to: str | None, why: str) -> None:
        """Set a checkpoint, or go back to one."""
        if checkpoint is not None and return_to is not None:
            raise EditError("--checkpoint and --return-to are two steps; give one at a time")
        if checkpoint is not None:
            self._done([self.curation.checkpoint(checkpoint, why)], "wrote")
        else:
            self._done([self.curation.return_to(str(return_to), why)], "wrote")

    def edited(self, pairs: str, then: str | None, why: str) -> None:
        """Edit single pairs."""
        from wimhf.curate import written_action

        if then is None:
            raise EditError("say what becomes of the pairs, e.g. --then flip")
        ids = [one.strip() for one in pairs.split(",") if one.strip()]
        self._done([self.curation.edit(ids, written_action(then), why)], "applied")

    def applied(self, rules: Sequence[Rule], why: str, anyway: bool, judge: Judge) -> None:
        """Apply rules; what is to judge them is read first."""
        judged = self._judged(judge, rules, anyway)
        self._done(self.curation.apply(list(rules), why, anyway=anyway), "applied", judged)
        if judged and not self.as_json:
            self._print_judged(judged)

    def previewed(self, rules: Sequence[Rule], anyway: bool, judge: Judge) -> None:
        """Say what rules would change."""
        judged = self._judged(judge, rules, anyway)
        found = self.curation.preview(list(rules), anyway=anyway, progress=self.watcher)
        if self._json(found.to_dict() | ({"evaluation": judged} if judged else {})):
            return
        for one in found.matched:
            self._say(f"{one.rule.name or 'This rule'} matches {one.selected:,} pairs", "bold")
            for met in one.overlaps:
                which = "an earlier rule" if met.edit.number is None else f"edit {met.edit.number}"
                word = "keeps the last word" if met.outranks else "is outranked"
                self._say(
                    f"  {met.pairs:,} of them are in {which}, too ({edit_words(met.edit)}), which "
                    f"{word}; {met.differ:,} differ"
                )
        self._say(f"{len(found.touched):,} pairs would change.")
        self._print_examples(found)
        self._print_effects(found.effects)
        self._print_figures(found)
        if judged:
            self._print_judged(judged)
        self._say("\nNothing was written; add --apply to apply it.", "dim")

    def _print_examples(self, found: Preview) -> None:
        for row in found.examples.iter_rows(named=True):
            chance = "" if row["support"] is None else f"{100 * row['support']:.0f} % {SUPPORT}"
            label = f"label {_label(row['label'])} -> {_label(row['label_after'])}"
            gone = ", dropped" if row["kept"] and not row["kept_after"] else ""
            self._say(f"\n {row['pair_id']}  {label}{gone}  {chance}", "cyan")
            for name in ("prompt", "response_a", "response_b"):
                text = " ".join(row[name].split())
                short = f"{text[:LONGEST]}..." if len(text) > LONGEST else text
                self._say(f"   {name.removeprefix('response_'):<7}{short}", "dim")

    def _print_effects(self, effects: pl.DataFrame) -> None:
        table = Table(box=None, title="\nWhat the labels reward, in points", title_justify="left")
        table.add_column("feature", no_wrap=True)
        for name in ("before", "after"):
            table.add_column(name, justify="right", no_wrap=True, min_width=NUMBERS)
        most = max(20, self.console.width - 2 * NUMBERS - 6)
        for row in effects.head(MOVED).iter_rows(named=True):
            name = f"{row['feature']}  {row['description'] or '(not understood)'}"
            table.add_row(_short(name, most), _points(row, "before"), _points(row, "after"))
        self.console.print(table, soft_wrap=False)

    def _print_figures(self, found: Preview) -> None:
        auc, balance = found.auc, found.balance
        if "difference" in auc:
            moved = auc["difference"]
            self._say(
                f"AUC of features on the {auc['pairs']:,} decided pairs no rule could reach: "
                f"{auc['before']['value']:.3f} -> {auc['after']['value']:.3f} "
                f"({moved['value']:+.3f}, {moved['low']:+.3f} to {moved['high']:+.3f})"
            )
        else:
            self._say(f"AUC: {auc['reason']}")
        for key, name in (("longer_wins", "longer response"), ("first_wins", "first listed")):
            was, now = (dict(balance[when])[key] for when in ("before", "after"))
            if was is not None and now is not None:
                self._say(f"the {name} is preferred in {was:.1f} % -> {now:.1f} % of pairs")
        was, now = (
            {alert["rewards"] for alert in found.alerts[when]} for when in ("before", "after")
        )
        for alert in sorted(was - now):
            self._say(f"no alert any more: the labels reward a response that {alert}", "green")
        for alert in sorted(now - was):
            self._say(f"new alert: the labels reward a response that {alert}", "yellow")

    def evaluated(self, judge: Judge, anyway: bool) -> None:
        """Say what probes before and after prefer on pairs kept apart."""
        found = self._judged(judge, None, anyway)
        if not self._json(found):
            self._print_judged(found)

    def _judged(
        self, judge: Judge, rules: Sequence[Rule] | None, anyway: bool
    ) -> Mapping[str, Any]:
        if judge.source is None:
            return {}
        read = {name: value for name, value in judge.read.items() if value is not None}
        given = None if rules is None else list(rules)
        return self.curation.evaluate(
            judge.source, given, anyway=anyway, progress=self.watcher, **read
        )

    def _print_judged(self, found: Mapping[str, Any]) -> None:
        held, source = found["held_out"], found["source"]
        self._say(f"\nA probe's choice on {held['pairs']:,} held-out pairs of {source}", "bold")
        for when in ("before", "after"):
            self._say(f" {when:<7}prefers the labelled side in {_share(held[when]['wins'])}")
        self._say(f" change {_share(held['difference'], '+')}")
        general = found["general"]
        if "difference" in general:
            moved = general["difference"]
            self._say(
                f" its AUC on the {general['pairs']:,} pairs no edit could reach: "
                f"{general['before']['value']:.3f} -> {general['after']['value']:.3f} "
                f"({moved['low']:+.3f} to {moved['high']:+.3f})"
            )
        else:
            self._say(f" its AUC elsewhere: {general['reason']}", "dim")
        gone = [f"{count:,} {why}" for why, count in found["left_out"].items() if count]
        if gone:
            self._say(f" left out: {', '.join(gone)}", "dim")

    def suspects(self, count: int) -> None:
        """List the labels that are most probably wrong, with what argues against each."""
        table = self.curation.suspects().head(count)
        told = [
            row | {"against": self.curation.reasons(row["pair_id"]).head(3).to_dicts()}
            for row in table.to_dicts()
        ]
        if self._json({"suspects": told}):
            return
        if not told:
            self._say("No label is suspicious, or all have been decided about.")
        for row in told:
            chance = f"{100 * row['suspicion']:.0f} %"
            self._say(
                f"{row['pair_id']}  models that never saw it expect the other label: {chance}"
            )
            for one in row["against"]:
                name = one["description"] or one["control"] or f"feature {one['feature']}"
                self._say(f"   {one['against']:+.2f} log odds against it: {_short(name)}", "dim")

    def state(self, *, history: bool) -> None:
        """Say how the run stands."""
        curation = self.curation
        table = curation.history
        summary = {
            "run": str(curation.run.path), "pairs": len(curation.pairs),
            "changed": len(curation.changed), "edits": len(table),
            "checkpoints": curation.checkpoints, "suspects": len(curation.suspects()),
        }  # fmt: skip
        if self._json(summary | ({"history": table.to_dicts()} if history else {})):
            return
        self._say(
            f"{summary['changed']:,} of {summary['pairs']:,} pairs are not as the source has them, "
            f"by {len(curation.run.history.active):,} edits in force; {summary['suspects']:,} "
            "suspects are undecided."
        )
        for row in table.iter_rows(named=True) if history else ():
            style = "" if row["in_force"] else "dim"
            reach = f", {row['pairs']:,} pairs" if row["pairs"] else ""
            why = f" - {row['why']}" if row["why"] not in ("", row["what"]) else ""
            gone = " (undone)" if row["kind"] in CHANGES and not row["in_force"] else ""
            line = f"{row['edit']:>4} {row['time']} {row['who']}: {row['what']}{reach}{why}{gone}"
            self._say(line, style)


def _label(label: float | None) -> str:
    return {None: "none", 1.0: "A", 0.0: "B", 0.5: "tie"}.get(label, f"{label:g}" if label else "")


def _points(row: Mapping[str, Any], when: str) -> str:
    value = row[f"effect_{when}"]
    if value is None:
        return "-"
    return f"{value:+.1f} ({row[f'effect_low_{when}']:+.1f} to {row[f'effect_high_{when}']:+.1f})"


def _share(share: Mapping[str, float | None], sign: str = "") -> str:
    if share["value"] is None:
        return "-"
    told = f"{100 * share['value']:{sign}.1f} %"
    if share["low"] is None or share["high"] is None:
        return told
    return f"{told} ({100 * share['low']:{sign}.1f} to {100 * share['high']:{sign}.1f})"


def _short(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
