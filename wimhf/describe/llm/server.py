"""Questions to a chat model behind any OpenAI-compatible server, many at once, each paid once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wimhf.base import AnswerCache, LlmConfig, question_key, server_address
from wimhf.describe.llm.budget import Allowance, BudgetError, Purse, given_allowance, used_tokens
from wimhf.describe.llm.parameters import parameters, refused_by
from wimhf.errors import ConfigError, ServerError

Told = Callable[[int, int], None]
FIRST_FAILURES = 3
"""Failures without a single answer after which a server is given up."""
RETRIES, FIRST_RETRIES = 4, 2
"""Times a call is sent again; less often while the server has answered nothing yet."""
LONGEST_WAIT = 60.0
"""Seconds up to which a server is believed when it says how long to wait."""


@dataclass(frozen=True)
class Question:
    """One prompt and how it is to be answered."""

    prompt: str
    max_tokens: int
    temperature: float
    seed: int = 0


class ChatServer:
    """A model behind a server; OPENAI_BASE_URL and OPENAI_API_KEY say which, or the settings.

    Texts leave this machine for that server. No more is spent than allowed (None: what the
    settings say), retries included; answers from the cache cost nothing.
    """

    def __init__(
        self, config: LlmConfig, cache_folder: Path, allowed: Allowance | None = None
    ) -> None:
        try:
            import openai
        except ImportError:
            raise ConfigError("--llm needs the openai package; pip install 'wimhf[llm]'") from None
        self.config = config
        self._server = server_address(config.base_url)
        self.address = self._server.shown
        if self._server.lacks_key:
            raise ConfigError(
                "OPENAI_API_KEY is not set; set it, or name your own server with --base-url"
            )
        self._openai = openai
        self._cache = AnswerCache(cache_folder)
        self.purse = Purse(allowed or given_allowance(config), config)
        self.failed = self.answered = 0
        self._stopped = False
        self._refused: frozenset[str] = frozenset()

    def ask(self, questions: Sequence[Question], told: Told = lambda *_: None) -> list[str | None]:
        """Return the answers, None where the server failed; known ones are not asked again.

        Parameters
        ----------
        told
            Called with how many are answered and how many there are.

        Raises
        ------
        BudgetError
            If the budget does not hold another call.
        ServerError
            If too many fail, with the server's own words; what was answered is kept.
        """
        keys = [self._key(question) for question in questions]
        known = self._cache.get(dict.fromkeys(keys))
        missing = {k: q for k, q in zip(keys, questions, strict=True) if k not in known}
        told(len(known), len(known) + len(missing))
        if missing:
            self._in_thread(missing, known, told)
        return [known.get(key) for key in keys]

    def _in_thread(self, missing: dict[str, Question], known: dict[str, str], told: Told) -> None:
        """Run the calls in a thread of their own, since a notebook's already runs a loop."""
        self._stopped = False
        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(asyncio.run, self._ask_all(missing, known, told))
            try:
                running.result()
            finally:
                self._stopped = True  # an interrupt: calls under way end, no more are sent

    async def _ask_all(
        self, missing: dict[str, Question], known: dict[str, str], told: Told
    ) -> None:
        total = len(known) + len(missing)
        waiting = iter(missing.items())
        spent: list[BudgetError] = []
        try:
            async with self._client() as client:

                async def work() -> None:
                    for key, question in waiting:
                        try:
                            answer = await self._one(client, question)
                        except BudgetError as error:
                            spent.append(error)
                            self._stopped = True  # the others end what is under way and paid for
                        else:
                            if answer is not None:
                                self._cache.put(key, answer)
                                known[key] = answer
                                told(len(known), total)
                        if self._stopped:
                            return

                async with asyncio.TaskGroup() as group:
                    for _ in range(min(self.config.concurrency, len(missing))):
                        group.create_task(work())
        except* ServerError as errors:
            raise errors.exceptions[0] from None
        if spent:
            raise spent[0]

    def _client(self) -> Any:
        try:
            return self._openai.AsyncOpenAI(
                api_key=self._server.key or "none", base_url=self._server.url,
                timeout=self.config.timeout, max_retries=0,
            )  # fmt: skip
        except Exception as error:  # httpx's own, on an address that is none
            why = self._server.told(error)
            raise ServerError(
                f"the server {self.address} cannot be used: {why}; check --base-url"
            ) from None

    async def _one(self, client: Any, question: Question) -> str | None:
        """Return one answer; None, counted, where there is none."""
        try:
            said = await self._patiently(client, question)
        except self._openai.APIStatusError as error:
            told = self._server.told(error.response.text) or error.response.reason_phrase
            self._failure(f"answered {error.status_code}: {told}", error.status_code)
        except self._openai.OpenAIError as error:
            why = self._server.told(error.__cause__ or error)
            self._failure(f"cannot be reached: {why or type(error).__name__}")
        except (ValueError, TypeError, AttributeError, IndexError) as error:
            self._failure(f"gave no usable answer: {self._server.told(error, 200)}")
        else:
            self.answered += 1
            return said
        return None

    async def _patiently(self, client: Any, question: Question) -> str:
        """Send a question, again where the server says it is only a bad moment."""
        attempt = 0
        while True:
            expected = self.purse.take(len(question.prompt), question.max_tokens)
            used, refused = (0, 0), self._refused
            try:
                answer = await client.chat.completions.create(
                    model=self.config.model,
                    messages=[{"role": "user", "content": question.prompt}],
                    **parameters(question.max_tokens, question.temperature, question.seed, refused),
                )
                used = used_tokens(getattr(answer, "usage", None), expected)
                return _text(answer)
            except self._openai.APIError as error:
                if isinstance(error, self._openai.APITimeoutError):
                    used = expected  # it may have been answered, and billed, unheard
                found = refused_by(getattr(error, "status_code", 0), str(error))
                if found - refused:
                    self._refused |= found
                    continue
                tries = RETRIES if self.answered else FIRST_RETRIES
                if attempt >= tries or not self._passing(error) or self._stopped:
                    raise
                wait = _wait(error, attempt)
            finally:
                self.purse.settle(expected, used)
            await asyncio.sleep(wait)
            attempt += 1

    def _passing(self, error: Exception) -> bool:
        """Say whether a call that failed is worth sending again."""
        if isinstance(error, self._openai.APIConnectionError):
            return True
        status = getattr(error, "status_code", 0)
        return status in (408, 409, 429) or status >= 500

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


def _text(answer: Any) -> str:
    text = answer.choices[0].message.content
    if not isinstance(text, str) or not text.strip():
        raise ValueError("an empty answer")
    return text


def _wait(error: Exception, attempt: int) -> float:
    """Return the seconds a server asks for, else twice as many every time."""
    headers: Any = getattr(getattr(error, "response", None), "headers", {})
    for name, seconds in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            wait = float(headers.get(name)) * seconds
        except (TypeError, ValueError):
            continue
        if 0 < wait <= LONGEST_WAIT:
            return wait
    return min(0.5 * 2.0**attempt, 8.0)
