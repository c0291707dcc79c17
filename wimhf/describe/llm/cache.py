"""Answers of language models, kept so that no question is paid for twice."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wimhf.errors import ServerError

LOOK_UP = 500
"""Keys looked up at once."""


def question_key(**question: Any) -> str:
    """Return the key of a question: a hash of model, server, messages and parameters."""
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()


class AnswerCache:
    """Answers by question, in one SQLite file of the user's cache folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "answers.db"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=60, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) "
                "WITHOUT ROWID"
            )
        except (OSError, sqlite3.Error) as error:
            raise self._failure(error) from None

    def get(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the answers that are known."""
        found: dict[str, str] = {}
        wanted = list(keys)
        try:
            for start in range(0, len(wanted), LOOK_UP):
                part = wanted[start : start + LOOK_UP]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, answer FROM answers WHERE key IN ({marks})"
                found |= {str(key): str(answer) for key, answer in self._db.execute(query, part)}
        except sqlite3.Error as error:
            raise self._failure(error) from None
        return found

    def put(self, key: str, answer: str) -> None:
        """Keep one answer; it is on disk when this returns."""
        try:
            with self._db:
                self._db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, answer))
        except sqlite3.Error as error:
            raise self._failure(error) from None

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _failure(self, error: Exception) -> ServerError:
        return ServerError(
            f"the cache of answers {self.path} cannot be used ({error}); "
            "delete it if damaged, or set WIMHF_CACHE to a folder with space that can be written"
        )
