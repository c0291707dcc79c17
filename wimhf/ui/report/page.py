"""The page: a view of the run, rendered by the templates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from wimhf.base import expanded, write_atomically
from wimhf.errors import RunError
from wimhf.run import Alert, Run, annotators_of, rated_models, reasons_of, rules_of
from wimhf.ui.report.command import command_of
from wimhf.ui.report.examples import fitting_examples
from wimhf.ui.words import figures, models, people, reasons, severity, views
from wimhf.ui.words.audit import alert_size, audit_lines
from wimhf.ui.words.features import ShownFeature, ordered
from wimhf.ui.words.folding import KEPT
from wimhf.ui.words.judged import judged
from wimhf.ui.words.label_models import label_models, recovered_words
from wimhf.ui.words.mends import page_mend
from wimhf.ui.words.sample import sample_words

OPEN_CARDS = 3
CARDS, TEXTS = 90, 450_000
"""Features with examples, and characters of all their texts: a page that can be sent."""
NAMED_LINES = 6
"""Lines of the path that are named and linked."""


def write_report(run: Run, path: str | Path) -> Path:
    """Write a run's report as one HTML file that needs nothing else.

    Parameters
    ----------
    run
        A finished run.
    path
        The file; its folder is made.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    RunError
        If the run is not finished or the file cannot be written.
    """
    return write_page(render_report(run), path)


def write_page(page: str, path: str | Path) -> Path:
    """Write a page as a file, whose folder is made; return the file.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    path = expanded(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"{path.parent} cannot be made ({error.strerror}); give another file with -o"
        ) from None
    write_atomically(path, lambda stream: stream.write(page.encode()))
    return path


def render_report(run: Run) -> str:
    """Return a run's report as one HTML page; the same run gives the same bytes.

    Raises
    ------
    RunError
        If the run is not finished.
    """
    features, summary = ordered(run.feature_rows), views.summary_of(run)
    by_subset = views.by_subset(summary, features, run.subset_effects)
    path = views.path(summary, features)
    common = sorted((f for f in features if f.understood), key=lambda f: -f.prevalence)
    headlines = views.headlines(features)
    told = {f.feature for f in (*headlines.rewarded, *headlines.penalised, *headlines.suppressed)}
    told |= {line.feature.feature for line in path.lines[:NAMED_LINES]} if path else set()
    if summary["reason"] is not None:  # then what differs most often is shown, with its pairs
        told |= {f.feature for f in common[: views.HEADLINES]}
    drawn = _drawn(features, summary["alerts"], told, [*by_subset.differing])
    examples = fitting_examples(run, [f.feature for f in drawn], TEXTS)
    figures_of = judged(run)
    view = _facts(run, summary) | {
        "features": features,
        "headlines": headlines,
        "common": common,
        "effects": views.effects(features),
        "path": path,
        "by_subset": by_subset,
        "audit": audit_lines(run.audit, features) if run.concepts.counted else [],
        "n_concepts": sum(f.is_concept for f in features),
        "drawn": {f.feature for f in drawn},
        "cards": [(f, found, figures_of(f)) for f, found in zip(drawn, examples, strict=True)],
        "limits": {"headlines": views.HEADLINES, "open": OPEN_CARDS, "kept": KEPT},
    }
    return environment().get_template("report.html").render(view)


def _facts(run: Run, summary: views.Summary) -> dict[str, object]:
    """Return what the page says of the run that is not about single features."""
    source = Path(run.config.read.source).name or "pairs"
    return {
        "title": f"What's in {source}?",
        "source": source,
        "read": run.facts("read"),
        "embed": run.facts("embed"),
        "describe": run.facts("name"),
        "health": run.folder.read_json("health.json"),
        "severity": severity,
        "dictionary": run.folder.read_json("dictionary.json"),
        "manifest": run.manifest.data,
        "summary": summary,
        "sample": sample_words(summary),
        "estimable": summary["reason"] is None,
        "recovered": views.known(summary["auc_recovered"]),
        "recovered_words": recovered_words(summary),
        "length_auc": views.known(summary["auc"].get("length")),
        "no_auc": views.no_auc(summary),
        "models": label_models(summary),
        "annotators": _annotators(run),
        "reasons": _reasons(run),
        "rules": rules_of(run),
        "models_rated": models_view(rated_models(run)),
        "command": command_of(run.config),
    }


def _drawn(
    features: Sequence[ShownFeature],
    alerts: Sequence[Alert],
    told: set[int],
    differing: Sequence[ShownFeature],
) -> list[ShownFeature]:
    """Return the features that get a card, those that the page speaks of first if there are many.

    Parameters
    ----------
    told
        Numbers of features that the page links to, whatever else there is.
    """
    told = told | {alert["feature"] for alert in alerts if alert["feature"] is not None}
    worth = {f.feature for f in (*views.worth_showing(features), *differing)} | told
    drawn = sorted(
        (f for f in features if f.feature in worth), key=lambda f: f.feature not in told
    )[: max(CARDS, len(told))]
    kept = {f.feature for f in drawn}
    return [f for f in features if f.feature in kept]


def _annotators(run: Run) -> dict[str, object] | None:
    """Return whose preferences the labels are, where the source names annotators."""
    if not run.manifest.outputs("annotators"):
        return None
    view = annotators_of(run)
    if view.reason:
        return None
    tastes = view.features.filter(pl.col("tau") >= people.SEEN).head(views.HEADLINES)
    return {
        "verdict": people.verdict(view),
        "tastes": [people.taste_sentence(row) for row in tastes.iter_rows(named=True)],
        "people": [one for one in people.people(view) if one.said],
    }


def _reasons(run: Run) -> list[str]:
    """Return what annotators' reasons speak of, where the source has any."""
    found = reasons_of(run)
    if found is None:
        return []
    return [reasons.reasons_summary(found), *reasons.reason_sentences(found)]


def models_view(rated: pl.DataFrame) -> dict[str, object] | None:
    """Return how models are rated, as the template shows it; None where none is."""
    if rated.is_empty():
        return None
    return {
        "explained": models.EXPLAINED, "headers": models.shown_headers(rated),
        "rows": models.model_rows(rated), "sentences": models.model_sentences(rated),
    }  # fmt: skip


@cache
def environment() -> Environment:
    """Return where templates are found, with the filters that write figures."""
    environment = Environment(
        loader=PackageLoader("wimhf.ui.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    written = (
        figures.count, figures.points, figures.percent, figures.share, figures.decimal,
        figures.chance, figures.sentence, page_mend,
    )  # fmt: skip
    environment.filters |= {write.__name__: write for write in (*written, alert_size)}
    return environment
