"""A persistent cache of vectors in the user's cache folder, one SQLite file per kind of vector.

The file's name holds everything that changes a vector besides its text: encoder, revision,
template, token limit and normalisation. The key of a row is the hash of the rendered text.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from wimhf.base.arrays import Floats32
from wimhf.errors import EncoderError, ServerError

LOOK_UP = 500


def text_key(text: str) -> bytes:
    """Return the cache key of a rendered text."""
    return hashlib.sha256(text.encode()).digest()


class VectorCache:
    """Vectors by text; a ``put`` is one transaction, so an interrupt loses at most one chunk."""

    def __init__(self, folder: Path, **identity: object) -> None:
        name = json.dumps(identity, sort_keys=True)
        self.path = folder / "embeddings" / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.db"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=60)
        except (OSError, sqlite3.Error) as error:
            raise self._failure(error) from None
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) "
                "WITHOUT ROWID"
            )
            self._db.execute("CREATE TABLE IF NOT EXISTS identity (name TEXT PRIMARY KEY)")
            self._db.execute("INSERT OR IGNORE INTO identity VALUES (?)", (name,))
            self._db.commit()
        except sqlite3.Error as error:
            self.close()
            raise self._failure(error) from None

    def get(self, keys: list[bytes]) -> dict[bytes, Floats32]:
        """Return the vectors that are known."""
        found: dict[bytes, Floats32] = {}
        try:
            for start in range(0, len(keys), LOOK_UP):
                part = keys[start : start + LOOK_UP]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"
                for key, blob in self._db.execute(query, part):
                    found[bytes(key)] = np.frombuffer(blob, dtype="<f4")
        except sqlite3.Error as error:
            raise self._failure(error) from None
        return found

    def put(self, keys: Iterable[bytes], vectors: Floats32) -> None:
        """Keep vectors (n, d)."""
        rows = [(k, v.astype("<f4").tobytes()) for k, v in zip(keys, vectors, strict=True)]
        try:
            with self._db:
                self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            raise self._failure(error) from None

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _failure(self, error: Exception) -> EncoderError:
        return EncoderError(
            f"the embedding cache {self.path} cannot be used ({error}); "
            "delete it if damaged, or set WIMHF_CACHE to a folder with space that can be written"
        )


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
