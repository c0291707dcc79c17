"""Settings of the models that others made: encoders, language models, reward models."""

from __future__ import annotations

from dataclasses import dataclass

from wimhf.base.config_checks import at_least, at_most, check_device, require
from wimhf.errors import ConfigError

RESPONSE_TEMPLATE = "{response}"
EXCHANGE_TEMPLATE = "exchange"
LLM_SCORES = ("detection", "fuzzing", "surprisal", "intervention")
OFFLINE_SCORES = ("embedding",)
"""Scores of names that need no language model."""


@dataclass(frozen=True)
class EmbedConfig:
    """Which encoder turns texts into vectors, and on what text."""

    encoder: str = "auto"
    """auto, minilm, fast, a sentence-transformers id or folder, openai:MODEL."""
    embeddings: str | None = None
    """Path of precomputed vectors (.npy by row, or .parquet keyed by text or by row)."""
    template: str = RESPONSE_TEMPLATE
    """What is embedded; exchange is prompt and response whole, in windows where they are long."""
    max_tokens: int | None = None
    """Cut texts here; None is the encoder's own limit."""
    normalize: bool = True
    """Scale every embedding to length 1 (a difference is never scaled row by row)."""
    batch_size: int = 64
    concurrency: int = 8
    """Calls to a server of embeddings that are open at once."""
    price: float = 0.0
    """Dollars per million tokens that a server of embeddings reads; tells what they will cost."""
    device: str = "auto"
    trusted: tuple[str, ...] = ()
    """Models whose own code may run on this machine, each by the name it is given here."""

    def __post_init__(self) -> None:
        if "{response}" not in self.template and self.template != EXCHANGE_TEMPLATE:
            raise ConfigError(
                f"template {self.template!r} has no {{response}}; "
                "write exchange, or e.g. 'User: {prompt} Assistant: {response}'"
            )
        at_least("max_tokens", self.max_tokens, 8)
        at_least("batch_size", self.batch_size, 1, "")
        at_least("embed.concurrency", self.concurrency, 1, "")
        at_most("embed.concurrency", self.concurrency, 1_000)
        if not 0 <= self.price < float("inf"):
            raise ConfigError(f"embed.price {self.price} must be 0 or more dollars")
        check_device(self.device)


@dataclass(frozen=True)
class LlmConfig:
    """A language model that describes features, behind any OpenAI-compatible server."""

    model: str | None = None
    judge: str | None = None
    """Model of the same server that judges sentences; None is the one that writes them."""
    base_url: str | None = None
    """None is OPENAI_BASE_URL, else OpenAI's own. The key is OPENAI_API_KEY."""
    features: int | None = None
    """Features described, those that the written concepts know least first; None is all."""
    candidates: int = 3
    """Sentences proposed for every feature."""
    examples: int = 8
    """Pairs shown for a proposal."""
    select_pairs: int = 20
    """Pairs judged to choose a sentence, in both orders."""
    test_pairs: int = 60
    """Pairs judged to prove the chosen one, in both orders."""
    scores: tuple[str, ...] = ()
    """More scores of the winning descriptions, by the model; embedding needs none."""
    score_pairs: int = 40
    """Held-out pairs behind each of these scores, in both orders."""
    second_encoder: str | None = None
    """Encoder of the embedding score; None is minilm, or fast where minilm made the vectors."""
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
        at_least("llm.features", self.features, 1)
        at_most("llm.concurrency", self.concurrency, 1_000)
        if self.timeout <= 0 or not 0 < self.max_failures <= 1:
            raise ConfigError(
                f"llm.timeout {self.timeout} must be above 0 and max_failures "
                f"{self.max_failures} in 0 to 1"
            )
        known = (*LLM_SCORES, *OFFLINE_SCORES)
        unknown = sorted(set(self.scores) - set(known))
        if unknown:
            raise ConfigError(f"llm.scores has no {', '.join(unknown)}; known: {', '.join(known)}")
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
    trusted: tuple[str, ...] = ()
    """As of the encoder."""

    def __post_init__(self) -> None:
        require("reward", self, {"batch_size": 1})
        at_least("max_tokens", self.max_tokens, 8)
        check_device(self.device)
