"""Embeddings from any OpenAI-compatible server: openai:MODEL."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wimhf.errors import EncoderError

Floats = NDArray[np.float32]
DEFAULT_URL = "https://api.openai.com/v1"
CHARACTERS_PER_TOKEN = 3
"""Texts are cut by characters: a server does not lend its tokenizer. Few scripts need fewer."""


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
        self.revision = os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL
        key = os.environ.get("OPENAI_API_KEY")
        if not key and self.revision == DEFAULT_URL:
            raise EncoderError(
                "OPENAI_API_KEY is not set; set it, or set OPENAI_BASE_URL to your own server"
            )
        try:
            self._client = openai.OpenAI(
                api_key=key or "none", base_url=self.revision, max_retries=4
            )
        except Exception as error:  # httpx's own, on an address that is none
            raise EncoderError(f"OPENAI_BASE_URL {self.revision} cannot be used: {error}") from None

    def encode(self, texts: list[str]) -> Floats:
        """Return (n, d) float32 vectors, in as few calls as the server's batch limit allows."""
        import openai

        limit = (self.max_tokens or 8191) * CHARACTERS_PER_TOKEN
        try:
            answer = self._client.embeddings.create(
                model=self.model,
                input=[text[:limit] for text in texts],
                encoding_format="float",
            )
        except openai.APIStatusError as error:
            said = " ".join(error.response.text.split())[:200] or error.response.reason_phrase
            raise EncoderError(
                f"the embeddings server at {self.revision} answered {error.status_code}: {said}"
            ) from None
        except openai.OpenAIError as error:
            # the client's own words are only "Connection error."
            why = " ".join(str(error.__cause__ or error).split())
            raise EncoderError(
                f"the embeddings server at {self.revision} cannot be used: {why}; "
                "check OPENAI_BASE_URL"
            ) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise self._strange(str(error)) from None
        return self._vectors(answer, len(texts))

    def _vectors(self, answer: Any, n: int) -> Floats:
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
            f"({what.splitlines()[0][:160] if what else 'nothing'}); check OPENAI_BASE_URL"
        )

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Estimate tokens from characters."""
        return [-(-len(text) // CHARACTERS_PER_TOKEN) for text in texts]

    def last_tokens(self, text: str, count: int) -> str:
        """Return the end of the text by estimated tokens."""
        return text[-count * CHARACTERS_PER_TOKEN :] if count > 0 else ""
