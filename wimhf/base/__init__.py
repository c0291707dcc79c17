"""What every package stands on: settings, events, files, one cache, server addresses."""

from typing import TYPE_CHECKING

from wimhf.base.lazy import lazy_face

if TYPE_CHECKING:
    from wimhf.base.arrays import Floats, Floats32, Ints, Mask
    from wimhf.base.cache import KeyValueCache, cache_folder
    from wimhf.base.calls import RedirectError, bounded_client
    from wimhf.base.config import (
        DICTIONARIES,
        MEANINGS,
        PAIRINGS,
        READ_LIMITS,
        ROLES,
        Config,
        DescribeConfig,
        DictionaryConfig,
        PreferenceConfig,
        ReadConfig,
        SplitConfig,
    )
    from wimhf.base.config_models import (
        EXCHANGE_TEMPLATE,
        LLM_SCORES,
        OFFLINE_SCORES,
        RESPONSE_TEMPLATE,
        EmbedConfig,
        LlmConfig,
        RewardConfig,
    )
    from wimhf.base.config_options import SETTINGS, Setting, nested_settings, setting
    from wimhf.base.engine import LOCAL, Engine, check_engine, engine_of
    from wimhf.base.files import (
        expanded,
        file_hash,
        forget_hashes,
        regular_place,
        write_atomically,
        write_error,
    )
    from wimhf.base.large import large_array, rows_of
    from wimhf.base.leftovers import move_together, scratch, sweep
    from wimhf.base.memory import give_back, keep_little
    from wimhf.base.presets import PRESETS, Preset, preset_named
    from wimhf.base.processes import ProcessEngine, processors
    from wimhf.base.progress import Event, Progress, duration, silent
    from wimhf.base.reading import json_value, toml_table
    from wimhf.base.servers import Address, server_address, without_secrets
    from wimhf.base.streams import Stream, stream
    from wimhf.base.threads import meanwhile, side_by_side

__all__ = [
    "DICTIONARIES",
    "EXCHANGE_TEMPLATE",
    "LLM_SCORES",
    "LOCAL",
    "MEANINGS",
    "OFFLINE_SCORES",
    "PAIRINGS",
    "PRESETS",
    "READ_LIMITS",
    "RESPONSE_TEMPLATE",
    "ROLES",
    "SETTINGS",
    "Address",
    "Config",
    "DescribeConfig",
    "DictionaryConfig",
    "EmbedConfig",
    "Engine",
    "Event",
    "Floats",
    "Floats32",
    "Ints",
    "KeyValueCache",
    "LlmConfig",
    "Mask",
    "PreferenceConfig",
    "Preset",
    "ProcessEngine",
    "Progress",
    "ReadConfig",
    "RedirectError",
    "RewardConfig",
    "Setting",
    "SplitConfig",
    "Stream",
    "bounded_client",
    "cache_folder",
    "check_engine",
    "duration",
    "engine_of",
    "expanded",
    "file_hash",
    "forget_hashes",
    "give_back",
    "json_value",
    "keep_little",
    "large_array",
    "lazy_face",
    "meanwhile",
    "move_together",
    "nested_settings",
    "preset_named",
    "processors",
    "regular_place",
    "rows_of",
    "scratch",
    "server_address",
    "setting",
    "side_by_side",
    "silent",
    "stream",
    "sweep",
    "toml_table",
    "without_secrets",
    "write_atomically",
    "write_error",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "arrays": ("Floats", "Floats32", "Ints", "Mask"),
        "cache": ("KeyValueCache", "cache_folder"),
        "calls": ("RedirectError", "bounded_client"),
        "config": (
            "Config",
            "DICTIONARIES",
            "DescribeConfig",
            "DictionaryConfig",
            "MEANINGS",
            "PAIRINGS",
            "PreferenceConfig",
            "READ_LIMITS",
            "ROLES",
            "ReadConfig",
            "SplitConfig",
        ),
        "config_models": (
            "EXCHANGE_TEMPLATE",
            "EmbedConfig",
            "LLM_SCORES",
            "LlmConfig",
            "OFFLINE_SCORES",
            "RESPONSE_TEMPLATE",
            "RewardConfig",
        ),
        "config_options": ("SETTINGS", "Setting", "nested_settings", "setting"),
        "engine": ("LOCAL", "Engine", "check_engine", "engine_of"),
        "files": (
            "expanded",
            "file_hash",
            "forget_hashes",
            "regular_place",
            "write_atomically",
            "write_error",
        ),
        "large": ("large_array", "rows_of"),
        "leftovers": ("move_together", "scratch", "sweep"),
        "memory": ("give_back", "keep_little"),
        "presets": ("PRESETS", "Preset", "preset_named"),
        "processes": ("ProcessEngine", "processors"),
        "progress": ("Event", "Progress", "duration", "silent"),
        "reading": ("json_value", "toml_table"),
        "servers": ("Address", "server_address", "without_secrets"),
        "streams": ("Stream", "stream"),
        "threads": ("meanwhile", "side_by_side"),
    },
)
