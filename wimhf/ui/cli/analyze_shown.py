"""Findings as text for a terminal, and as JSON for programs."""

from __future__ import annotations

from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from wimhf.run import Run, rules_of
from wimhf.stats import Bounds
from wimhf.ui.cli.console import say, terminal
from wimhf.ui.words import figures
from wimhf.ui.words.audit import alert_size
from wimhf.ui.words.figures import chance, counted
from wimhf.ui.words.findings import (
    fit_of,
    is_expressed,
    is_heterogeneous,
    sentence,
    strongest,
    suppressed,
)
from wimhf.ui.words.label_models import recovered_words
from wimhf.ui.words.sample import sample_words
from wimhf.ui.words.views import Summary, divided_by, no_auc, summary_of

TOP = 10


def print_findings(run: Run) -> None:
    """Print what a run found: data, strongest expressed preferences, AUC against baselines."""
    read, embed, preference = run.facts("read"), run.facts("embed"), run.preference
    say(f"\nWhat is in {run.manifest.data['config']['read']['source']}", "bold")
    say(
        f"{read['n_pairs']:,} pairs ({read['n_rejects']:,} rows left out), "
        f"{preference['n_labelled']:,} labelled, {preference['n_ties']:,} ties; "
        f"encoder {embed['encoder']}"
    )
    sample = sample_words(summary_of(run))
    if sample:
        say(sample)
    if "reason" in preference:
        say(f"Preferences cannot be estimated: {preference['reason']}.", "yellow")
        _print_measured(run)
        return
    _print_strongest(run)
    _print_alerts(run)
    _print_auc(summary_of(run))
    _print_subsets(run)


def _print_strongest(run: Run) -> None:
    say("\nWhat the labels reward, what tells most about them first (95 % interval)", "bold")
    found, held = strongest(run.features, len(run.features)), run.equal_length
    for row in found[:TOP]:
        mark = (" + ", "green") if row["effect"] > 0 else (" - ", "red")
        name = row.get("id") or row["feature"]
        fit = f"{fit_of(row)}, " if fit_of(row) else ""
        note = (f"  [{name}, {fit}q {chance(row['q'])}]", "dim")
        say(Text.assemble(mark, sentence(row | {"equal_length": held}), note))
    if not found:
        say(" nothing survives the correction for the number of features tested", "dim")
    for said in suppressed(run.features):
        say(Text.assemble("   ", said, ("  [alone it shows nothing]", "dim")))
    expressed = [row for row in run.features.iter_rows(named=True) if is_expressed(row)]
    more, rest = len(found) - len(found[:TOP]), len(expressed) - len(found)
    left = [f"{counted(more, 'finding')} more"] if more else []
    left += [f"{counted(rest, 'feature')} beyond chance that the findings explain"] if rest else []
    if left:
        say(f" In the report: {' and '.join(left)}", "dim")


def _print_alerts(run: Run) -> None:
    """Print what a team should look at before it trains."""
    alerts = run.preference.get("alerts", [])
    if alerts:
        say("\nLook at these before you train", "bold")
    for alert in alerts:
        say(
            f" ! The labels reward a response that {alert['rewards']}: {alert_size(alert)}. "
            f"{figures.sentence(alert['why'])}", "yellow",
        )  # fmt: skip
    if run.concepts.counted:
        say(f" The table of all concerns: wimhf audit {run.path}", "dim")


def _print_measured(run: Run) -> None:
    say("\nWhat the data set can measure (share of pairs that differ in it)", "bold")
    rows = [row for row in run.features.iter_rows(named=True) if row["understood"]]
    for row in sorted(rows, key=lambda row: -row["prevalence"])[:TOP]:
        say(f" {100 * row['prevalence']:3.0f} %  {row['description']}")


def print_descriptions(run: Run) -> None:
    """Print every feature's name with its fidelity and author, the best proven first."""
    facts = run.facts("name")
    authors = ", ".join(f"{count} by {author}" for author, count in facts["authors"].items())
    partly = sum(feature.partly for feature in run.feature_rows)
    understood = f"{facts['n_understood']} of {run.n_discovered} discovered features understood"
    understood += f", {partly} more in part" if partly else ""
    say(f"\n{understood} ({authors})", "bold")
    table = run.features.sort("fidelity", descending=True, nulls_last=True)
    rows = [row for row in table.iter_rows(named=True) if row["feature"] < run.n_discovered]
    for row in rows:
        value = "  -" if row["fidelity"] is None else f"{row['fidelity']:.2f}".replace("0.", " .")
        style = "" if row["understood"] else "dim"
        name = row["description"] or "no description"
        say(f" {row['feature']:3d} {value}  {name}  [{row['author']}]", style)


def _print_auc(preference: Summary) -> None:
    if not preference.get("auc"):
        say(f"\nNo AUC: {preference.get('auc_reason')}", "yellow")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("predicting the label")
    table.add_column("AUC", justify="right")
    table.add_column("95 %")
    for name, auc in preference["auc"].items():
        table.add_row(name, *_interval(auc))
    for entry in preference["at_k"]:
        count = f"{entry['k']} feature{'s' if entry['k'] > 1 else ''}"
        table.add_row(f"the first {count}", *_interval(entry["auc"]), style="dim")
    say("")
    terminal().print(table)
    reason = no_auc(preference) or "no interval could be drawn"
    unknown = f"The share of a black box that the features recover is not told: {reason}."
    say(recovered_words(preference) or unknown)


def _print_subsets(run: Run) -> None:
    """Say which effects depend on the subset."""
    subsets = run.preference["subsets"]
    if not subsets["subsets"]:
        return
    rows = [row for row in run.features.iter_rows(named=True) if row["understood"]]
    differing = [row for row in rows if is_heterogeneous(row)]
    named = f"{len(subsets['subsets'])} subsets by {divided_by(subsets['by'])}"
    if not differing:
        say(f"\nNo understood effect differs between {named} beyond chance.")
        return
    say(f"\nEffects that depend on the subset ({named}; the report shows each)", "bold")
    for row in sorted(differing, key=lambda row: (not row["flips"], row["heterogeneity_p"] or 1.0)):
        flips = "flips: " if row["flips"] else ""
        say(f" {flips}{row['description']} (q {chance(row['heterogeneity_q'])})")


def _interval(bounds: Bounds) -> tuple[str, str]:
    value, low, high = bounds["value"], bounds["low"], bounds["high"]
    shown = "-" if value is None else f"{value:.3f}"
    return shown, "" if low is None or high is None else f"{low:.3f} - {high:.3f}"


def findings_of(run: Run) -> dict[str, object]:
    """Return everything a run found as plain JSON types."""
    return {
        "run": str(run.path),
        "config": run.manifest.data["config"],
        "stages": run.manifest.stages,
        "preference": run.preference,
        "features": run.features.to_dicts(),
        "subset_effects": run.subset_effects.to_dicts(),
        "findings": [
            sentence(row | {"equal_length": run.equal_length})
            for row in strongest(run.features, TOP)
        ],
        "audit": run.audit if run.concepts.counted else [],
        "rules": None if (rules := rules_of(run)) is None else asdict(rules),
    }
