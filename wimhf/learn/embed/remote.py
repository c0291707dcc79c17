"""Embeddings from any OpenAI-compatible server: openai:MODEL."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from wimhf.base import Floats, Floats32, bounded_client, server_address
from wimhf.errors import EncoderError

if TYPE_CHECKING:
    from openai import APIStatusError
    from openai.types import CreateEmbeddingResponse

CHARACTERS_PER_TOKEN = 3
"""A server does not lend its tokenizer, so tokens are estimated on the safe side: three ASCII
characters each, and every other character one."""
SECONDS = 300.0
"""A call, with its answer, that takes longer is given up."""
USUAL_PAUSE = 15.0
"""Seconds until a server that has no room, and does not say for how long, is asked again."""
PATIENCE = 600.0
"""Seconds that a call waits in all for a server that has no room."""
TOKENS_PER_CALL = 200_000
"""OpenAI refuses a request of more than 300,000 tokens."""


class RemoteEncoder:
    """A model behind an embeddings endpoint; OPENAI_BASE_URL and OPENAI_API_KEY say which.

    Texts leave this machine for that server.
    """

    chunk = 256

    def __init__(self, model: str, max_tokens: int | None) -> None:
        if not model:
            raise EncoderError("openai: names no model; write e.g. openai:text-embedding-3-small")
        try:
            import openai
        except ImportError:
            raise EncoderError(
                "openai:MODEL needs the openai package; pip install 'wimhf[llm]'"
            ) from None
        self.id = f"openai:{model}"
        self.model = model
        self.max_tokens: int | None = max_tokens or 8191
        self._address = server_address()
        self.revision = self._address.shown
        if self._address.lacks_key:
            raise EncoderError(
                "OPENAI_API_KEY is not set; set it, or set OPENAI_BASE_URL to your own server"
            )
        try:
            self._client = openai.OpenAI(
                api_key=self._address.key or "none", base_url=self._address.url, max_retries=4,
                timeout=SECONDS, http_client=bounded_client(SECONDS),
            )  # fmt: skip
        except Exception as error:  # httpx's own, on an address that is none
            why = self._address.redacted(error)
            raise EncoderError(f"OPENAI_BASE_URL {self.revision} cannot be used: {why}") from None

    def encode(self, texts: list[str]) -> Floats32:
        """Return (n, d) float32 vectors, in calls of at most TOKENS_PER_CALL estimated tokens."""
        limit = self.max_tokens or 8191
        calls: list[list[str]] = [[]]
        size = 0
        for text, tokens in zip(texts, self.count_tokens(texts), strict=True):
            # the estimate is linear in the text, so cutting by share keeps to the limit
            cut = text if tokens <= limit else self._first_tokens(text, limit)
            size += min(tokens, limit)
            if calls[-1] and size > TOKENS_PER_CALL:
                calls.append([])
                size = min(tokens, limit)
            calls[-1].append(cut)
        return np.concatenate([self._call(call) for call in calls])

    def _call(self, texts: list[str]) -> Floats32:
        """Ask the server, and again when it has no room now, as long as that is not for good."""
        import openai

        waited = 0.0
        while True:
            try:
                return self._asked(texts)
            except openai.RateLimitError as error:
                pause = _pause(error)
                if error.code == "insufficient_quota" or waited + pause > PATIENCE:
                    raise self._refusal(error) from None
                time.sleep(pause)
                waited += pause

    def _asked(self, texts: list[str]) -> Floats32:
        import openai

        try:
            answer = self._client.embeddings.create(
                model=self.model, input=texts, encoding_format="float"
            )
        except openai.RateLimitError:
            raise
        except openai.APIStatusError as error:
            raise self._refusal(error) from None
        except openai.OpenAIError as error:
            # the client's own words are only "Connection error."
            why = self._address.redacted(error.__cause__ or error)
            raise EncoderError(
                f"the embeddings server at {self.revision} cannot be used: {why}; "
                "check OPENAI_BASE_URL"
            ) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise self._strange(str(error)) from None
        return self._vectors(answer, len(texts))

    def _refusal(self, error: APIStatusError) -> EncoderError:
        message = self._address.redacted(error.response.text, 200)
        message = message or error.response.reason_phrase
        return EncoderError(
            f"the embeddings server at {self.revision} answered {error.status_code}: {message}"
        )

    def _vectors(self, answer: CreateEmbeddingResponse, n: int) -> Floats32:
        try:
            rows = sorted(answer.data, key=lambda item: item.index)
            vectors = np.asarray([row.embedding for row in rows], dtype=np.float32)
        except (ValueError, TypeError, AttributeError) as error:
            raise self._strange(str(error)) from None
        if len(rows) != n or vectors.ndim != 2:
            raise self._strange(f"an array of shape {vectors.shape} for {n} texts")
        return vectors

    def _strange(self, what: str) -> EncoderError:
        return EncoderError(
            f"the embeddings server at {self.revision} gave no usable embeddings "
            f"({self._address.redacted(what, 160) or 'nothing'}); check OPENAI_BASE_URL"
        )

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Estimate tokens from characters."""
        return [int(np.ceil(_cost(text).sum())) for text in texts]

    def _first_tokens(self, text: str, count: int) -> str:
        return text[: int(np.searchsorted(np.cumsum(_cost(text)), count, side="right"))]

    def last_tokens(self, text: str, count: int) -> str:
        """Return the end of the text by estimated tokens."""
        return self._first_tokens(text[::-1], count)[::-1] if count > 0 else ""


def _pause(error: APIStatusError) -> float:
    """Return the seconds for which a server that has no room asks."""
    try:
        asked = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return USUAL_PAUSE
    return asked if 0 < asked < float("inf") else USUAL_PAUSE


def _cost(text: str) -> Floats:
    """Return the estimated tokens of every character."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    return np.where(points < 128, 1 / CHARACTERS_PER_TOKEN, 1.0)
