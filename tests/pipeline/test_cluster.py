"""The engine ray gives what the local one gives, bit for bit, also when a worker is lost."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from numpy.typing import NDArray

import wimhf
from tests.conftest import toy_config, toy_rows, write_rows
from tests.learn.test_embed import HashEncoder
from tests.learn.test_reward import save_model
from wimhf.base import LOCAL, EmbedConfig, Event, engine_of
from wimhf.concepts import spread
from wimhf.errors import ConfigError, EncoderError, EngineError
from wimhf.learn import choose_encoder, embed_pairs
from wimhf.learn.copies import Copy, loaded
from wimhf.pipeline import checking
from wimhf.pipeline.stages import concepts, embed, score
from wimhf.ui.cli.main import run_cli

with_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None,
    reason="ray is not installed; pip install 'wimhf[ray]'",
)
SAME = (
    "embeddings.npy", "concepts.parquet", "concepts.json", "asked.parquet", "codes.parquet",
    "rewards.parquet", "preference.json",
)  # fmt: skip
BATCHED = EmbedConfig(encoder="minilm", batch_size=4)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """Make a cluster whose two workers have a processor each."""
    import ray
    from ray.cluster_utils import Cluster

    from wimhf.base.cluster import QUIET

    with pytest.MonkeyPatch.context() as patch:
        for name, value in QUIET.items():
            patch.setenv(name, value)
        head = {"num_cpus": 0, "include_dashboard": False}
        made = Cluster(initialize_head=True, head_node_args=head)
        for _ in range(2):
            made.add_node(num_cpus=1)
        patch.setenv("RAY_ADDRESS", made.address)
        yield
        ray.shutdown()
        made.shutdown()


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what changes to an empty cache."""
    return lambda name: monkeypatch.setenv("WIMHF_CACHE", str(tmp_path / name))


class SeenEncoder(HashEncoder):
    """Leaves a file named like its process for every call."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        (self.folder / f"{os.getpid()}-{time.monotonic_ns()}").touch()
        time.sleep(0.1)
        return super().encode(texts)


def pairs_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows).select("prompt", "response_a", "response_b")


def square(number: int) -> int:
    if number == 13:
        raise ConfigError("13 is not squared")
    if number < 0:
        raise ValueError("a bug")
    return number * number


@pytest.mark.usefixtures("cluster")
@with_ray
def test_neither_a_lost_worker_nor_a_stop_changes_a_vector(
    tmp_path: Path, fresh: Callable[[str], None]
) -> None:
    pairs = pairs_of(toy_rows(60))
    fresh("local")
    plain = embed_pairs(pairs, HashEncoder(), EmbedConfig()).vectors
    killed: list[int] = []

    def kill_then_stop(event: Event) -> None:
        if event.done >= 12 and not killed:
            killed.append(workers()[-1])
            os.kill(killed[0], signal.SIGKILL)
        if event.done >= 60:
            raise KeyboardInterrupt

    def workers() -> list[int]:
        return [int(one.name.split("-")[0]) for one in tmp_path.glob("*-*")]

    fresh("ray")
    seen, engine = SeenEncoder(tmp_path), engine_of("ray", "cpu")
    with pytest.raises(KeyboardInterrupt):
        embed_pairs(pairs, seen, EmbedConfig(), kill_then_stop, engine)
    assert len(set(workers())) >= 2
    assert os.getpid() not in workers()
    events: list[Event] = []
    resumed = embed_pairs(pairs, seen, EmbedConfig(), events.append, engine).vectors
    assert "are in the cache" in events[0].message
    assert events[1].done > 60
    assert events[-1].done == events[-1].total == len(plain)
    assert resumed.tobytes() == plain.tobytes()
    calls = len(workers())
    assert embed_pairs(pairs, seen, EmbedConfig(), engine=engine).vectors.tobytes() == (
        plain.tobytes()
    )
    assert len(workers()) == calls  # all was in the cache


@pytest.mark.usefixtures("cluster")
@with_ray
def test_a_model_that_is_loaded_by_workers_gives_the_same_vectors(
    fresh: Callable[[str], None],
) -> None:
    rows = toy_rows(12)
    for number, row in enumerate(rows):  # of all lengths, so that the batch matters
        row["response_a"] += " and so on" * number
    found = []
    for name in ("local", "ray"):
        fresh(name)
        engine = engine_of(name, "cpu")
        encoder = choose_encoder(BATCHED, 24, "cpu", elsewhere=engine.elsewhere)
        found.append(embed_pairs(pairs_of(rows), encoder, BATCHED, engine=engine))
    local, far = found
    assert far.vectors.tobytes() == local.vectors.tobytes()
    assert (far.encoder, far.revision) == (local.encoder, local.revision)


@pytest.mark.usefixtures("cluster")
@with_ray
def test_errors_of_the_work_arrive_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from wimhf.base import cluster

    versions = [cluster.__version__, cluster.__version__, "0.0.0"]

    def rows(self: object, sent: object, left: dict[int, object], _: int) -> Iterator[Any]:
        actor = cluster._Actor(sent, versions.pop(0))
        for place, part in dict(left).items():
            made = actor({"place": [place], "part": [pickle.dumps(part)]})
            yield {"place": place, "made": made["made"][0]}

    monkeypatch.setattr(cluster.RayEngine, "_rows", rows)
    with pytest.raises(ConfigError, match="13 is not squared"):
        list(engine_of("ray", "cpu").results(square, range(20)))
    with pytest.raises(RuntimeError, match="ValueError: a bug"):
        list(engine_of("ray", "cpu").results(square, [-1]))
    with pytest.raises(EngineError, match="install the same on every machine"):
        list(engine_of("ray", "cpu").results(square, range(3)))
    with pytest.raises(EngineError, match="cannot be sent to the cluster"):
        list(engine_of("ray", "cpu").results(threading.Lock().__enter__, range(3)))
    with pytest.raises(EngineError, match="has no GPU; use --device cpu"):
        engine_of("ray", "cuda")


@pytest.mark.usefixtures("cluster")
@with_ray
def test_a_cluster_that_gives_nothing_back_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from wimhf.base import cluster

    monkeypatch.setattr(cluster.RayEngine, "_rows", lambda *_: iter(()))
    with pytest.raises(EngineError, match="gives nothing back"):
        list(engine_of("ray", "cpu").results(square, range(3)))


class Elsewhere:
    """Does every part with a pickle of the work, the last part first."""

    elsewhere = True
    device = "cpu"

    def results(self, work: Any, parts: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        copied = pickle.loads(pickle.dumps(work))
        for place in reversed(range(len(parts))):
            yield place, copied(pickle.loads(pickle.dumps(parts[place])))


def test_a_run_is_the_same_wherever_and_in_whatever_order_it_is_done(
    tmp_path: Path,
    fresh: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spread, "PAIRS", 60)
    for stage in (concepts, embed, score):
        engine = lambda name, device: LOCAL if name == "local" else Elsewhere()  # noqa: E731
        monkeypatch.setattr(stage, "engine_of", engine)
    monkeypatch.setattr(checking, "check_engine", lambda name: None)
    rows = toy_rows(120)
    rows[3]["response_a"] = "Das ist leider nicht richtig, und das wissen wir beide sehr gut."
    source = write_rows(tmp_path / "toy.jsonl", rows)
    model = {"model": str(save_model(tmp_path / "tiny")), "batch_size": 1}
    more = {"reward": model, "embed": {"encoder": "minilm", "batch_size": 8}}
    for name in ("local", "ray"):
        fresh(name)
        wimhf.analyze(source, tmp_path / name, toy_config(engine=name, **more))
    counted = json.loads((tmp_path / "ray" / "concepts.json").read_text())["concepts"]
    assert max(card["unread"] for card in counted) == pytest.approx(1 / 120)
    for file in SAME:
        assert (tmp_path / "ray" / file).read_bytes() == (tmp_path / "local" / file).read_bytes()
    said: list[str] = []
    again = wimhf.analyze(
        source, tmp_path / "ray", toy_config(**more),
        progress=lambda event: said.append(event.message),
    )  # fmt: skip
    assert said.count("already done, kept") > 5
    assert again.config.engine == "local"


def test_the_engine_is_refused_where_ray_is_missing(
    toy_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == "ray" else find(name, *more),
    )
    words = ["wimhf", "analyze", str(toy_file), "-o", str(tmp_path / "run"), "--engine", "ray"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as end:
        run_cli()
    assert end.value.code == 2
    last = "wimhf: --engine ray needs ray; pip install 'wimhf[ray]', or leave --engine out"
    assert capsys.readouterr().err.splitlines()[-1] == last
    assert not (tmp_path / "run").exists()


def test_an_unknown_engine_is_refused(toy_file: Path) -> None:
    with pytest.raises(ConfigError, match="--engine has spark; use local, ray"):
        wimhf.analyze(toy_file, engine="spark")


@with_ray
def test_an_address_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(EngineError, match=r"answers at RAY_ADDRESS 127\.0\.0\.1:1"):
        engine_of("ray", "cpu")


def test_a_copy_of_another_model_is_refused() -> None:
    assert loaded(HashEncoder, "count_tokens", "1", torch.get_num_threads())(["a b"]) == [2]
    assert Copy(HashEncoder, "count_tokens", "1")(["a b"]) == [2]
    with pytest.raises(EncoderError, match="put the same model on every machine"):
        loaded(HashEncoder, "encode", "2", torch.get_num_threads())
