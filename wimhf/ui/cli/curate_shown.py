"""What `wimhf curate` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from rich.table import Table

from wimhf.curate import Curation, Preview, checked_words, edit_checked, edit_words
from wimhf.run import CHANGES, Edit
from wimhf.ui.cli.console import print_json, say, terminal
from wimhf.ui.words.figures import shortened
from wimhf.ui.words.labels import label_letter

MOVED = 8
NUMBERS = 22
"""Characters of an effect with its interval."""
LONGEST = 90
UNCHECKED = "not checked by hand; wimhf curate check asks you about 20 of them"
SUPPORT = "in models that never saw it"


def print_edits(curation: Curation, edits: Sequence[Edit], verb: str, as_json: bool) -> None:
    """Say what was written."""
    lines = [
        {"edit": edit.number, "kind": edit.kind, "what": edit_words(edit),
         "pairs": len(edit.pair_ids), "checked": checked_words(edit_checked(curation.run, edit))}
        for edit in edits
    ]  # fmt: skip
    changed = len(curation.changed)
    if as_json:
        print_json({"done": lines, "changed": changed})
        return
    for line in lines:
        reach = f" ({line['pairs']:,} pairs)" if line["pairs"] else ""
        say(f"{verb} edit {line['edit']}: {line['what']}{reach}")
        if line["checked"]:
            say(f"  {line['checked']}")
    say(f"{changed:,} pairs are not as the source has them.", "dim")


def print_preview(preview: Preview, as_json: bool) -> None:
    """Say what rules would change."""
    if as_json:
        print_json(preview.to_dict())
        return
    for one in preview.matched:
        say(f"{one.rule.name or 'This rule'} matches {one.selected:,} pairs", "bold")
        say(f"  {checked_words(one.checked) or UNCHECKED}", "" if one.checked else "dim")
        for overlap in one.overlaps:
            edit = overlap.edit
            which = "an earlier rule" if edit.number is None else f"edit {edit.number}"
            rank = "keeps the last word" if overlap.outranks else "is outranked"
            say(
                f"  {overlap.pairs:,} of them are in {which}, too ({edit_words(edit)}), which "
                f"{rank}; {overlap.differ:,} differ"
            )
    say(f"{len(preview.touched):,} pairs would change.")
    _print_examples(preview)
    _print_effects(preview.effects)
    _print_auc(preview.auc)
    _print_balance(preview)
    say("\nNothing was written; wimhf curate apply applies it.", "dim")


def _print_examples(preview: Preview) -> None:
    for row in preview.examples.iter_rows(named=True):
        chance = "" if row["support"] is None else f"{100 * row['support']:.0f} % {SUPPORT}"
        label = f"label {label_letter(row['label'])} -> {label_letter(row['label_after'])}"
        gone = ", dropped" if row["kept"] and not row["kept_after"] else ""
        say(f"\n {row['pair_id']}  {label}{gone}  {chance}", "cyan")
        for name in ("prompt", "response_a", "response_b"):
            text = " ".join(row[name].split())
            short = f"{text[:LONGEST]}..." if len(text) > LONGEST else text
            say(f"   {name.removeprefix('response_'):<7}{short}", "dim")


def _print_effects(effects: pl.DataFrame) -> None:
    console = terminal(highlight=False)
    table = Table(box=None, title="\nWhat the labels reward, in points", title_justify="left")
    table.add_column("feature", no_wrap=True)
    for when in ("before", "after"):
        table.add_column(when, justify="right", no_wrap=True, min_width=NUMBERS)
    most = max(20, console.width - 2 * NUMBERS - 6)
    for row in effects.head(MOVED).iter_rows(named=True):
        name = f"{row['feature']}  {row['description'] or '(not understood)'}"
        table.add_row(shortened(name, most), _points(row, "before"), _points(row, "after"))
    console.print(table)


def _print_auc(auc: Mapping[str, Any]) -> None:
    if "difference" not in auc:
        say(f"AUC: {auc['reason']}")
        return
    moved = auc["difference"]
    say(
        f"AUC of features on the {auc['pairs']:,} decided pairs no rule could reach: "
        f"{auc['before']['value']:.3f} -> {auc['after']['value']:.3f} "
        f"({moved['value']:+.3f}, {moved['low']:+.3f} to {moved['high']:+.3f})"
    )


def _print_balance(preview: Preview) -> None:
    for key, name in (("longer_wins", "longer response"), ("first_wins", "first listed")):
        was, now = (dict(preview.balance[when])[key] for when in ("before", "after"))
        if was is not None and now is not None:
            say(f"the {name} is preferred in {was:.1f} % -> {now:.1f} % of pairs")
    before, after = (
        {alert["rewards"] for alert in preview.alerts[when]} for when in ("before", "after")
    )
    for rewards in sorted(before - after):
        say(f"no alert any more: the labels reward a response that {rewards}", "green")
    for rewards in sorted(after - before):
        say(f"new alert: the labels reward a response that {rewards}", "yellow")


def print_evaluation(evaluation: Mapping[str, Any], as_json: bool) -> None:
    """Say what probes before and after prefer on pairs kept apart."""
    if as_json:
        print_json(evaluation)
        return
    held, general = evaluation["held_out"], evaluation["general"]
    say(f"\nA probe's choice on {held['pairs']:,} held-out pairs of {evaluation['source']}", "bold")
    for when in ("before", "after"):
        say(f" {when:<7}prefers the labelled side in {_share(held[when]['wins'])}")
    say(f" change {_share(held['difference'], '+')}")
    if "difference" in general:
        moved = general["difference"]
        say(
            f" its AUC on the {general['pairs']:,} pairs no edit could reach: "
            f"{general['before']['value']:.3f} -> {general['after']['value']:.3f} "
            f"({moved['low']:+.3f} to {moved['high']:+.3f})"
        )
    else:
        say(f" its AUC elsewhere: {general['reason']}", "dim")
    gone = [f"{count:,} {why}" for why, count in evaluation["left_out"].items() if count]
    if gone:
        say(f" left out: {', '.join(gone)}", "dim")


def print_suspects(curation: Curation, count: int, as_json: bool) -> None:
    """List the labels that are most probably wrong, with what argues against each."""
    rows = [
        row | {"against": curation.reasons(row["pair_id"]).head(3).to_dicts()}
        for row in curation.suspects().head(count).to_dicts()
    ]
    if as_json:
        print_json({"suspects": rows})
        return
    if not rows:
        say("No label is suspicious, or all have been decided about.")
    for row in rows:
        chance = f"{100 * row['suspicion']:.0f} %"
        say(f"{row['pair_id']}  models that never saw it expect the other label: {chance}")
        for reason in row["against"]:
            name = reason["description"] or reason["control"] or f"feature {reason['feature']}"
            say(
                f"   {reason['against']:+.2f} log odds against it: {shortened(name, LONGEST)}",
                "dim",
            )


def print_history(curation: Curation, as_json: bool) -> None:
    """Say how the run stands, and every edit."""
    table = curation.history
    pairs, changed = len(curation.pairs), len(curation.changed)
    suspects = len(curation.suspects())
    if as_json:
        print_json({
            "run": str(curation.run.path), "pairs": pairs, "changed": changed, "edits": len(table),
            "checkpoints": curation.checkpoints, "suspects": suspects,
            "history": table.to_dicts(),
        })  # fmt: skip
        return
    say(
        f"{changed:,} of {pairs:,} pairs are not as the source has them, by "
        f"{len(curation.run.history.active):,} edits in force; {suspects:,} suspects are undecided."
    )
    for row in table.iter_rows(named=True):
        style = "" if row["in_force"] else "dim"
        reach = f", {row['pairs']:,} pairs" if row["pairs"] else ""
        why = f" - {row['why']}" if row["why"] not in ("", row["what"]) else ""
        gone = " (undone)" if row["kind"] in CHANGES and not row["in_force"] else ""
        say(f"{row['edit']:>4} {row['time']} {row['who']}: {row['what']}{reach}{why}{gone}", style)


def _points(row: Mapping[str, Any], when: str) -> str:
    value = row[f"effect_{when}"]
    if value is None:
        return "-"
    return f"{value:+.1f} ({row[f'effect_low_{when}']:+.1f} to {row[f'effect_high_{when}']:+.1f})"


def _share(share: Mapping[str, float | None], sign: str = "") -> str:
    value, low, high = (share[key] for key in ("value", "low", "high"))
    if value is None:
        return "-"
    whole = f"{100 * value:{sign}.1f} %"
    if low is None or high is None:
        return whole
    return f"{whole} ({100 * low:{sign}.1f} to {100 * high:{sign}.1f})"
