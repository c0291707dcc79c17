"""TRL itself takes the exports: its own preprocessing finds prompt, chosen and rejected again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import datasets
import pytest

from tests.curated_pairs import BUSY, curated
from wimhf.data.export import export_pairs

pytest.importorskip("trl", reason="trl is not installed; pip install 'wimhf[dev]'")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

TABLE = curated(BUSY)
TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
VARIANTS = ["trl", "trl-conversational", "trl-implicit", "trl-implicit-text"]


def loaded(target: str, folder: Path, ending: str = ".jsonl") -> Any:
    """Return an export as a user of TRL loads it."""
    path = folder / f"{target}{ending}"
    export_pairs(TABLE, target, path)
    if not ending:
        return datasets.load_from_disk(str(path))
    return datasets.load_dataset(
        "json", data_files=str(path), split="train", cache_dir=str(folder / "cache")
    )


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Build a tokenizer of bytes with a chat template: nothing is fetched."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    known = {token: at for at, token in enumerate(["<|eos|>", *alphabet])}
    inner = Tokenizer(models.BPE(vocab=known, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|eos|>")
    made.chat_template = TEMPLATE
    return made


def prepared(trainer: Any, data: Any, tokenizer: Any) -> Any:
    """Run a trainer's own preparation, which needs no model."""
    arguments = SimpleNamespace(
        dataset_num_proc=None, max_length=None, truncation_mode="keep_start"
    )
    fake = SimpleNamespace(_tokenizer=tokenizer, calculate_KL=False)
    return trainer._prepare_dataset(fake, data, tokenizer, arguments, "train")


@pytest.mark.parametrize("target", ["trl-conversational", "trl-implicit"])
def test_trl_finds_the_conversation(target: str, tmp_path: Path) -> None:
    from trl.data_utils import is_conversational, maybe_extract_prompt

    for row, pair in zip(loaded(target, tmp_path), BUSY, strict=True):
        assert is_conversational(row)
        found = maybe_extract_prompt(row)
        if pair.response_a == pair.response_b and target == "trl-implicit":
            continue  # nothing tells TRL where equal conversations part
        winner, loser = pair.response_a, pair.response_b
        if pair.label == 0:
            winner, loser = loser, winner
        prompt = pair.turns or [{"role": "user", "content": pair.prompt}]
        assert found["prompt"] == prompt
        assert found["chosen"] == [{"role": "assistant", "content": winner}]
        assert found["rejected"] == [{"role": "assistant", "content": loser}]


def test_trl_splits_the_transcripts(tmp_path: Path) -> None:
    from trl.data_utils import is_conversational, maybe_extract_prompt

    for row, pair in zip(loaded("trl-implicit-text", tmp_path), BUSY, strict=True):
        assert not is_conversational(row)
        found = maybe_extract_prompt(row)
        assert found["prompt"] + found["chosen"] == row["chosen"]
        assert pair.response_a == pair.response_b or "Assistant:" in found["prompt"]


def test_trl_renders_its_chat_template(tmp_path: Path, tokenizer: Any) -> None:
    from trl.data_utils import maybe_apply_chat_template

    keys = ("prompt", "chosen", "rejected")
    for row in loaded("trl-conversational", tmp_path):
        found = maybe_apply_chat_template({key: row[key] for key in keys}, tokenizer)
        shared = found["prompt"].endswith("<|assistant|>")  # more, where the answers start alike
        assert shared or found["prompt"].split("<|assistant|>")[-1] in row["chosen"][0]["content"]
        whole = found["prompt"] + found["chosen"]
        assert whole.endswith(row["chosen"][0]["content"] + "<|end|>")


def test_unpairing_by_trl_gives_our_unpaired_rows(tmp_path: Path) -> None:
    from trl.data_utils import unpair_preference_dataset

    for target, unpaired in (("trl", "kto"), ("trl-conversational", "kto-conversational")):
        theirs = unpair_preference_dataset(loaded(target, tmp_path).remove_columns("margin"))
        assert sorted(map(_told, theirs)) == sorted(map(_told, loaded(unpaired, tmp_path)))


def _told(row: dict[str, Any]) -> str:
    return repr((row["prompt"], row["completion"], row["label"]))


@pytest.mark.parametrize("ending", [".jsonl", ""])
@pytest.mark.parametrize("target", VARIANTS)
def test_the_dpo_trainer_prepares_the_export(
    target: str, ending: str, tmp_path: Path, tokenizer: Any
) -> None:
    from trl import DPOTrainer

    found = prepared(DPOTrainer, loaded(target, tmp_path, ending), tokenizer)
    assert len(found) == len(BUSY)
    for row, pair in zip(found, BUSY, strict=True):
        winner = pair.response_b if pair.label == 0 else pair.response_a
        text = tokenizer.decode([*row["prompt_ids"], *row["chosen_ids"]])
        assert winner in text
        assert row["chosen_ids"]
        assert row["rejected_ids"]


@pytest.mark.parametrize("target", ["trl-unpaired", "trl-unpaired-conversational"])
def test_the_kto_trainer_prepares_the_export(target: str, tmp_path: Path, tokenizer: Any) -> None:
    from trl import KTOTrainer

    found = prepared(KTOTrainer, loaded(target, tmp_path), tokenizer)
    assert found["label"] == [True, False] * len(BUSY)
    assert all(row["completion_ids"] for row in found)


def test_the_reward_trainer_takes_the_margin(tmp_path: Path, tokenizer: Any) -> None:
    from trl import RewardTrainer
    from trl.trainer.reward_trainer import DataCollatorForPreference

    found = prepared(RewardTrainer, loaded("trl-conversational", tmp_path), tokenizer)
    batch = DataCollatorForPreference(pad_token_id=0)([found[at] for at in range(len(found))])
    assert batch["margin"].tolist() == [pair.strength for pair in BUSY]
