"""The page: a view of the run, rendered by the templates."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from wimhf.base import expanded, write_atomically
from wimhf.errors import RunError
from wimhf.run import Run
from wimhf.ui.report.command import command_of
from wimhf.ui.report.examples import KEPT, examples_of
from wimhf.ui.report.judged import judged
from wimhf.ui.words import views

OPEN_CARDS = 3
UNMEASURED: dict[str, Any] = {
    "reason": None, "auc": {}, "auc_reason": None, "auc_recovered": None,
    "auc_recovered_reason": None, "folds": None, "controls": [], "joint_reason": None,
    "control_notes": [], "alerts": [], "score_notes": [], "at_k": [],
    "permuted_auc": None, "position": {}, "path": {}, "accuracy": {}, "log_loss": {},
    "calibration_error": {},
    "subsets": {"by": None, "notes": [], "subsets": [], "reason": "not measured"},
}  # fmt: skip
"""What a summary leaves out where it could not be measured."""


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
    path = expanded(path)
    page = render_report(run).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"{path.parent} cannot be made ({error.strerror}); give another file with -o"
        ) from None
    write_atomically(path, lambda stream: stream.write(page))
    return path


def render_report(run: Run) -> str:
    """Return a run's report as one HTML page; the same run gives the same bytes.

    Raises
    ------
    RunError
        If the run is not finished.
    """
    features = views.ordered(run.features)
    summary: dict[str, Any] = {**UNMEASURED, **run.preference}
    figures = judged(run)
    view = {
        "source": Path(run.config.read.source).name or "pairs",
        "read": run.facts("read"),
        "embed": run.facts("embed"),
        "describe": run.facts("name"),
        "health": run.folder.read_json("health.json"),
        "dictionary": run.folder.read_json("dictionary.json"),
        "manifest": run.manifest.data,
        "summary": summary,
        "estimable": summary["reason"] is None,
        "recovered": views.known(summary["auc_recovered"]),
        "length_auc": views.known(summary["auc"].get("length")),
        "no_auc": summary["reason"] or summary["auc_reason"] or summary["auc_recovered_reason"],
        "features": features,
        "headlines": views.headlines(run.features),
        "common": sorted((f for f in features if f["understood"]), key=lambda f: -f["prevalence"]),
        "effects": views.effects(features),
        "models": views.models(summary),
        "path": views.path(summary, features),
        "by_subset": views.by_subset(summary, features, run.subset_effects),
        "cards": [
            f | {"examples": examples_of(run, f["feature"]), "judged": figures(f)} for f in features
        ],
        "command": command_of(run.config),
        "limits": {"headlines": views.HEADLINES, "open": OPEN_CARDS, "kept": KEPT},
    }
    return _environment().get_template("report.html").render(view)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("wimhf.ui.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "count": lambda n: f"{n:,}",
        "points": lambda x: _signed(f"{x:+.1f}"),
        "percent": lambda x: f"{x:.0f}%",
        "share": _share,
        "decimal": _decimal,
        "chance": lambda p: "< .001" if p < 0.001 else _decimal(p, 3),
    }
    return environment


def _share(x: float, digits: int = 0) -> str:
    return f"{100 * x:.{digits}f}%"


def _decimal(x: float, digits: int = 2) -> str:
    """Write .45 for 0.45, as the field does for figures between -1 and 1."""
    text = f"{x:.{digits}f}"
    return _signed(text.replace("0.", ".", 1) if abs(float(text)) < 1 else text)


def _signed(text: str) -> str:
    if float(text) == 0:
        return text.lstrip("+-")
    return text.replace("-", "−")
