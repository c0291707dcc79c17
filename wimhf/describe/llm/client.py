"""Calls to one OpenAI-compatible server: patient, out of a budget, and given up for a reason."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import openai
from openai.types import Completion
from openai.types.chat import ChatCompletion

from wimhf.base import Address, LlmConfig, RedirectError, bounded_client
from wimhf.describe.llm.budget import Purse, used_tokens
from wimhf.describe.llm.questions import Question
from wimhf.errors import ServerError

FIRST_FAILURES = 3
"""Failures without a single answer after which a server is given up."""
RETRIES, FIRST_RETRIES = 4, 2
"""Times a call is sent again; less often while the server has answered nothing yet."""
LONGEST_WAIT = 60.0
"""Seconds up to which a server is believed when it says how long to wait."""
PARAMETERS = ("max_tokens", "temperature", "seed")
REASONING = 2000
"""Tokens a reasoning model may think in before its answer, which ``max_completion_tokens`` counts
and ``max_tokens`` does not."""


class Caller:
    """Sends single questions; threads may share it.

    Parameters
    ----------
    purse
        Every call is taken out of it, those that are sent again too.
    stop
        Once set, a call that failed is not sent again.
    """

    def __init__(
        self, config: LlmConfig, address: Address, purse: Purse, stop: threading.Event
    ) -> None:
        self._config, self._address, self._purse, self._stop = config, address, purse, stop
        self.answered = self.failed = 0
        self._refused: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def client(self) -> openai.OpenAI:
        """Return what ``answer`` sends with; to be closed.

        Raises
        ------
        ServerError
            If the address is none.
        """
        try:
            return openai.OpenAI(
                api_key=self._address.key or "none", base_url=self._address.url,
                timeout=self._config.timeout, max_retries=0,
                http_client=bounded_client(self._config.timeout),
            )  # fmt: skip
        except Exception as error:  # httpx's own
            reason = self._address.redacted(error)
            raise ServerError(
                f"the server {self._address.shown} cannot be used: {reason}; check --base-url"
            ) from None

    def answer(self, client: openai.OpenAI, question: Question) -> str | None:
        """Return one answer; None, counted, where there is none.

        Raises
        ------
        BudgetError
            If the budget does not hold another call.
        ServerError
            If the server will not do it or fails too often, with its own words.
        """
        redacted = self._address.redacted
        try:
            text = self._address.hidden(self._patiently(client, question))
        except openai.APIStatusError as error:
            words = redacted(error.response.text) or error.response.reason_phrase
            self._fail(f"answered {error.status_code}: {words}", error.status_code)
        except openai.OpenAIError as error:
            words = redacted(error.__cause__ or error) or type(error).__name__
            self._fail(f"cannot be reached: {words}")
        except (ValueError, TypeError, AttributeError, IndexError) as error:
            self._fail(f"gave no usable answer: {redacted(error, 200)}")
        else:
            with self._lock:
                self.answered += 1
            return text
        return None

    def _patiently(self, client: openai.OpenAI, question: Question) -> str:
        """Send a question, again where the server says it is only a bad moment."""
        attempt = 0
        while True:
            refused = self._refused
            try:
                return self._send(client, question, refused)
            except openai.APIError as error:
                unknown = _refused_by(error) - refused
                if unknown and question.weighed_from is None:
                    with self._lock:
                        self._refused |= unknown
                    continue
                tries = RETRIES if self.answered else FIRST_RETRIES
                hopeless = attempt >= tries or not _passing(error)
                if hopeless or self._stop.wait(_wait(error, attempt)):
                    raise
            attempt += 1

    def _send(self, client: openai.OpenAI, question: Question, refused: frozenset[str]) -> str:
        expected = self._purse.take(len(question.prompt), question.max_tokens)
        used = (0, 0)
        try:
            model, weighed = str(question.model or self._config.model), question.weighed_from
            completion: ChatCompletion | Completion
            if weighed is not None:
                completion = client.completions.create(
                    model=model, prompt=question.prompt, max_tokens=question.max_tokens,
                    temperature=0.0, echo=True, logprobs=1,
                )  # fmt: skip
            else:
                completion = client.chat.completions.create(
                    model=model,
                    messages=[{"role": "user", "content": question.prompt}],
                    extra_body=_parameters(question, refused),
                )
            used = used_tokens(getattr(completion, "usage", None), expected)
            if isinstance(completion, Completion):
                return repr(_likely(completion, weighed or 0, len(question.prompt)))
            return _text(completion)
        except openai.APITimeoutError:
            used = expected  # it may have been answered, and billed, unheard
            raise
        finally:
            self._purse.settle(expected, used)

    def _fail(self, words: str, status: int = 0) -> None:
        """Count a failure; give up where the server will not do it, or fails too often."""
        with self._lock:
            self.failed += 1
            tried = self.answered + self.failed
            hopeless = self.answered == 0 and self.failed >= FIRST_FAILURES
            often = tried >= 20 and self.failed / tried > self._config.max_failures
        if hopeless or often or status in (401, 403, 404):
            self._stop.set()
            raise ServerError(
                f"the language model {self._config.model} at {self._address.shown} {words} "
                f"({self.failed} of {tried} calls failed); what was answered is kept, the same "
                "command goes on from there"
            ) from None


def _parameters(question: Question, refused: frozenset[str]) -> dict[str, float]:
    """Return the parameters of a call, without those that the server refused."""
    sent = {name: getattr(question, name) for name in PARAMETERS if name not in refused}
    if "max_tokens" in refused:
        sent["max_completion_tokens"] = question.max_tokens + REASONING
    return sent


def _refused_by(error: openai.APIError) -> frozenset[str]:
    """Return the parameters that an answer names as not supported; models differ in them."""
    if not isinstance(error, openai.APIStatusError) or error.status_code not in (400, 422):
        return frozenset()
    return frozenset(name for name in PARAMETERS if name in str(error))


def _passing(error: openai.APIError) -> bool:
    """Say whether a call that failed is worth sending again."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    away = isinstance(error.__cause__, RedirectError)
    return isinstance(error, openai.APIConnectionError) and not away


def _wait(error: openai.APIError, attempt: int) -> float:
    """Return the seconds a server asks for, else twice as many every time."""
    headers: Mapping[str, str] = {}
    if isinstance(error, openai.APIStatusError):
        headers = error.response.headers
    for name, seconds in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            wait = float(headers.get(name, "")) * seconds
        except ValueError:
            continue
        if 0 < wait <= LONGEST_WAIT:
            return wait
    return min(0.5 * 2.0**attempt, 8.0)


def _likely(completion: Completion, start: int, end: int) -> float:
    """Return the log probability of the characters of a prompt from ``start`` to ``end``."""
    told = completion.choices[0].logprobs
    if told is None or not told.token_logprobs or not told.text_offset:
        raise ValueError("no probabilities of the text that was given")
    places = zip(told.text_offset, told.token_logprobs, strict=True)
    weighed = [value for place, value in places if start <= place < end and value is not None]
    if not weighed:
        raise ValueError("no probabilities of the text that was given")
    return float(sum(weighed))


def _text(completion: ChatCompletion) -> str:
    text = completion.choices[0].message.content
    if not isinstance(text, str) or not text.strip():
        raise ValueError("an empty answer")
    return text
