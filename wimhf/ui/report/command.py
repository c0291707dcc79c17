"""The command line that makes a run again."""

from __future__ import annotations

import json
import shlex
from typing import Any

from wimhf.base import Config

FLAGS = {
    "read": ("format", "columns", "limit", "label"),
    "embed": ("encoder", "embeddings", "template", "max_tokens"),
    "dictionary": ("features", "k", "prefixes"),
    "subsets": ("by",),
    "reward": (),
}
"""Settings with a flag of their own; the others go through a settings file."""


def command_of(config: Config) -> dict[str, str]:
    """Return the command line that makes the run again, and the settings file it needs."""
    given, default = config.to_dict(), Config().to_dict()
    words = ["wimhf", "analyze", config.read.source, *config.read.also]
    tables: dict[str, list[str]] = {}
    words += ["--seed", str(config.seed)] if config.seed != default["seed"] else []
    for stage, settings in given.items():
        for name, value in settings.items() if isinstance(settings, dict) else ():
            if value == default[stage][name] or name in ("source", "also"):
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
