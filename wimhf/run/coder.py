"""Codes of texts that are not in the run's data, by the run's own encoder and dictionary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.base import Floats, Floats32, Progress, silent
from wimhf.errors import EncoderError
from wimhf.learn import (
    Encoder,
    choose_encoder,
    embed_pairs,
    pair_differences,
    resolve_device,
)
from wimhf.run.run import Run
from wimhf.run.vectors import dictionary_of

CodeOf = Callable[[list[str], list[str], list[str]], Floats]


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


def new_differences(
    run: Run, pairs: pl.DataFrame, encoder: Encoder, progress: Progress = silent
) -> Floats32:
    """Return the differences (n, d) of pairs that are not the run's, in the run's scale.

    Parameters
    ----------
    pairs
        prompt, response_a, response_b.

    Raises
    ------
    EncoderError
        If the encoder fails.
    """
    config = replace(run.config.embed, encoder=run.facts("embed")["encoder"])
    embedded = embed_pairs(pairs, encoder, config, progress)
    delta = pair_differences(embedded.vectors, embedded.text_a, embedded.text_b)
    scale = np.float32(run.folder.read_json("dictionary.json")["scale"])
    return np.asarray(delta / scale, dtype=np.float32)


def code_of(run: Run, encoder: Encoder) -> CodeOf:
    """Return (prompts, responses A, responses B) -> signed codes (n, m), poles not applied.

    Raises
    ------
    EncoderError
        If the encoder fails, when the function is called.
    """
    dictionary = dictionary_of(run)

    def codes(prompts: list[str], a: list[str], b: list[str]) -> Floats:
        pairs = pl.DataFrame({"prompt": prompts, "response_a": a, "response_b": b})
        found: Floats = dictionary.encode(new_differences(run, pairs, encoder)).astype(np.float64)
        return found

    return codes
