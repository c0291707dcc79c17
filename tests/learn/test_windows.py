"""Whole exchanges: nothing is lost, short ones are as they were, shared prompts cancel."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.base import Config, EmbedConfig
from wimhf.data.pairs import Pair, pair_table
from wimhf.errors import ConfigError
from wimhf.learn.embed import embed_pairs
from wimhf.learn.embed.windows import windows

WHOLE = EmbedConfig(template="exchange")


class Words:
    """Words are tokens; a vector is the mean of one of its own for every word."""

    id, revision, chunk = "words", "1", 16

    def __init__(self, max_tokens: int | None) -> None:
        self.max_tokens = max_tokens
        self.seen: list[str] = []

    def encode(self, texts: list[str]) -> np.ndarray:
        self.seen += texts
        return np.stack([self._mean(text) for text in texts]).astype(np.float32)

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def last_tokens(self, text: str, count: int) -> str:
        starts = [one.start() for one in re.finditer(r"\S+", text)]
        if len(starts) <= count:
            return text
        return text[starts[-count] :] if count > 0 else ""

    def _mean(self, text: str) -> np.ndarray:
        kept = text.split()[: self.max_tokens]
        return np.mean([_vector(word) for word in kept], axis=0)


def _vector(word: str) -> np.ndarray:
    return np.random.default_rng(int.from_bytes(word.encode()[-6:], "little")).standard_normal(6)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIMHF_CACHE", str(tmp_path))


def pairs(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pair_table([Pair(*row, 1.0) for row in rows], range(len(rows)))


@given(st.integers(1, 120), st.integers(6, 40))
def test_windows_joined_are_the_text_and_none_is_too_long(count: int, limit: int) -> None:
    encoder = Words(limit)
    text = " ".join(f"w{n}" for n in range(count))
    found = windows(text, count, encoder)
    assert "".join(piece for piece, _ in found) == text
    assert all(n <= limit for n in encoder.count_tokens([piece for piece, _ in found]))
    assert sum(tokens for _, tokens in found) == count


@pytest.mark.usefixtures("cache")
def test_a_short_exchange_is_one_text() -> None:
    plain = EmbedConfig(template="User: {prompt}\n\nAssistant: {response}", normalize=False)
    table = pairs(("who are you", "nobody", "a friend"))
    whole = EmbedConfig(template="exchange", normalize=False)
    one, other = (embed_pairs(table, Words(50), config) for config in (whole, plain))
    assert np.allclose(one.vectors, other.vectors, atol=1e-6)


@pytest.mark.usefixtures("cache")
def test_a_long_exchange_is_the_mean_of_all_its_words() -> None:
    words = " ".join(f"p{n}" for n in range(70))
    table = pairs((words, " ".join(f"a{n}" for n in range(45)), "no"))
    config = EmbedConfig(template="exchange", normalize=False)
    short, long = (embed_pairs(table, Words(limit), config) for limit in (20, None))
    assert np.allclose(short.vectors, long.vectors, atol=1e-5)
    assert (short.n_cut, long.n_cut) == (0, 0)


@pytest.mark.usefixtures("cache")
def test_windows_of_a_shared_prompt_are_embedded_once() -> None:
    table = pairs((" ".join(f"p{n}" for n in range(90)), "yes", "no"))
    encoder = Words(20)
    found = embed_pairs(table, encoder, WHOLE)
    assert len(set(encoder.seen)) == len(encoder.seen)
    shared = [text for text in encoder.seen if "Assistant:" not in text]
    assert len(shared) >= 4
    assert np.allclose(np.linalg.norm(found.vectors, axis=1), 1.0, atol=1e-6)


def test_only_templates_with_a_response_or_exchange_are_taken() -> None:
    assert Config.from_dict({"embed": {"template": "exchange"}}).embed.template == "exchange"
    with pytest.raises(ConfigError, match="write exchange, or"):
        EmbedConfig(template="exchanges")
