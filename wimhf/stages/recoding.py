"""Codes of texts that are not in the run's data, by the run's own encoder and dictionary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.dictionary.batch_topk import BatchTopK
from wimhf.dictionary.train import resolve_device
from wimhf.embed import Encoder, choose_encoder, embed_pairs
from wimhf.errors import EncoderError
from wimhf.run import Run

CodeOf = Callable[[list[str], list[str], list[str]], NDArray[np.float64]]


def encoder_of(run: Run, given: Encoder | None) -> Encoder:
    """Return the encoder that a run was made with; vectors of another would mean nothing.

    Parameters
    ----------
    given
        The user's own, where the run was made with one.

    Raises
    ------
    EncoderError
        If it is not there any more.
    """
    facts, config = run.facts("embed"), run.config.embed
    if given is None and config.embeddings is not None:
        raise EncoderError(
            f"{run.path} was made with vectors of your own ({facts['encoder']}); a new text needs "
            "the encoder that made them: give encoder=yours"
        )
    if given is None:
        wanted = replace(config, encoder=facts["encoder"])
        given = choose_encoder(wanted, 2, str(resolve_device(config.device)))
    if (given.id, given.revision) != (facts["encoder"], facts["revision"]):
        raise EncoderError(
            f"{run.path} was made with {facts['encoder']} (revision {facts['revision']}), and what "
            f"is here is {given.id} ({given.revision}); analyze again with it"
        )
    return given


def code_of(run: Run, encoder: Encoder) -> CodeOf:
    """Return (prompts, responses A, responses B) -> signed codes (n, m), poles not applied.

    Raises
    ------
    EncoderError
        If the encoder fails, when the function is called.
    """
    config = replace(run.config.embed, encoder=run.facts("embed")["encoder"])
    dictionary = BatchTopK.from_tensors(run.read_tensors("dictionary.safetensors"))
    scale = np.float32(run.read_json("dictionary.json")["scale"])

    def codes(prompts: list[str], a: list[str], b: list[str]) -> NDArray[np.float64]:
        pairs = pl.DataFrame({"prompt": prompts, "response_a": a, "response_b": b})
        embedded = embed_pairs(pairs, encoder, config)
        delta = embedded.vectors[embedded.text_a] - embedded.vectors[embedded.text_b]
        found: NDArray[np.float64] = dictionary.encode(delta / scale).astype(np.float64)
        return found

    return codes
