"""Settings: one frozen dataclass per stage, read from TOML and flags."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wimhf.base.config_checks import (
    at_least,
    at_most,
    built_table,
    check_device,
    one_of,
    plain_types,
    require,
)
from wimhf.base.config_models import EmbedConfig, LlmConfig, RewardConfig
from wimhf.base.config_stats import PreferenceConfig, RulesConfig, SubsetConfig
from wimhf.base.engine import ENGINES
from wimhf.base.reading import toml_table
from wimhf.base.servers import without_secrets
from wimhf.errors import ConfigError

__all__ = [
    "Config", "DescribeConfig", "DictionaryConfig", "EmbedConfig", "LlmConfig", "PreferenceConfig",
    "ReadConfig", "RewardConfig", "RulesConfig", "SplitConfig", "SubsetConfig",
]  # fmt: skip


READ_LIMITS = ("max_line", "max_unpacked", "max_columns")
"""Settings of reading that change no row."""


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
    label_map: dict[str, str] = field(default_factory=dict)
    """What a code of the source's labels means: a, b, tie or none (no label)."""
    roles: dict[str, str] = field(default_factory=dict)
    """What a role of the source's conversations is: user, assistant, system or tool."""
    pairs: str = "all"
    """Which of several answers to a prompt are compared: all, adjacent or best."""
    max_line: int = 64 * 2**20
    """Bytes of a line at most."""
    max_unpacked: int = 64 * 2**30
    """Bytes that a packed file holds at most."""
    max_columns: int = 10_000
    """Columns of a row at most."""

    def __post_init__(self) -> None:
        at_least("limit", self.limit, 1, " row, or leave it out")
        require("read", self, dict.fromkeys(READ_LIMITS, 1))
        one_of("--label-map", self.label_map.values(), MEANINGS)
        one_of("--roles", self.roles.values(), ROLES)
        one_of("--pairs", (self.pairs,), PAIRINGS)


MEANINGS = ("a", "b", "tie", "none")
ROLES = ("user", "assistant", "system", "tool")
PAIRINGS = ("all", "adjacent", "best")


GROUPS = ("prompt", "first-turn")


@dataclass(frozen=True)
class SplitConfig:
    """Shares of the pairs that fit, choose and report, and what holds pairs together."""

    fit: float = 0.6
    select: float = 0.2
    group: str = "prompt"
    """Pairs hang together by prompt, conversation and identical responses; with ``first-turn`` by
    what the user says first, too."""

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            raise ConfigError(f"group {self.group!r} is unknown; use {' or '.join(GROUPS)}")
        if not (min(self.fit, self.select) > 0 and self.fit + self.select < 1):
            raise ConfigError(
                f"fit {self.fit} and select {self.select} must be positive and leave a share "
                "for test; e.g. fit 0.6, select 0.2"
            )


DICTIONARIES = ("batch_topk", "mp", "snmf", "vq", "transcoder", "vsae", "supervised")
"""Kinds of dictionary; docs/dictionaries.md says for whom each is."""


@dataclass(frozen=True)
class DictionaryConfig:
    """The dictionary and its training."""

    kind: str = "batch_topk"
    """One of ``DICTIONARIES``."""
    target: str | None = None
    """The encoder whose differences a transcoder writes; None: its own, and what labels say."""
    features: int | None = None
    """Number of features m; None chooses by the number of pairs."""
    k: int | None = None
    """Mean number of active features in a pair; None chooses by the number of pairs."""
    prefixes: tuple[int, ...] = ()
    """Matryoshka prefixes below m, e.g. (8, 16); empty trains all features at once."""
    steps: int | None = None
    """Training steps; None is 50 epochs, at least 600 and at most 20,000."""
    batch: int = 256
    learning_rate: float = 1e-2
    warmup: int = 50
    aux_weight: float = 1 / 32
    dead_after: int = 16_000
    """A feature is dead when it has not fired in this many pairs."""
    restarts: int | None = None
    """Seeds trained, of which the one that explains the select split best is kept; the others say
    how stable its features are. None trains two."""
    device: str = "auto"

    def __post_init__(self) -> None:
        m, k = self.features, self.k
        one_of("--dictionary", (self.kind,), DICTIONARIES)
        if self.prefixes and self.kind != DICTIONARIES[0]:
            raise ConfigError(
                f"--prefixes orders the features of batch_topk alone and {self.kind} has no such "
                "order; leave it out, or use --dictionary batch_topk"
            )
        if self.target and self.kind != "transcoder":
            raise ConfigError(
                f"--target-encoder is what a transcoder writes and {self.kind} has none; leave it "
                "out, or use --dictionary transcoder"
            )
        at_least("features", m, 1, "")
        at_most("features", m, 100_000)
        at_most("batch", self.batch, 1_000_000)
        at_most("steps", self.steps, 100_000_000)
        at_most("restarts", self.restarts, 1_000)
        at_least("k", k, 1, "")
        if m is not None and k is not None and k > m:
            raise ConfigError(f"k={k} exceeds features={m}; lower --k or raise --features")
        if m is not None and any(p >= m for p in self.prefixes):
            raise ConfigError(f"prefixes {self.prefixes} must lie between 1 and features={m}")
        if list(self.prefixes) != sorted({p for p in self.prefixes if p > 0}):
            raise ConfigError(f"prefixes {self.prefixes} must rise from at least 1, e.g. 8,16")
        require("dictionary", self, {"batch": 2, "warmup": 1, "dead_after": 1})
        at_least("restarts", self.restarts, 1)
        at_least("steps", self.steps, 1)
        if not 0 < self.learning_rate <= 1 or not 0 <= self.aux_weight <= 1e3:
            raise ConfigError(
                f"learning_rate {self.learning_rate} must lie in 0 to 1 and aux_weight "
                f"{self.aux_weight} in 0 to 1000"
            )
        check_device(self.device)


@dataclass(frozen=True)
class DescribeConfig:
    """How features are put into words and when a description counts as understood."""

    min_fidelity: float = 0.3
    """Below this held-out correlation a feature is shown as not understood."""
    concepts: tuple[str, ...] = ()
    """Files of your own concepts (TOML, as in wimhf/concepts/written)."""
    bank: bool = True
    """Whether the packaged concepts are counted, too."""
    max_pairs: int = 20_000
    """Pairs sampled for describing; a proof needs no more."""

    def __post_init__(self) -> None:
        require("describe", self, {"max_pairs": 100})
        if not -1 <= self.min_fidelity <= 1:
            raise ConfigError(f"min_fidelity is {self.min_fidelity}; a correlation is in -1 to 1")


RETIRED = {("describe", "max_terms")}
"""Settings of older runs that decide nothing any more."""


@dataclass(frozen=True)
class Config:
    """Everything that decides what a run contains."""

    seed: int = 0
    engine: str = "local"
    """Where texts are embedded, counted and scored: local, or ray. It changes no result."""
    read: ReadConfig = ReadConfig()
    split: SplitConfig = SplitConfig()
    embed: EmbedConfig = EmbedConfig()
    dictionary: DictionaryConfig = DictionaryConfig()
    describe: DescribeConfig = DescribeConfig()
    llm: LlmConfig = LlmConfig()
    reward: RewardConfig = RewardConfig()
    subsets: SubsetConfig = SubsetConfig()
    preference: PreferenceConfig = PreferenceConfig()
    rules: RulesConfig = RulesConfig()

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**62:
            raise ConfigError(f"seed is {self.seed}; give a whole number from 0")
        one_of("--engine", (self.engine,), ENGINES)

    def to_dict(self, *, secrets: bool = False) -> dict[str, Any]:
        """Return the settings as plain JSON types.

        Parameters
        ----------
        secrets
            Whether the server's address keeps its user, password and query: never in a file.
        """
        shown = self
        if self.llm.base_url and not secrets:
            llm = dataclasses.replace(self.llm, base_url=without_secrets(self.llm.base_url))
            shown = dataclasses.replace(self, llm=llm)
        return {name: plain_types(value) for name, value in dataclasses.asdict(shown).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Config:
        """Build settings from nested dictionaries; unknown names are refused, retired ones dropped.

        Raises
        ------
        ConfigError
            If a name is unknown or a value contradicts another one.
        """
        kept = {
            table: {k: v for k, v in rows.items() if (table, k) not in RETIRED}
            if isinstance(rows, dict) else rows
            for table, rows in values.items()
        }  # fmt: skip
        return built_table(cls(), kept)

    @classmethod
    def from_toml(cls, path: Path) -> Config:
        """Read settings from a TOML file with one table per stage."""
        try:
            return cls.from_dict(toml_table(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise ConfigError(f"settings file {path} does not exist; check --config") from None
        except OSError as error:
            raise ConfigError(f"settings file {path} cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"settings file {path} is not TOML: {error}") from None
