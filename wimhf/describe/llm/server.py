"""Questions to a chat model behind any OpenAI-compatible server, many at once, each paid once."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from wimhf.base import Event, KeyValueCache, LlmConfig, Progress, server_address
from wimhf.describe.llm.budget import Allowance, Purse, given_allowance
from wimhf.describe.llm.questions import Question
from wimhf.errors import ConfigError, ServerError

Report = Callable[[int, int], None]
"""Called with how many questions are answered and how many there are."""
Meaning = TypeVar("Meaning")


class ChatServer:
    """A model behind a server; OPENAI_BASE_URL and OPENAI_API_KEY say which, or the settings.

    Texts leave this machine for that server. No more is spent than allowed (None: what the
    settings say), retries included; answers from the cache in ``folder`` cost nothing.
    """

    def __init__(self, config: LlmConfig, folder: Path, allowed: Allowance | None = None) -> None:
        try:
            from wimhf.describe.llm.client import Caller
        except ImportError:
            raise ConfigError("--llm needs the openai package; pip install 'wimhf[llm]'") from None
        self.config = config
        server = server_address(config.base_url)
        self.address = server.shown
        if server.lacks_key:
            raise ConfigError(
                "OPENAI_API_KEY is not set; set it, or name your own server with --base-url"
            )
        self.purse = Purse(allowed or given_allowance(config), config)
        self._stop = threading.Event()
        self._caller = Caller(config, server, self.purse, self._stop)
        self._cache = KeyValueCache(
            folder / "answers.db", str, "answer", "the cache of answers", ServerError
        )

    def __enter__(self) -> ChatServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def failed(self) -> int:
        """Questions that got no answer."""
        return self._caller.failed

    def ask(
        self, questions: Sequence[Question], report: Report = lambda *_: None
    ) -> list[str | None]:
        """Return the answers, None where the server failed; known ones are not asked again.

        Raises
        ------
        BudgetError
            If the budget does not hold another call.
        ServerError
            If too many fail, with the server's own words; what was answered is kept.
        """
        keys = [self._key(question) for question in questions]
        answers = self._cache.get(dict.fromkeys(keys))
        missing = {k: q for k, q in zip(keys, questions, strict=True) if k not in answers}
        report(len(answers), len(answers) + len(missing))
        if missing:
            self._add(missing, answers, report)
        return [answers.get(key) for key in keys]

    def _add(self, missing: dict[str, Question], answers: dict[str, str], report: Report) -> None:
        """Ask what is missing, several at once, and keep every answer as it comes."""
        total = len(answers) + len(missing)
        lock = threading.Lock()
        self._stop.clear()

        def work(key: str, question: Question) -> None:
            answer = None if self._stop.is_set() else self._caller.answer(client, question)
            if answer is not None:
                with lock:
                    self._cache.put({key: answer})
                    answers[key] = answer
                    report(len(answers), total)

        with self._caller.client() as client, ThreadPoolExecutor(self.config.concurrency) as pool:
            try:
                for future in as_completed([pool.submit(work, *one) for one in missing.items()]):
                    future.result()
            except BaseException:  # an interrupt too: calls under way end, no more are sent
                self._stop.set()
                raise

    def _key(self, question: Question) -> str:
        decisive: dict[str, object] = {
            "model": question.model or self.config.model, "server": self.address,
            "prompt": question.prompt,
            "max_tokens": question.max_tokens, "temperature": question.temperature,
            "seed": question.seed,
        }  # fmt: skip
        if question.weighed_from is not None:
            decisive["weighed_from"] = question.weighed_from
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()

    def close(self) -> None:
        """Close the cache."""
        self._cache.close()


def ask_groups(
    server: ChatServer,
    groups: Sequence[Sequence[Question]],
    read: Callable[[str | None], Meaning],
    progress: Progress,
    event: Event,
) -> list[list[Meaning]]:
    """Ask the questions of all groups at once; return what each group's answers mean.

    Parameters
    ----------
    event
        Reported with how many questions are answered.
    """

    def report(done: int, total: int) -> None:
        progress(replace(event, done=done, total=total))

    answers = iter(server.ask([question for group in groups for question in group], report))
    return [[read(next(answers)) for _ in group] for group in groups]
