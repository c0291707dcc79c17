"""Settings that a preset gives, and what it lacks on this machine."""

from __future__ import annotations

from wimhf.base import Config, preset_named
from wimhf.errors import ConfigError
from wimhf.learn import missing_for, missing_for_server, resolve_device


def with_preset(config: Config, name: str) -> Config:
    """Return settings with a preset's, where they are as they come.

    Raises
    ------
    ConfigError
        If there is no such preset.
    """
    plain, values = Config(), config.to_dict(secrets=True)
    for table, rows in preset_named(name).settings.items():
        for key, value in rows.items():
            default = getattr(getattr(plain, table), key)
            if getattr(getattr(config, table), key) == default:
                values[table][key] = value
    return Config.from_dict(values)


def check_preset(name: str, config: Config) -> None:
    """Refuse a preset that needs what is not here, before any work.

    Parameters
    ----------
    config
        With everything that was given besides the preset.

    Raises
    ------
    ConfigError
        In one line, what is missing.
    """
    missing = missing_for(config.embed)
    if missing is None and config.llm.model is not None:
        missing = missing_for_server(config.llm.base_url)
    if missing is not None:
        raise ConfigError(f"preset {name} needs {missing}")
    try:
        resolve_device(config.embed.device)
        resolve_device(config.dictionary.device)
    except ConfigError as error:
        raise ConfigError(f"preset {name}: {error}") from None
