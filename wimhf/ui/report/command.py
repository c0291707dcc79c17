"""The command line that makes a run again."""

from __future__ import annotations

import shlex

import tomli_w

from wimhf.base import SETTINGS, Config


def command_of(config: Config) -> dict[str, str]:
    """Return the command line that makes the run again, and the settings file it needs."""
    default, config = Config(), Config.from_dict(config.to_dict())  # a password stays out
    words = ["wimhf", "analyze", config.read.source, *config.read.also]
    stated = {"read.source", "read.also"}
    for setting in SETTINGS:
        word = setting.word(config) if setting.values(config) != setting.values(default) else None
        if word is not None:
            words += [setting.option, word]
            stated |= set(setting.places)
    plain = default.to_dict()
    tables = {
        stage: {
            name: value for name, value in table.items()
            if value != plain[stage][name] and f"{stage}.{name}" not in stated
        }
        for stage, table in config.to_dict().items() if isinstance(table, dict)
    }  # fmt: skip
    toml = tomli_w.dumps({stage: table for stage, table in tables.items() if table}).rstrip()
    words += ["--config", "settings.toml"] if toml else []
    return {"line": shlex.join(words), "toml": toml}
