"""Run -> one self-contained HTML file. A window: it reads a saved run and only formats."""

from __future__ import annotations

import json
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from wimhf import findings
from wimhf.charts import round_scale
from wimhf.config import Config
from wimhf.describe.examples import strongest_pairs
from wimhf.errors import RunError
from wimhf.files import expanded, write_atomically
from wimhf.run import Run
from wimhf.worddiff import cut, word_marks

HEADLINES = 10
OPEN_CARDS = 3
EXAMPLES = 3
CANDIDATES = 60
"""Strongest pairs looked through for examples from different prompts."""
SHOWN = 1_200
"""Characters of a response that are shown at once."""
KEPT = 20_000
"""Characters of a response that the file holds at all."""
PROMPT_SHOWN = 480
Row = dict[str, Any]

MODELS = {
    "length": ("Length alone", "only which response is longer, and by how much"),
    "controls": ("Controls alone", "everything that is held fixed"),
    "score": ("Scores", "the scores that came with the data"),
    "features": ("Features", "the features of this report, nothing else"),
    "features + length": ("Features and length", "the features and the length together"),
    "dense": ("Black box", "the whole embedding, which nobody can read"),
    "dense + length": ("Black box and length", "the whole embedding and the length together"),
    "features + controls": ("Features and controls", "the features and what is held fixed"),
    "dense + controls": ("Black box and controls", "the whole embedding and what is held fixed"),
}
METRICS = ("accuracy", "log_loss", "calibration_error")
FLAGS = {
    "read": ("format", "columns", "limit"),
    "embed": ("encoder", "embeddings", "template", "max_tokens"),
    "dictionary": ("features", "k", "prefixes"),
}
"""Settings with a flag of their own; the others go through a settings file."""
UNMEASURED: dict[str, Any] = {
    "reason": None, "auc": {}, "auc_reason": None, "auc_recovered": None,
    "auc_recovered_reason": None, "folds": None, "controls": [], "joint_reason": None,
    "control_notes": [], "at_k": [], "permuted_auc": None, "position": {}, "path": {},
    "accuracy": {}, "log_loss": {}, "calibration_error": {},
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
    features, summary = _ordered(run.features), UNMEASURED | run.preference
    view = {
        "source": Path(run.config.read.source).name or "pairs",
        "read": run.facts("read"),
        "embed": run.facts("embed"),
        "describe": run.facts("describe"),
        "dictionary": run.read_json("dictionary.json"),
        "manifest": run.manifest,
        "summary": summary,
        "estimable": summary["reason"] is None,
        "recovered": _known(summary["auc_recovered"]),
        "length_auc": _known(summary["auc"].get("length")),
        "no_auc": summary["reason"] or summary["auc_reason"] or summary["auc_recovered_reason"],
        "features": features,
        "headlines": _headlines(run.features),
        "common": sorted((f for f in features if f["understood"]), key=lambda f: -f["prevalence"]),
        "effects": _effects(features),
        "models": _models(summary),
        "cards": [f | {"examples": _examples(run, f["feature"])} for f in features],
        "command": _command(run.config),
        "limits": {"headlines": HEADLINES, "open": OPEN_CARDS, "kept": KEPT},
    }
    return _environment().get_template("report.html").render(view)


def _ordered(features: pl.DataFrame) -> list[Row]:
    """Return all features, the strongest findings first, those not understood last."""
    rows = [f | _verdict(f) for f in features.iter_rows(named=True)]
    return sorted(
        rows,
        key=lambda f: (
            not f["understood"], not findings.is_expressed(f), -abs(f["effect"] or 0), f["feature"],
        ),
    )  # fmt: skip


def _verdict(feature: Row) -> Row:
    """Name a feature and what the labels do with it, for people and for style sheets."""
    known = feature["understood"] and feature["description"]
    if feature["effect"] is None:
        verdict = "unknown"
    elif not findings.is_expressed(feature):
        verdict = "unclear"
    else:
        verdict = "rewarded" if feature["effect"] > 0 else "punished"
    label = feature["description"] if known else f"feature {feature['feature']} (not understood)"
    why = feature["reason"] or "the description could not be checked on held-out pairs"
    return {"verdict": verdict, "label": label, "kind": verdict if known else "unclear", "why": why}


def _headlines(features: pl.DataFrame) -> dict[str, Any]:
    found = findings.strongest(features, HEADLINES)
    stated = [f | _verdict(f) | {"sentence": findings.sentence(f)} for f in found]
    everything = findings.strongest(features, len(features), understood=False)
    return {
        "rewarded": [f for f in stated if f["effect"] > 0],
        "punished": [f for f in stated if f["effect"] < 0],
        "understood": len(findings.strongest(features, len(features))),
        "expressed": len(everything),
    }


def _effects(features: list[Row]) -> dict[str, Any]:
    known = [f for f in features if f["effect"] is not None]
    ends = [f[end] for f in known for end in ("effect", "effect_low", "effect_high")]
    return {
        "rows": sorted(known, key=lambda f: (-f["effect"], f["feature"])),
        "scale": round_scale(ends, origin=0.0, finest=1.0),
        "unknown": len(features) - len(known),
    }


def _known(interval: Row | None) -> Row | None:
    """Return an interval of which every end is known, else nothing."""
    return None if interval is None or None in interval.values() else interval


def _models(summary: dict[str, Any]) -> dict[str, Any]:
    known = {name: _known(interval) for name, interval in summary["auc"].items()}
    rows: list[Row] = []
    for name in [*MODELS, *(name for name in known if name not in MODELS)]:
        title, words = MODELS.get(name, (name, "with a control of your own"))
        if (interval := known.get(name)) is not None:
            others = {m: _known(summary[m].get(name)) for m in METRICS}
            rows.append({"name": name, "title": title, "words": words} | interval | others)
    ends = [row[end] for row in rows for end in ("value", "low", "high")]
    return {"rows": rows, "scale": round_scale(ends, origin=0.5, finest=0.02)}


def _examples(run: Run, feature: int) -> list[Row]:
    pairs = run.pairs(feature=feature, limit=CANDIDATES)
    if pairs.is_empty():
        return []
    chosen = strongest_pairs(pairs["code"].to_numpy(), pairs["component"].to_numpy(), EXAMPLES)
    return [_example(row) for row in pairs[chosen.tolist()].iter_rows(named=True)]


def _example(row: Row) -> Row:
    more, less, won = row["more"], row["less"], row["more_won"]
    sides = [
        _side(more, less, won, title="More of it"),
        _side(less, more, None if won is None else 1 - won, title="Less of it"),
    ]
    return row | {"sides": sides, "asked": _prompt(row["prompt"])}


def _side(text: str, other: str, won: float | None, title: str) -> Row:
    shown, rest = cut(word_marks(text, other), SHOWN)
    rest, lost = cut(rest, KEPT - SHOWN)
    return {
        "title": title,
        "won": won,
        "preferred": won is not None and won > 0.5,
        "shown": shown,
        "rest": rest,
        "n_rest": sum(len(part) for part, _ in rest),
        "n_lost": sum(len(part) for part, _ in lost),
    }


def _prompt(prompt: str) -> Row:
    """Return the last part of a prompt, where the question stands, and the whole if it is long."""
    if len(prompt) <= PROMPT_SHOWN * 1.3:
        return {"last": prompt, "whole": None, "n": len(prompt), "lost": 0}
    last = prompt[-PROMPT_SHOWN:]
    last = last.split(maxsplit=1)[-1] if " " in last[:60] else last
    return {
        "last": f"… {last}",
        "whole": prompt[-KEPT:],
        "n": len(prompt),
        "lost": max(len(prompt) - KEPT, 0),
    }


def _command(config: Config) -> dict[str, str]:
    """Return the command line that makes the run again, and the settings file it needs."""
    given, default = config.to_dict(), Config().to_dict()
    words = ["wimhf", "analyze", config.read.source]
    tables: dict[str, list[str]] = {}
    words += ["--seed", str(config.seed)] if config.seed != default["seed"] else []
    for stage, settings in given.items():
        for name, value in settings.items() if isinstance(settings, dict) else ():
            if value == default[stage][name] or name == "source":
                continue
            flagged = _flag_value(value) if name in FLAGS.get(stage, ()) else None
            if flagged is not None:
                flag = "--map" if name == "columns" else f"--{name.replace('_', '-')}"
                words += [flag, flagged]
            else:
                tables.setdefault(stage, []).append(f"{name} = {_toml(value)}")
    toml = "\n\n".join("\n".join([f"[{stage}]", *lines]) for stage, lines in tables.items())
    words += ["--config", "settings.toml"] if toml else []
    return {"line": shlex.join(words), "toml": toml}


def _flag_value(value: Any) -> str | None:
    """Write a setting for the command line; nothing if a flag cannot hold it."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    if not isinstance(value, dict):
        return str(value)
    if any(mark in text for item in value.items() for text in item for mark in ",="):
        return None
    return ",".join(f"{ours}={theirs}" for ours, theirs in value.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(k)} = {_toml(v)}' for k, v in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("wimhf", "templates"),
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
