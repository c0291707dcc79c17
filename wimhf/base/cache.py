"""The user's cache folder, and one kind of cache in it: values by key in a SQLite file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from wimhf.errors import WimhfError

LOOK_UP = 500
"""Keys looked up at once."""
Value = TypeVar("Value", bound=bytes | str)


def cache_folder() -> Path:
    """Return the user's cache folder; WIMHF_CACHE overrides it."""
    import platformdirs

    return Path(os.environ.get("WIMHF_CACHE") or platformdirs.user_cache_dir("wimhf"))


class KeyValueCache(Generic[Value]):
    """Values by key, both bytes or both texts, in one table; a context manager that closes it.

    Parameters
    ----------
    path
        The file; made where it is not there.
    kind
        Of keys and values.
    item
        What a value is called: the name of its column, and in the plural of the table.
    title, failure
        What an error calls the cache, and what makes an error of its message.
    identity
        What the values depend on besides their keys, written into the file for whoever reads it.

    Raises
    ------
    WimhfError
        As ``failure`` makes it, here and in every method, if the file cannot be used.
    """

    def __init__(
        self,
        path: Path,
        kind: type[Value],
        item: str,
        title: str,
        failure: Callable[[str], WimhfError],
        identity: str | None = None,
    ) -> None:
        self.path, self._title, self._failure = path, title, failure
        self._select = f"SELECT key, {item} FROM {item}s WHERE key IN"
        self._insert = f"INSERT OR REPLACE INTO {item}s VALUES (?, ?)"
        column = "BLOB" if kind is bytes else "TEXT"
        table = (
            f"CREATE TABLE IF NOT EXISTS {item}s "
            f"(key {column} PRIMARY KEY, {item} {column} NOT NULL) WITHOUT ROWID"
        )
        with self._usable():
            try:
                self._open(table, identity)
            except (OSError, sqlite3.OperationalError):
                if not path.is_file():
                    raise
                # what is known can be read where nothing can be written
                at = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
                self._db = sqlite3.connect(at, uri=True, check_same_thread=False)
                self._db.execute(f"SELECT 1 FROM {item}s LIMIT 1")

    def _open(self, table: str, identity: str | None) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(self.path, timeout=60, check_same_thread=False)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute(table)
            if identity is not None:
                self._db.execute("CREATE TABLE IF NOT EXISTS identity (name TEXT PRIMARY KEY)")
                self._db.execute("INSERT OR IGNORE INTO identity VALUES (?)", (identity,))
            self._db.commit()
        except sqlite3.Error:
            self.close()
            raise

    def __enter__(self) -> KeyValueCache[Value]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, keys: Iterable[Value]) -> dict[Value, Value]:
        """Return the values that are known."""
        wanted = list(keys)
        values: dict[Value, Value] = {}
        with self._usable():
            for start in range(0, len(wanted), LOOK_UP):
                part = wanted[start : start + LOOK_UP]
                marks = ",".join("?" * len(part))
                values |= dict(self._db.execute(f"{self._select} ({marks})", part))
        return values

    def put(self, values: Mapping[Value, Value]) -> None:
        """Keep values in one transaction; they are on disk when this returns."""
        if values:
            with self._usable(), self._db:
                self._db.executemany(self._insert, values.items())

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise self._failure(
                f"{self._title} {self.path} cannot be used ({error}); delete it if damaged, or "
                "set WIMHF_CACHE to a folder with space that can be written"
            ) from None
