"""A run in Markdown: for a pull request, or the data card of a hub."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from wimhf.curate import Standing, source_standing
from wimhf.redaction import isolated
from wimhf.run import Run
from wimhf.ui.report.page import write_page
from wimhf.ui.words import themes, views
from wimhf.ui.words.audit import audit_lines
from wimhf.ui.words.features import ShownFeature, ordered
from wimhf.ui.words.figures import between, count, one_line, points
from wimhf.ui.words.flaws import flaws
from wimhf.ui.words.label_models import recovered_words
from wimhf.ui.words.sample import sample_words
from wimhf.ui.words.telling import telling_pair
from wimhf.ui.words.worddiff import plain_text

QUOTED = 160
"""Characters of a response that are quoted."""
_MARKS = re.compile(r"([\\`*_\[\]<>|#~$])")


def render_markdown(run: Run) -> str:
    """Return what a run found as Markdown; the same run gives the same text.

    Raises
    ------
    RunError
        If the run is not finished.
    """
    standing, summary = source_standing(run), views.summary_of(run)
    features = ordered(standing.features)
    parts = [
        [f"# What {_safe(Path(run.config.read.source).name or 'this data')} rewards"],
        _data(run, standing),
        [f"The labels say nothing of effects: {_safe(summary['reason'])}."] if summary["reason"]
        else list(_findings(run, features, summary)),
        list(_audit(standing)),
        list(_flaws(run, standing)),
        list(_trust(features, summary)),
    ]  # fmt: skip
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def write_markdown(run: Run, path: str | Path) -> Path:
    """Write a run as a Markdown file, whose folder is made; return the file.

    Raises
    ------
    RunError
        If the run is not finished or the file cannot be written.
    """
    return write_page(render_markdown(run), path)


def _data(run: Run, standing: Standing) -> list[str]:
    read, repeats = run.facts("read"), standing.flagged.get("duplicates", (0, 0))[0]
    return [
        f"{count(standing.pairs)} pairs of responses, {count(standing.labelled)} with a label; "
        f"{count(read['n_rejects'])} of {count(read['n_rows'])} rows left out, {count(repeats)} "
        f"repeats, {count(standing.ties)} ties. Encoder `{run.facts('embed').get('encoder', '')}`."
    ]


def _findings(run: Run, features: list[ShownFeature], summary: views.Summary) -> Iterator[str]:
    headlines = views.headlines(features)
    held = f", {' and '.join(map(_safe, summary['controls']))} controlled for"
    yield "## What the labels reward"
    yield ""
    yield f"In points of win rate{held if summary['controls'] else ''}, with 95% intervals."
    shown = themes.themes(headlines)
    if not shown:
        yield "\nNothing with a name is rewarded or penalised beyond chance."
    for theme in shown:
        yield f"\n### {theme.title}\n"
        for feature in theme.features:
            size, said = themes.sized(feature), _safe(feature.sentence)
            yield f"- **{_safe(feature.title)}**, {size}: {said}"
            yield from _example(run, feature)
    neutral = themes.neutral(features)
    if neutral:
        yield (
            "\nMeasured, and left alone by the labels: "
            + "; ".join(
                f"{_safe(f.title)} ({points(f.effect)}, {between(f.effect_low, f.effect_high)})"
                for f in neutral
            )
            + "."
        )


def _example(run: Run, feature: ShownFeature) -> Iterator[str]:
    pair = telling_pair(run, feature.feature, feature.told or 0.0, length=QUOTED)
    if pair is not None:
        won, lost = (pair.more, pair.less) if pair.more_won else (pair.less, pair.more)
        yield f"  - preferred: “{_safe(plain_text(won))}”"
        yield f"  - to: “{_safe(plain_text(lost))}”"


def _audit(standing: Standing) -> Iterator[str]:
    if not standing.audit:
        return
    lights = Counter(themes.light(row) for row in standing.audit)
    yield "## Audit"
    yield ""
    yield ", ".join(f"{lights[light]} {light}" for light in themes.LIGHTS) + (
        f", of {len(standing.audit)} concerns."
    )
    told = [
        (themes.light(line.row), line) for line in audit_lines(standing.audit, standing.features)
        if themes.light(line.row) in ("red", "amber")
    ]  # fmt: skip
    if told:
        yield "\n| | concern | the labels | points of win rate |\n| --- | --- | --- | --- |"
    for light, line in sorted(told, key=lambda one: list(themes.LIGHTS).index(one[0])):
        verdict = line.row["verdict"]
        yield f"| {light} | {_safe(line.row['title'])} | {verdict} | {_safe(line.said)} |"


def _flaws(run: Run, standing: Standing) -> Iterator[str]:
    found = flaws(run.folder.read_json("health.json"), standing.flagged)
    if not found:
        return
    yield "## What is wrong with the data"
    yield ""
    for flaw in found:
        mend = f" Mend: {flaw.mend.lower()}." if flaw.mend else ""
        yield f"- **{_safe(flaw.check['title'])}.** {_safe(flaw.check['said'])}.{mend}"


def _trust(features: list[ShownFeature], summary: views.Summary) -> Iterator[str]:
    known, recovered = themes.decided(features), recovered_words(summary)
    yield "## How far to trust this"
    yield ""
    if recovered:
        yield f"- {recovered}"
    yield (
        f"- Of {count(len(features))} features {count(known.expressed)} are beyond chance, "
        f"{count(known.neutral)} surely neutral, {count(known.undecided)} undecided."
    )
    sample = sample_words(summary)
    if sample:
        yield f"- {sample}"


def _safe(text: str) -> str:
    """Return a text from the data on one line, in which nothing is Markdown."""
    return _MARKS.sub(r"\\\1", isolated(one_line(text)))
