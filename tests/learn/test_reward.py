"""Scores of a reward model: a tiny, randomly initialised one, through the real libraries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.conftest import FILLER, toy_config, toy_rows, write_rows
from wimhf.base.config import Config, RewardConfig
from wimhf.base.progress import Event
from wimhf.errors import EncoderError
from wimhf.learn.reward import RewardModel, reward_pairs

WORDS = "[PAD] [UNK] [CLS] [SEP] what is a b c d e f g h i j k l m n o p question good bad".split()
WORDS += FILLER
CHAT = "{% for m in messages %}{{ m.role }} {{ m.content }} [SEP] {% endfor %}"


def save_model(folder: Path, outputs: int = 1, chat: str | None = None, seed: int = 0) -> Path:
    """Save a BERT of two layers whose vocabulary is a handful of words."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir(parents=True)
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = BertTokenizerFast(vocab=vocabulary, model_max_length=48)
    tokenizer.chat_template = chat
    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=48, num_labels=outputs,
        initializer_range=0.5,
    )  # fmt: skip
    BertForSequenceClassification(config).eval().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("reward") / "tiny")


def pair_table(prompt: str = "what is a", **columns: list[Any]) -> pl.DataFrame:
    table = {"prompt": [prompt] * 3, "response_a": ["b", "c d", "e"], "response_b": ["f", "g", "e"]}
    return pl.DataFrame(table | columns)


def test_scores_are_the_models_own_whatever_the_batch(model: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    pairs = pair_table()
    found = reward_pairs(pairs, RewardConfig(str(model), batch_size=2), "cpu")
    tokenizer = AutoTokenizer.from_pretrained(model)
    own = AutoModelForSequenceClassification.from_pretrained(model)
    for row, score in zip(pairs["response_a"], found.score_a, strict=True):
        with torch.inference_mode():
            logits = own(**tokenizer("what is a", row, return_tensors="pt")).logits
        assert score == pytest.approx(float(logits[0, 0]), abs=1e-5)
    assert found.score_a[2] == found.score_b[2]
    assert found.n_cut == 0


def test_a_chat_template_is_used_and_turns_are_what_is_scored(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "chat", chat=CHAT)
    plain = reward_pairs(pair_table(), RewardConfig(str(folder)), "cpu")
    turns = ['[{"role": "user", "content": "what is a"}]'] * 3
    talk = reward_pairs(pair_table("not shown", turns=turns), RewardConfig(str(folder)), "cpu")
    longer = [
        '[{"role": "system", "content": "good"}, {"role": "user", "content": "what is a"}]'
    ] * 3
    other = reward_pairs(pair_table("not shown", turns=longer), RewardConfig(str(folder)), "cpu")
    assert np.allclose(plain.score_a, talk.score_a)
    assert not np.allclose(plain.score_a, other.score_a)


@pytest.mark.parametrize("chat", [None, CHAT])
def test_what_is_too_long_loses_its_beginning_and_is_counted(
    tmp_path: Path, chat: str | None
) -> None:
    folder = save_model(tmp_path / "model", chat=chat)
    events: list[Event] = []
    long = "what is " * 60
    found = reward_pairs(pair_table(long), RewardConfig(str(folder)), "cpu", events.append)
    assert found.n_cut == 5
    assert found.score_a[0] != found.score_b[0]
    assert any(e.level == "warning" and "lost their beginning" in e.message for e in events)


def test_what_was_scored_is_not_scored_again(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = RewardConfig(str(model), max_tokens=40)
    first = reward_pairs(pair_table(), config, "cpu")
    asked: list[int] = []
    own = RewardModel.score

    def counting(self: RewardModel, talks: list[Any]) -> Any:
        asked.append(len(talks))
        return own(self, talks)

    monkeypatch.setattr(RewardModel, "score", counting)
    again = reward_pairs(pair_table(), config, "cpu")
    assert asked == []
    assert (again.score_a == first.score_a).all()
    reward_pairs(pair_table("what is b"), config, "cpu")
    assert asked == [5]


def test_a_model_with_two_outputs_is_refused(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "two", outputs=2)
    with pytest.raises(EncoderError, match="has 2 outputs; a reward model has one"):
        RewardModel(RewardConfig(str(folder)), "cpu")


@pytest.mark.parametrize("name", ["nowhere", "./nowhere", "owner/nowhere"])
def test_a_model_that_is_not_there_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(
        EncoderError, match=r"reward model '\S+' (does not exist|could not be loaded)"
    ):
        RewardModel(RewardConfig(name), "cpu")


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="could not be loaded"):
        RewardModel(RewardConfig(str(tmp_path)), "cpu")


def test_the_reward_model_stands_beside_the_features(
    analyze_toy: Callable[..., Any], tmp_path: Path, model: Path
) -> None:
    source = write_rows(tmp_path / "toy.jsonl", toy_rows(200))
    config = Config.from_dict(
        toy_config().to_dict() | {"reward": {"model": str(model), "device": "cpu"}}
    )
    run = analyze_toy(source, config=config)
    assert set(run.preference["auc"]["reward model"]) == {"value", "low", "high"}
    assert run.preference["score_notes"] == []
    scores = run.folder.read_table("rewards.parquet")
    assert scores.columns == ["score_a", "score_b"]
    assert len(scores) == len(run.pair_table)
    assert run.facts("score")["model"] == str(model)
    kept: list[str] = []
    analyze_toy(source, config=config, progress=lambda e: kept.append(e.message))
    assert not any("loaded" in message or "scoring" in message for message in kept)


def test_scores_that_never_differ_are_left_out_with_a_note(
    analyze_toy: Callable[..., Any], tmp_path: Path, model: Path
) -> None:
    rows = [row | {"score_a": 3, "score_b": 3} for row in toy_rows(120)]
    warned: list[str] = []
    run = analyze_toy(
        write_rows(tmp_path / "toy.jsonl", rows),
        config=Config.from_dict(
            toy_config().to_dict()
            | {
                "preference": toy_config().to_dict()["preference"]
                | {"score_column": "score_a:score_b"}
            }
        ),
        progress=lambda e: warned.append(e.message) if e.level == "warning" else None,
    )
    note = "score is the same for both responses of every pair"
    assert run.preference["score_notes"] == [note]
    assert any(note in message for message in warned)
    assert "score" not in run.preference["auc"]
