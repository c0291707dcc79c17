"""Presets: encoder, template, sizes and describer set together, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wimhf.errors import ConfigError

Tables = Mapping[str, Mapping[str, object]]
INSTRUCTED = (
    "Instruct: Represent this user-assistant exchange for predicting which assistant response "
    "humans would prefer\nQuery: User: {prompt}\nAssistant: {response}"
)
"""The published instruction for instructed embedders; the prompt is cut before the response is."""


@dataclass(frozen=True)
class Preset:
    """Settings that belong together.

    Attributes
    ----------
    says
        What it is, in a few words.
    costs
        What it takes: time, memory, money, and where texts go.
    settings
        Tables as ``Config.from_dict`` takes them; what is given besides overrides them.
    """

    says: str
    costs: str
    settings: Tables = field(default_factory=dict)


PRESETS: Mapping[str, Preset] = {
    "offline": Preset(
        "packaged encoders, names without a model",
        "nothing leaves the machine; a minute or two for some thousand pairs on two cores",
    ),
    "paper": Preset(
        "as published: text-embedding-3-small on responses, 32 features, 4 active, prefixes 8 and "
        "32, names by gpt-5, judged by gpt-5-mini on 300 pairs",
        "texts go to the server; about 0.02 dollars per million tokens for vectors, and at most "
        "32 x (5 + 5 x 2 x 20 + 2 x 300) calls for names, which --max-calls and --max-cost bound",
        {
            "embed": {"encoder": "openai:text-embedding-3-small", "template": "{response}",
                      "price": 0.02},
            "dictionary": {"features": 32, "k": 4, "prefixes": [8]},
            "llm": {"model": "gpt-5", "judge": "gpt-5-mini", "candidates": 5, "test_pairs": 300,
                    "max_calls": 26_000},
        },
    ),
    "strong": Preset(
        "an instructed embedder, Qwen3-Embedding of 0.6 billion weights, over prompt and response",
        "1.2 GB from the hub once and 3 GB of memory; a day or so for ten thousand pairs on two "
        "cores, minutes on a GPU; published: dense AUC of HH .647 -> .70, of PKU .758 -> .84 with "
        "8 billion weights",
        {
            "embed": {"encoder": "Qwen/Qwen3-Embedding-0.6B", "template": INSTRUCTED,
                      "max_tokens": 1024, "batch_size": 8},
        },
    ),
    "gpu": Preset(
        "the same embedder of 8 billion weights on a GPU, and four dictionaries to choose from",
        "16 GB from the hub once and a GPU with 24 GB",
        {
            "embed": {"encoder": "Qwen/Qwen3-Embedding-8B", "template": INSTRUCTED,
                      "max_tokens": 2048, "batch_size": 16, "device": "cuda"},
            "dictionary": {"restarts": 4, "device": "cuda"},
        },
    ),
}  # fmt: skip


def preset_named(name: str) -> Preset:
    """Return the preset of a name.

    Raises
    ------
    ConfigError
        If there is none.
    """
    if name not in PRESETS:
        raise ConfigError(f"there is no preset {name!r}; there are {', '.join(PRESETS)}")
    return PRESETS[name]
