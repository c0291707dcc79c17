"""Settings: one frozen dataclass per stage, read from TOML and flags."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wimhf.errors import ConfigError
from wimhf.settings import built_table, check_type, plain_types, refuse_unknown

RESPONSE_TEMPLATE = "{response}"
LLM_SCORES = ("detection", "fuzzing")


def check_device(device: str) -> None:
    """Refuse a device name that torch would not understand."""
    if device != "auto" and device.split(":")[0] not in {"cpu", "cuda", "mps"}:
        raise ConfigError(f"device {device!r} is unknown; use auto, cpu, cuda, cuda:N or mps")


def require(table: str, settings: object, least: dict[str, int]) -> None:
    """Refuse whole-number settings below their least sensible value."""
    for name, bound in least.items():
        value = getattr(settings, name)
        if value < bound:
            raise ConfigError(f"{table}.{name} is {value}; give at least {bound}")


@dataclass(frozen=True)
class ReadConfig:
    """What to read and how to understand it."""

    source: str = ""
    """A file, a folder, a glob, or hf:owner/name[:config][:split]."""
    also: tuple[str, ...] = ()
    """More sources read after it."""
    format: str = "auto"
    columns: dict[str, str] = field(default_factory=dict)
    """Pair-table column -> source column, for sources with their own names."""
    limit: int | None = None
    """Read at most this many rows."""
    label: str | None = None
    """Keep only this annotator's labels, where a row has several."""

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise ConfigError(f"limit is {self.limit}; give at least 1 row, or leave it out")


@dataclass(frozen=True)
class SplitConfig:
    """Shares of the pairs that fit, choose and report."""

    fit: float = 0.6
    select: float = 0.2

    def __post_init__(self) -> None:
        if not (min(self.fit, self.select) > 0 and self.fit + self.select < 1):
            raise ConfigError(
                f"fit {self.fit} and select {self.select} must be positive and leave a share "
                "for test; e.g. fit 0.6, select 0.2"
            )


@dataclass(frozen=True)
class EmbedConfig:
    """Which encoder turns texts into vectors, and on what text."""

    encoder: str = "auto"
    """auto, minilm, fast, a sentence-transformers id or folder, openai:MODEL."""
    embeddings: str | None = None
    """Path of precomputed vectors (.npy by row, or .parquet keyed by text or by row)."""
    template: str = RESPONSE_TEMPLATE
    max_tokens: int | None = None
    """Cut texts here; None is the encoder's own limit."""
    normalize: bool = True
    """Scale every embedding to length 1 (a difference is never scaled row by row)."""
    batch_size: int = 64
    device: str = "auto"

    def __post_init__(self) -> None:
        if "{response}" not in self.template:
            raise ConfigError(
                f"template {self.template!r} has no {{response}}; "
                "write e.g. 'User: {prompt} Assistant: {response}'"
            )
        if self.max_tokens is not None and self.max_tokens < 8:
            raise ConfigError(f"max_tokens is {self.max_tokens}; give at least 8, or leave it out")
        if self.batch_size < 1:
            raise ConfigError(f"batch_size is {self.batch_size}; give at least 1")
        check_device(self.device)


@dataclass(frozen=True)
class DictionaryConfig:
    """The signed BatchTopK dictionary and its training."""

    features: int | None = None
    """Number of features m; None chooses by the number of pairs."""
    k: int | None = None
    """Mean number of active features in a pair; None chooses by the number of pairs."""
    prefixes: tuple[int, ...] = ()
    """Matryoshka prefixes below m, e.g. (8, 16); empty trains all features at once."""
    steps: int | None = None
    """Training steps; None is 50 epochs, at least 2,000 and at most 20,000."""
    batch: int = 256
    learning_rate: float = 1e-2
    warmup: int = 50
    aux_weight: float = 1 / 32
    dead_after: int = 16_000
    """A feature is dead when it has not fired in this many pairs."""
    restarts: int = 4
    """Seeds trained; the one that explains and describes the select split best is kept."""
    device: str = "auto"

    def __post_init__(self) -> None:
        m, k = self.features, self.k
        if m is not None and m < 1:
            raise ConfigError(f"features is {m}; give at least 1")
        if k is not None and k < 1:
            raise ConfigError(f"k is {k}; give at least 1")
        if m is not None and k is not None and k > m:
            raise ConfigError(f"k={k} exceeds features={m}; lower --k or raise --features")
        if m is not None and any(p >= m for p in self.prefixes):
            raise ConfigError(f"prefixes {self.prefixes} must lie between 1 and features={m}")
        if list(self.prefixes) != sorted({p for p in self.prefixes if p > 0}):
            raise ConfigError(f"prefixes {self.prefixes} must rise from at least 1, e.g. 8,16")
        require("dictionary", self, {"restarts": 1, "batch": 2, "warmup": 1, "dead_after": 1})
        if self.steps is not None and self.steps < 1:
            raise ConfigError(f"steps is {self.steps}; give at least 1, or leave it out")
        if not 0 < self.learning_rate <= 1 or not 0 <= self.aux_weight <= 1e3:
            raise ConfigError(
                f"learning_rate {self.learning_rate} must lie in 0 to 1 and aux_weight "
                f"{self.aux_weight} in 0 to 1000"
            )
        check_device(self.device)


@dataclass(frozen=True)
class DescribeConfig:
    """How features are put into words and when a description counts as understood."""

    max_terms: int = 5
    min_fidelity: float = 0.15
    """Below this held-out correlation a feature is shown as not understood."""
    concepts: tuple[str, ...] = ()
    """Files of your own concepts (TOML, as in wimhf/describe/concepts)."""
    max_pairs: int = 20_000
    """Pairs sampled for describing; a proof needs no more."""

    def __post_init__(self) -> None:
        require("describe", self, {"max_terms": 1, "max_pairs": 100})
        if not -1 <= self.min_fidelity <= 1:
            raise ConfigError(f"min_fidelity is {self.min_fidelity}; a correlation is in -1 to 1")


@dataclass(frozen=True)
class LlmConfig:
    """A language model that describes features, behind any OpenAI-compatible server."""

    model: str | None = None
    base_url: str | None = None
    """None is OPENAI_BASE_URL, else OpenAI's own. The key is OPENAI_API_KEY."""
    candidates: int = 3
    """Sentences proposed for every feature."""
    examples: int = 8
    """Pairs shown for a proposal."""
    select_pairs: int = 20
    """Pairs judged to choose a sentence, in both orders."""
    test_pairs: int = 60
    """Pairs judged to prove the chosen one, in both orders."""
    scores: tuple[str, ...] = ()
    """More asked of the winning descriptions: detection, fuzzing."""
    score_pairs: int = 40
    """Held-out pairs behind each of these scores, in both orders."""
    characters: int = 1500
    """Characters of a text that are shown."""
    concurrency: int = 8
    timeout: float = 120.0
    temperature: float = 0.7
    max_failures: float = 0.2
    """Share of failed calls at which the server is given up."""
    max_calls: int | None = None
    """Calls that may be sent; None is 10,000."""
    max_cost: float | None = None
    """Dollars that may be spent, by the prices below."""
    price_in: float = 0.0
    """Dollars per million tokens read."""
    price_out: float = 0.0
    """Dollars per million tokens written."""

    def __post_init__(self) -> None:
        least = {"candidates": 1, "examples": 2, "select_pairs": 10, "test_pairs": 20}
        least |= {"score_pairs": 20, "characters": 100, "concurrency": 1}
        require("llm", self, least)
        if self.timeout <= 0 or not 0 < self.max_failures <= 1:
            raise ConfigError(
                f"llm.timeout {self.timeout} must be above 0 and max_failures "
                f"{self.max_failures} in 0 to 1"
            )
        unknown = sorted(set(self.scores) - set(LLM_SCORES))
        if unknown:
            raise ConfigError(
                f"llm.scores has no {', '.join(unknown)}; known: {', '.join(LLM_SCORES)}"
            )
        self._check_budget()

    def _check_budget(self) -> None:
        budget = (self.max_calls, self.max_cost, self.price_in, self.price_out)
        if any(value is not None and not 0 <= value < float("inf") for value in budget):
            raise ConfigError(
                f"llm.max_calls {self.max_calls}, max_cost {self.max_cost}, price_in "
                f"{self.price_in} and price_out {self.price_out} must be 0 or more"
            )
        if self.max_cost is not None and not (self.price_in or self.price_out):
            raise ConfigError(
                "llm.max_cost means nothing without prices; give price_in and price_out "
                "(--prices 0.25,2), or limit the calls with max_calls"
            )


@dataclass(frozen=True)
class RewardConfig:
    """A reward model whose scores are one more baseline."""

    model: str | None = None
    """A transformers sequence-classification model: hub id or folder."""
    max_tokens: int | None = None
    """Cut conversations here, from the left; None is the model's own limit, at most 4096."""
    batch_size: int = 8
    device: str = "auto"

    def __post_init__(self) -> None:
        require("reward", self, {"batch_size": 1})
        if self.max_tokens is not None and self.max_tokens < 8:
            raise ConfigError(f"max_tokens is {self.max_tokens}; give at least 8, or leave it out")
        check_device(self.device)


@dataclass(frozen=True)
class SubsetConfig:
    """Subsets between which effects are compared."""

    by: str = "auto"
    """auto, none, prompts (clusters of prompts), or a column of the pairs or of the source."""
    clusters: int | None = None
    """Clusters of prompts; None makes one for every 300 prompts, between 2 and 8."""

    def __post_init__(self) -> None:
        if self.clusters is not None and not 2 <= self.clusters <= 12:
            raise ConfigError(f"clusters is {self.clusters}; give 2 to 12, or leave it out")


@dataclass(frozen=True)
class PreferenceConfig:
    """The preference model."""

    controls: tuple[str, ...] = ("length",)
    """length, style, or numeric columns of the source: NAME, or FIRST:SECOND for a difference."""
    score_column: str | None = None
    """Scores in the source as one more baseline: NAME (first minus second) or FIRST:SECOND."""
    halvings: int = 50
    """Complementary halves drawn for stability selection."""
    folds: int = 5
    bootstrap: int = 500

    def __post_init__(self) -> None:
        require("preference", self, {"folds": 2, "bootstrap": 50, "halvings": 1})


@dataclass(frozen=True)
class Config:
    """Everything that decides what a run contains."""

    seed: int = 0
    read: ReadConfig = ReadConfig()
    split: SplitConfig = SplitConfig()
    embed: EmbedConfig = EmbedConfig()
    dictionary: DictionaryConfig = DictionaryConfig()
    describe: DescribeConfig = DescribeConfig()
    llm: LlmConfig = LlmConfig()
    reward: RewardConfig = RewardConfig()
    subsets: SubsetConfig = SubsetConfig()
    preference: PreferenceConfig = PreferenceConfig()

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**62:
            raise ConfigError(f"seed is {self.seed}; give a whole number from 0")

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain JSON types."""
        plain: dict[str, Any] = plain_types(dataclasses.asdict(self))
        return plain

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Config:
        """Build settings from nested dictionaries; unknown names are refused.

        Raises
        ------
        ConfigError
            If a name is unknown or a value contradicts another one.
        """
        stages = {f.name: f.default for f in dataclasses.fields(cls)}
        refuse_unknown(values, stages, "the settings")
        built: dict[str, Any] = {}
        for name, value in values.items():
            default = stages[name]
            if dataclasses.is_dataclass(default) and not isinstance(default, type):
                built[name] = built_table(default, value, name)
            else:
                check_type(name, value, "int")
                built[name] = value
        return cls(**built)

    @classmethod
    def from_toml(cls, path: Path) -> Config:
        """Read settings from a TOML file with one table per stage."""
        try:
            return cls.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise ConfigError(f"settings file {path} does not exist; check --config") from None
        except OSError as error:
            raise ConfigError(f"settings file {path} cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"settings file {path} is not TOML: {error}") from None
