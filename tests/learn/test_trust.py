"""Code that comes with a model runs only where the model is allowed it by name."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from wimhf.base import EmbedConfig, RewardConfig
from wimhf.errors import EncoderError
from wimhf.learn.embed.choose import choose_encoder
from wimhf.learn.reward import RewardModel
from wimhf.learn.vector_cache import keep_vectors, known_vectors, text_key, vector_cache

EVIL = "from pathlib import Path\nPath({canary!r}).touch()\n"
MODULES = [{"idx": 0, "name": "0", "path": "", "type": "evil.Evil"}]
MAPPED = {
    "model_type": "evil", "architectures": ["Evil"],
    "auto_map": {"AutoConfig": "evil.Evil", "AutoModel": "evil.Evil", "AutoTokenizer": "evil.Evil",
                 "AutoModelForSequenceClassification": "evil.Evil"},
}  # fmt: skip


@pytest.fixture
def evil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return a model's folder with code of its own, and what its code would leave behind."""
    folder, canary = tmp_path / "model", tmp_path / "ran"
    folder.mkdir()
    (folder / "evil.py").write_text(EVIL.format(canary=str(canary)))
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n" * 20))
    return folder, canary


@pytest.mark.parametrize(
    ("file", "value"),
    [("modules.json", MODULES), ("config.json", MAPPED), ("tokenizer_config.json", MAPPED)],
)
def test_a_folder_with_code_is_refused_and_nothing_of_it_runs(
    evil: tuple[Path, Path], file: str, value: object
) -> None:
    folder, canary = evil
    (folder / file).write_text(json.dumps(value))
    config = EmbedConfig(encoder=str(folder), trusted=("another",))
    with pytest.raises(EncoderError, match=f"--trust-remote-code {folder}"):
        choose_encoder(config, 10, "cpu")
    with pytest.raises(EncoderError, match=f"--trust-remote-code {folder}"):
        RewardModel(RewardConfig(model=str(folder)), "cpu")
    assert not canary.exists()
    assert len(sys.stdin.read()) == 40  # nobody asked


def test_a_folder_that_is_named_may_run_its_code(evil: tuple[Path, Path]) -> None:
    folder, canary = evil
    (folder / "config.json").write_text(json.dumps(MAPPED))
    with pytest.raises(EncoderError, match="could not be loaded"):
        RewardModel(RewardConfig(model=str(folder), trusted=(str(folder),)), "cpu")
    assert canary.exists()


def test_a_chat_template_that_raises_is_one_line() -> None:
    def template(*_: Any, **__: Any) -> str:
        raise ValueError("roles must alternate\nfor ever")

    model = RewardModel.__new__(RewardModel)
    model.id = "judge"
    model.tokenizer = SimpleNamespace(chat_template="x", apply_chat_template=template)  # type: ignore[assignment]
    with pytest.raises(EncoderError, match=r"judge.*of user, user \(roles must alternate\)"):
        model._tokens([{"role": "user", "content": "a"}, {"role": "user", "content": "b"}])


@pytest.mark.parametrize("blob", [b"", b"123", b"\0" * 8, b"\xff" * 16])
def test_a_damaged_vector_counts_as_unknown(tmp_path: Path, blob: bytes) -> None:
    keys = [text_key(text) for text in "abc"]
    with vector_cache(tmp_path, name="x") as cache:
        keep_vectors(cache, keys, np.ones((3, 4), dtype=np.float32))
        cache.put({keys[0]: blob})
        assert set(known_vectors(cache, keys)) == set(keys[1:])
