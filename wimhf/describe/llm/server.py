"""Questions to a chat model behind any OpenAI-compatible server, many at once, each paid once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from wimhf.config import LlmConfig
from wimhf.describe.llm.cache import AnswerCache, question_key
from wimhf.errors import ConfigError, ServerError

DEFAULT_URL = "https://api.openai.com/v1"
FIRST_FAILURES = 3
"""Failures without a single answer after which a server is given up."""
RETRIES = 4


@dataclass(frozen=True)
class Question:
    """One prompt and how it is to be answered."""

    prompt: str
    max_tokens: int
    temperature: float
    seed: int = 0


class ChatServer:
    """A model behind a server; OPENAI_BASE_URL and OPENAI_API_KEY say which, or the settings.

    Texts leave this machine for that server.
    """

    def __init__(self, config: LlmConfig, cache_folder: Path) -> None:
        try:
            import openai
        except ImportError:
            raise ConfigError("--llm needs the openai package; pip install 'wimhf[llm]'") from None
        self.config = config
        url = config.base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL
        self.address = without_secrets(url)
        key = os.environ.get("OPENAI_API_KEY")
        if not key and url == DEFAULT_URL:
            raise ConfigError(
                "OPENAI_API_KEY is not set; set it, or name your own server with --base-url"
            )
        self._openai = openai
        self._arguments: dict[str, Any] = {
            "api_key": key or "none", "base_url": url, "timeout": config.timeout,
            "max_retries": RETRIES,
        }  # fmt: skip
        self._cache = AnswerCache(cache_folder)
        self.sent = self.failed = self.answered = 0
        self._stopped = False

    def ask(
        self, questions: Sequence[Question], told: Callable[[int, int], None] = lambda *_: None
    ) -> list[str | None]:
        """Return the answers, None where the server failed; known ones are not asked again.

        Parameters
        ----------
        told
            Called with how many are answered and how many there are.

        Raises
        ------
        ServerError
            If too many fail, with the server's own words; what was answered is kept.
        """
        keys = [self._key(question) for question in questions]
        known = self._cache.get(set(keys))
        missing = {k: q for k, q in zip(keys, questions, strict=True) if k not in known}
        told(len(known), len(known) + len(missing))
        if missing:
            self._in_thread(missing, known, told)
        return [known.get(key) for key in keys]

    def _in_thread(
        self, missing: dict[str, Question], known: dict[str, str], told: Callable[[int, int], None]
    ) -> None:
        """Run the calls in a thread of their own, since a notebook's already runs a loop."""
        self._stopped = False
        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(asyncio.run, self._ask_all(missing, known, told))
            try:
                running.result()
            finally:
                self._stopped = True  # an interrupt: calls under way end, no more are sent

    async def _ask_all(
        self,
        missing: dict[str, Question],
        known: dict[str, str],
        told: Callable[[int, int], None],
    ) -> None:
        total = len(known) + len(missing)
        waiting = asyncio.Queue[tuple[str, Question]]()
        for item in missing.items():
            waiting.put_nowait(item)
        try:
            async with self._openai.AsyncOpenAI(**self._arguments) as client:

                async def work() -> None:
                    while not waiting.empty() and not self._stopped:
                        key, question = waiting.get_nowait()
                        answer = await self._one(client, question)
                        if answer is not None:
                            self._cache.put(key, answer)
                            known[key] = answer
                            told(len(known), total)

                async with asyncio.TaskGroup() as group:
                    for _ in range(min(self.config.concurrency, len(missing))):
                        group.create_task(work())
        except* ServerError as errors:
            raise errors.exceptions[0] from None

    async def _one(self, client: Any, question: Question) -> str | None:
        if self.config.max_calls is not None and self.sent >= self.config.max_calls:
            raise ServerError(
                f"the budget of {self.config.max_calls:,} calls is spent; what was answered is "
                "kept: allow more with --max-calls and run the same command again"
            )
        self.sent += 1
        try:
            patient = client if self.answered else client.with_options(max_retries=2)
            answer = await patient.chat.completions.create(
                model=self.config.model,
                messages=[{"role": "user", "content": question.prompt}],
                max_tokens=question.max_tokens,
                temperature=question.temperature,
                seed=question.seed,
            )
            text = answer.choices[0].message.content
            if not isinstance(text, str) or not text.strip():
                raise ValueError("an empty answer")
        except self._openai.APIStatusError as error:
            said = " ".join(error.response.text.split())[:300] or error.response.reason_phrase
            self._failure(f"answered {error.status_code}: {said}", error.status_code)
        except self._openai.OpenAIError as error:
            why = " ".join(str(error.__cause__ or error).split())[:300]
            self._failure(f"cannot be reached: {why or type(error).__name__}")
        except (ValueError, TypeError, AttributeError, IndexError) as error:
            self._failure(f"gave no usable answer: {' '.join(str(error).split())[:200]}")
        else:
            self.answered += 1
            return text
        return None

    def _failure(self, words: str, status: int = 0) -> None:
        """Count a failure; give up where the server will not do it, or fails too often."""
        self.failed += 1
        hopeless = status in (401, 403, 404) or (
            self.answered == 0 and self.failed >= FIRST_FAILURES
        )
        tried = self.answered + self.failed
        often = tried >= 20 and self.failed / tried > self.config.max_failures
        if hopeless or often:
            raise ServerError(
                f"the language model {self.config.model} at {self.address} {words} "
                f"({self.failed} of {tried} calls failed); what was answered is kept, the same "
                "command goes on from there"
            )

    def _key(self, question: Question) -> str:
        return question_key(
            model=self.config.model, server=self.address, prompt=question.prompt,
            max_tokens=question.max_tokens, temperature=question.temperature, seed=question.seed,
        )  # fmt: skip

    def close(self) -> None:
        """Close the cache."""
        self._cache.close()


def without_secrets(url: str) -> str:
    """Return an address without a user and password, since it is written into the run."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
