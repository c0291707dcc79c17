"""One cache for vectors, scores and answers: what was put is found, whole batches or none."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.base.cache import KeyValueCache, cache_folder
from wimhf.errors import EncoderError, ServerError
from wimhf.learn.vector_cache import keep_vectors, known_vectors, text_key, vector_cache


def answers(path: Path) -> KeyValueCache[str]:
    return KeyValueCache(path, str, "answer", "the cache of answers", ServerError)


@given(st.dictionaries(st.binary(max_size=40), st.binary(max_size=40), max_size=20), st.binary())
def test_what_was_put_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, values: dict[bytes, bytes], other: bytes
) -> None:
    path = tmp_path_factory.mktemp("cache") / "deep" / "v.db"
    with KeyValueCache(path, bytes, "vector", "the cache", EncoderError) as cache:
        cache.put(values)
    with KeyValueCache(path, bytes, "vector", "the cache", EncoderError) as again:
        assert again.get([*values, other]) == {**values}
        again.put(dict.fromkeys(values, b"later"))
        assert set(again.get(values).values()) <= {b"later"}


def test_a_batch_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with answers(tmp_path / "a.db") as cache:
        with pytest.raises(ServerError, match=r"the cache of answers .*a\.db cannot be used"):
            cache.put({"first": "1", "second": None})  # type: ignore[dict-item]
        assert cache.get(["first"]) == {}


def test_threads_may_share_it(tmp_path: Path) -> None:
    with answers(tmp_path / "a.db") as cache:
        thread = threading.Thread(target=cache.put, args=({"key": "value"},))
        thread.start()
        thread.join()
        assert cache.get(["key"]) == {"key": "value"}


def test_files_keep_the_tables_they_always_had(tmp_path: Path) -> None:
    answers(tmp_path / "answers.db").close()
    vector_cache(tmp_path, encoder="e").close()
    (vectors,) = (tmp_path / "embeddings").iterdir()
    assert vectors.name == "a1071a0a28b7ce05cf22e0a7.db"
    made = {}
    for path in (tmp_path / "answers.db", vectors):
        database = sqlite3.connect(path)
        made |= dict(database.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL"))
        database.close()
    assert made == {
        "answers": "CREATE TABLE answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) "
        "WITHOUT ROWID",
        "vectors": "CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) "
        "WITHOUT ROWID",
        "identity": "CREATE TABLE identity (name TEXT PRIMARY KEY)",
    }


def test_vectors_come_back_bit_for_bit(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    keys = [text_key(text) for text in "abc"]
    with vector_cache(tmp_path, encoder="e") as cache:
        keep_vectors(cache, keys, vectors)
        known = known_vectors(cache, [*keys, text_key("d")])
    assert np.array_equal([known[key] for key in keys], vectors)
    assert len(known) == 3


def test_the_folder_is_the_users_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIMHF_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("WIMHF_CACHE", "")
    assert cache_folder().name == "wimhf"


def test_a_complete_cache_is_read_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [text_key(text) for text in "ab"]
    vectors = np.ones((2, 4), dtype=np.float32)
    with vector_cache(tmp_path, encoder="e") as cache:
        keep_vectors(cache, keys, vectors)

    def readonly(*_: object) -> None:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(KeyValueCache, "_open", readonly)
    with vector_cache(tmp_path, encoder="e") as cache:
        assert set(known_vectors(cache, keys)) == set(keys)
        keep_vectors(cache, [], vectors[:0])
        with pytest.raises(EncoderError, match="cannot be used"):
            keep_vectors(cache, [text_key("c")], vectors[:1])
    with pytest.raises(EncoderError, match="cannot be used"):
        vector_cache(tmp_path, encoder="another")
