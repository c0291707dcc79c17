"""Pairs that are like another pair, or like a text, by the vectors a run was made from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wimhf.base import Floats32, Ints
from wimhf.data import Pair, RowReject, pair_table
from wimhf.errors import EncoderError
from wimhf.learn import Encoder, embed_pairs, pair_differences
from wimhf.run.coder import encoder_of
from wimhf.run.run import Run

BLOCK = 65_536
WAYS = ("difference", "responses")


def alike(run: Run, row: int, by: str = "difference") -> Floats32:
    """Return how like one pair every pair is.

    Parameters
    ----------
    row
        Row of the pair table.
    by
        ``difference``: their responses differ in the same way, whichever side is which.
        ``responses``: one of their responses says what one of the pair's says.

    Returns
    -------
    array (n,)
        Cosine, 0 to 1 by difference and -1 to 1 by responses; 0 where a vector is zero.

    Raises
    ------
    ValueError
        If ``by`` is neither.
    """
    vectors, a, b = _vectors(run)
    if by == "difference":
        return np.abs(_cosines(vectors, a, b, _unit(_row(vectors, a[row]) - _row(vectors, b[row]))))
    if by == "responses":
        return np.maximum(
            _closest(vectors, a, b, _row(vectors, a[row])),
            _closest(vectors, a, b, _row(vectors, b[row])),
        )
    raise ValueError(f"by={by!r} is unknown; use {' or '.join(WAYS)}")


def near_text(run: Run, text: str, encoder: Encoder | None = None) -> Floats32:
    """Return how near in meaning one of each pair's responses is to a text.

    Parameters
    ----------
    encoder
        The run's encoder; without it, it is loaded.

    Returns
    -------
    array (n,)
        Cosine of the nearer response, -1 to 1.

    Raises
    ------
    EncoderError
        If the text is empty, or the run's encoder is not there any more.
    """
    if not text.strip():
        raise EncoderError("the text to search for is empty; write some words")
    try:
        alone = pair_table([Pair("", text, text, None)], [0])
    except RowReject as reject:
        raise EncoderError(f"the text cannot be read: {reject.reason} ({reject.detail})") from None
    config = replace(run.config.embed, encoder=run.facts("embed")["encoder"])
    embedded = embed_pairs(alone, encoder_of(run, encoder), config)
    vectors, a, b = _vectors(run)
    return _closest(vectors, a, b, embedded.vectors[embedded.text_a[0]])


def _vectors(run: Run) -> tuple[Floats32, Ints, Ints]:
    texts = run.folder.read_table("pair_texts.parquet")
    vectors = run.folder.read_array("embeddings.npy")
    return vectors, texts["text_a"].to_numpy(), texts["text_b"].to_numpy()


def _row(vectors: Floats32, row: int) -> Floats32:
    return np.asarray(vectors[row], dtype=np.float32)


def _closest(vectors: Floats32, a: Ints, b: Ints, wanted: Floats32) -> Floats32:
    """Return the cosine (n,) of the nearer response of every pair; each text is read once."""
    unit = _unit(wanted)
    cosine = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), BLOCK):
        part = np.asarray(vectors[start : start + BLOCK])
        cosine[start : start + BLOCK] = _safe(part @ unit, part)
    return np.maximum(cosine[a], cosine[b])


def _cosines(vectors: Floats32, a: Ints, b: Ints, unit: Floats32) -> Floats32:
    cosine = np.empty(len(a), dtype=np.float32)
    for start in range(0, len(a), BLOCK):
        rows = slice(start, start + BLOCK)
        part = pair_differences(vectors, a[rows], b[rows])
        cosine[rows] = _safe(part @ unit, part)
    return cosine


def _safe(product: Floats32, part: Floats32) -> Floats32:
    length = np.sqrt(np.einsum("ij,ij->i", part, part))
    found: Floats32 = np.divide(product, length, out=np.zeros_like(product), where=length > 0)
    return found


def _unit(vector: Floats32) -> Floats32:
    length = float(np.linalg.norm(vector))
    unit: Floats32 = vector / np.float32(length) if length > 0 else np.zeros_like(vector)
    return unit
