"""A reward model's scores of both responses, as one more black box to compare with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from wimhf.base import (
    LOCAL,
    Engine,
    Event,
    Floats32,
    KeyValueCache,
    Progress,
    RewardConfig,
    cache_folder,
    silent,
)
from wimhf.errors import EncoderError
from wimhf.learn.copies import Copy
from wimhf.learn.embed.encoder import user_path
from wimhf.learn.embed.loading import (
    first_line,
    folder_hash,
    hub_answers,
    quiet,
    refuse_own_code,
    refused_code,
)
from wimhf.learn.vector_cache import keep_vectors, known_vectors, text_key, vector_cache

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Talks = list[list[dict[str, str]]]
Scores = tuple[Floats32, list[bool]]
MOST_TOKENS = 4096
CHUNK = 16
"""Batches between two reports, which are also kept in the cache."""


@dataclass(frozen=True)
class Rewarded:
    """Scores (n,) of the pairs' A and B responses, and what gave them."""

    score_a: Floats32
    score_b: Floats32
    model: str
    revision: str
    max_tokens: int
    n_cut: int


class RewardModel:
    """A transformers sequence-classification model with one output.

    Conversations are put into the tokenizer's chat template where it has one, else given as a
    prompt and a response. What is too long loses its beginning, so that the response survives.
    """

    def __init__(self, config: RewardConfig, device: str) -> None:
        self.id = str(config.model)
        self.tokenizer, self.model, self.revision = _load(
            self.id, device, trusted=self.id in config.trusted
        )
        outputs = self.model.config.num_labels
        if outputs != 1:
            raise EncoderError(
                f"reward model {self.id!r} has {outputs} outputs; a reward model has one score "
                "(num_labels 1)"
            )
        own = min(
            int(self.tokenizer.model_max_length),
            int(getattr(self.model.config, "max_position_embeddings", MOST_TOKENS)),
        )
        self.max_tokens = min(config.max_tokens or min(own, MOST_TOKENS), own)
        self.batch = config.batch_size
        self.tokenizer.truncation_side = "left"
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.unk_token or self.tokenizer.eos_token
            self.model.config.pad_token_id = self.tokenizer.pad_token_id

    def score(self, talks: Talks) -> Scores:
        """Return each conversation's score (n,) and whether it was too long."""
        import torch

        scores: list[float] = []
        cut: list[bool] = []
        for start in range(0, len(talks), self.batch):
            encoded = [self._tokens(talk) for talk in talks[start : start + self.batch]]
            cut += [len(whole) > self.max_tokens for whole, _ in encoded]
            with quiet(), torch.inference_mode():
                batch = self.tokenizer.pad([given for _, given in encoded], return_tensors="pt")
                logits = self.model(**batch.to(self.model.device)).logits
            scores += logits[:, 0].float().cpu().tolist()
        values = np.array(scores, dtype=np.float32)
        if not np.isfinite(values).all():
            raise EncoderError(f"reward model {self.id!r} gave missing numbers; try another model")
        return values, cut

    def score_written(self, talks: list[str]) -> Scores:
        """Return the scores of conversations that are given as JSON."""
        return self.score([json.loads(talk) for talk in talks])

    def _tokens(self, talk: list[dict[str, str]]) -> tuple[list[int], dict[str, list[int]]]:
        """Return the token ids before any cut, and what the model is given."""
        text: tuple[str, ...]
        if self.tokenizer.chat_template:
            text = (self._templated(talk),)
            special = False
        else:
            text = ("\n\n".join(turn["content"] for turn in talk[:-1]), talk[-1]["content"])
            special = True
        with quiet():
            whole = self.tokenizer(*text, add_special_tokens=special)["input_ids"]
            given = self.tokenizer(
                *text, add_special_tokens=special, truncation=True, max_length=self.max_tokens
            )
        return whole, dict(given)

    def _templated(self, talk: list[dict[str, str]]) -> str:
        try:
            return str(self.tokenizer.apply_chat_template(talk, tokenize=False))
        except Exception as error:  # a template is a program, and raises what it likes
            roles = ", ".join(turn.get("role", "?") for turn in talk)
            raise EncoderError(
                f"the chat template of reward model {self.id!r} refuses a conversation of {roles} "
                f"({first_line(error)}); use a model that takes such conversations"
            ) from None


def reward_pairs(
    pairs: pl.DataFrame,
    config: RewardConfig,
    device: str,
    progress: Progress = silent,
    engine: Engine = LOCAL,
) -> Rewarded:
    """Score both responses of every pair; what was scored before comes from the cache.

    Parameters
    ----------
    device
        The resolved torch device of the engine.
    engine
        Where what is not in the cache is scored.

    Raises
    ------
    EncoderError
        If the model cannot be loaded, is no reward model, or gives unusable scores.
    EngineError
        If the engine's machines fail.
    """
    model = RewardModel(config, "cpu" if engine.elsewhere else device)
    score: Callable[[list[str]], Scores] = model.score_written
    if engine.elsewhere:
        score = Copy(partial(RewardModel, config, device), "score_written", model.revision)
    sides = [_talks(pairs, side) for side in ("response_a", "response_b")]
    unique = sorted({*sides[0], *sides[1]}, key=lambda talk: (-len(talk), talk))
    with vector_cache(
        cache_folder(), reward=model.id, revision=model.revision, max_tokens=model.max_tokens
    ) as cache:
        scores = _scored(unique, model, cache, progress, partial(engine.results, score))
    n_cut = sum(cut > 0 for _, cut in scores.values())
    if n_cut:
        message = (
            f"{n_cut:,} of {len(unique):,} conversations are longer than {model.id} takes "
            f"({model.max_tokens:,} tokens) and lost their beginning"
        )
        progress(Event("score", message=message, level="warning"))
    score_a, score_b = (np.array([scores[t][0] for t in side], dtype=np.float32) for side in sides)
    return Rewarded(score_a, score_b, model.id, model.revision, model.max_tokens, n_cut)


def _talks(pairs: pl.DataFrame, side: str) -> list[str]:
    """Return every conversation with a response at its end, as JSON."""
    empty: list[str | None] = [None] * len(pairs)
    turns = pairs["turns"].to_list() if "turns" in pairs.columns else empty
    out: list[str] = []
    for prompt, response, before in zip(pairs["prompt"], pairs[side], turns, strict=True):
        talk = json.loads(before) if before else [{"role": "user", "content": prompt}]
        talk = [*talk, {"role": "assistant", "content": response}]
        out.append(json.dumps(talk, ensure_ascii=False))
    return out


def _scored(
    talks: list[str],
    model: RewardModel,
    cache: KeyValueCache[bytes],
    progress: Progress,
    results: Callable[[list[list[str]]], Iterator[tuple[int, Scores]]],
) -> dict[str, tuple[float, float]]:
    """Return score and whether it was cut (0 or 1) of every conversation."""
    known = known_vectors(cache, [text_key(talk) for talk in talks])
    missing = [talk for talk in talks if text_key(talk) not in known]
    done = len(talks) - len(missing)
    if done and missing:
        progress(Event("score", message=f"{done:,} of {len(talks):,} scores are in the cache"))
    step = CHUNK * model.batch
    parts = [missing[start : start + step] for start in range(0, len(missing), step)]
    for place, (scores, cut) in results(parts):
        part = parts[place]
        keys = [text_key(talk) for talk in part]
        rows = np.column_stack([scores, np.array(cut, dtype=np.float32)])
        keep_vectors(cache, keys, rows)
        known |= dict(zip(keys, rows, strict=True))
        done += len(part)
        progress(Event("score", done, len(talks), unit="responses"))
    return {
        talk: (float(row[0]), float(row[1])) for talk in talks for row in [known[text_key(talk)]]
    }


def _load(
    name: str, device: str, *, trusted: bool
) -> tuple[PreTrainedTokenizerBase, PreTrainedModel, str]:
    folder = user_path(name)
    local = folder.is_dir()
    if not local and ("/" not in name or name.startswith(("/", ".", "~"))):
        raise EncoderError(
            f"reward model {name!r} does not exist; give owner/model on the hub, or a folder"
        )
    location = str(folder) if local else name
    if not trusted:
        refuse_own_code("reward model", name, location)
    try:
        with quiet():
            import torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer

            offline = not local and not hub_answers(location)
            tokenizer = AutoTokenizer.from_pretrained(
                location, local_files_only=offline, trust_remote_code=trusted
            )
            model = AutoModelForSequenceClassification.from_pretrained(
                location,
                local_files_only=offline,
                trust_remote_code=trusted,
                dtype=torch.bfloat16 if device.startswith("cuda") else torch.float32,
            )
            model.to(device).eval()
    except Exception as error:  # the hub client, torch and transformers each raise their own
        why = refused_code(error, name)
        raise EncoderError(
            f"reward model {name!r} could not be loaded ({why}); give the id or "
            "folder of a transformers sequence-classification model"
        ) from None
    revision = folder_hash(Path(location)) if local else str(model.config._commit_hash or "hub")
    return tokenizer, model, revision
