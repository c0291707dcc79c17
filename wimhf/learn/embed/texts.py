"""Pairs -> unique rendered texts -> vectors, through the cache."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from wimhf.base import (
    EXCHANGE_TEMPLATE,
    LOCAL,
    RESPONSE_TEMPLATE,
    EmbedConfig,
    Engine,
    Event,
    Floats32,
    Ints,
    KeyValueCache,
    Progress,
    cache_folder,
    silent,
)
from wimhf.errors import EncoderError
from wimhf.learn.embed.encoder import Encoder
from wimhf.learn.embed.windows import EXCHANGE_TEXT, whole_vectors
from wimhf.learn.vector_cache import keep_vectors, known_vectors, text_key, vector_cache

MARGIN = 4
"""Tokens left free when a prompt is cut, since pieces join differently than they split."""


@dataclass(frozen=True)
class Embedded:
    """Vectors of unique texts and each pair's rows in them.

    Attributes
    ----------
    vectors
        (t, d) float32.
    text_a, text_b
        (n,) row of each pair's response.
    texts
        One row per vector: text_key (hex; empty for vectors brought by row) and cut.
    """

    vectors: Floats32
    text_a: Ints
    text_b: Ints
    texts: pl.DataFrame
    encoder: str
    revision: str
    max_tokens: int | None

    @property
    def n_cut(self) -> int:
        """Number of unique texts that lost their end, or their prompt's beginning."""
        return int(self.texts["cut"].sum())


def embed_pairs(
    pairs: pl.DataFrame,
    encoder: Encoder,
    config: EmbedConfig,
    progress: Progress = silent,
    engine: Engine = LOCAL,
) -> Embedded:
    """Embed every unique text of the pairs once.

    Parameters
    ----------
    engine
        Where the texts that are not in the cache are encoded.

    Raises
    ------
    EncoderError
        If the encoder fails or gives unusable vectors.
    EngineError
        If the engine's machines fail.
    """
    rendered_a, cut_a = _render(pairs, "response_a", encoder, config.template)
    rendered_b, cut_b = _render(pairs, "response_b", encoder, config.template)
    # sorted by length, then text: batches hold similar lengths and never depend on the sides
    unique = sorted(set(rendered_a) | set(rendered_b), key=lambda text: (-len(text), text))
    row_of = {text: row for row, text in enumerate(unique)}
    cut = {*cut_a, *cut_b}
    if config.template == EXCHANGE_TEMPLATE:
        vectors = _exchanges(unique, encoder, config, progress, engine)
    else:
        cut |= _too_long(unique, encoder)
        vectors = _vectors(unique, encoder, config, progress, engine)
    if cut:
        progress(
            Event(
                "embed",
                message=f"{len(cut)} of {len(unique)} texts are longer than {encoder.id} takes "
                f"({encoder.max_tokens} tokens) and were cut",
                level="warning",
            )
        )
    return Embedded(
        vectors=vectors,
        text_a=np.array([row_of[text] for text in rendered_a], dtype=np.int64),
        text_b=np.array([row_of[text] for text in rendered_b], dtype=np.int64),
        texts=pl.DataFrame(
            {"text_key": [text_key(t).hex() for t in unique], "cut": [t in cut for t in unique]}
        ),
        encoder=encoder.id,
        revision=encoder.revision,
        max_tokens=encoder.max_tokens,
    )


def embed_texts(
    texts: list[str], encoder: Encoder, config: EmbedConfig, progress: Progress = silent
) -> Floats32:
    """Embed texts as they are, without a template; return (n, d).

    Raises
    ------
    EncoderError
        If the encoder fails or gives unusable vectors.
    """
    unique = sorted(set(texts), key=lambda text: (-len(text), text))
    plain = replace(config, template=RESPONSE_TEMPLATE)
    vectors = _vectors(unique, encoder, plain, progress, LOCAL)
    row_of = {text: row for row, text in enumerate(unique)}
    return vectors[[row_of[text] for text in texts]]


def _exchanges(
    texts: list[str], encoder: Encoder, config: EmbedConfig, progress: Progress, engine: Engine
) -> Floats32:
    """Return the vectors (t, d) of whole exchanges, of length 1 where that is asked for."""
    vectors = whole_vectors(
        texts, encoder, lambda pieces: _vectors(pieces, encoder, config, progress, engine)
    )
    if not config.normalize:
        return vectors
    size = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(size, 1e-12))


def _render(
    pairs: pl.DataFrame, side: str, encoder: Encoder, template: str
) -> tuple[list[str], set[str]]:
    """Fill the template; where it is too long, cut the prompt from the left, never the response."""
    responses: list[str] = pairs[side].to_list()
    if template == RESPONSE_TEMPLATE:
        return responses, set()

    whole = template == EXCHANGE_TEMPLATE
    template = EXCHANGE_TEXT if whole else template
    # split once, so that braces inside the texts stay what they are
    pieces = re.split(r"(\{prompt\}|\{response\})", template)

    def fill(prompt: str, response: str) -> str:
        texts = {"{prompt}": prompt, "{response}": response}
        return "".join(texts.get(piece, piece) for piece in pieces)

    prompts: list[str] = pairs["prompt"].to_list()
    rendered = [fill(p, r) for p, r in zip(prompts, responses, strict=True)]
    if whole or encoder.max_tokens is None or "{prompt}" not in template:
        return rendered, set()
    cut = set()
    lengths = encoder.count_tokens(rendered)
    for row in np.flatnonzero(np.asarray(lengths) > encoder.max_tokens):
        rest = encoder.count_tokens([fill("", responses[row])])[0]
        room = max(0, encoder.max_tokens - rest - MARGIN) // template.count("{prompt}")
        rendered[row] = fill(encoder.last_tokens(prompts[row], room), responses[row])
        cut.add(rendered[row])
    return rendered, cut


def _too_long(texts: list[str], encoder: Encoder) -> set[str]:
    limit = encoder.max_tokens
    if limit is None:
        return set()
    # a token is at least one byte of the decomposed text, so short texts need no counting
    long = [t for t in texts if len(unicodedata.normalize("NFD", t).encode()) > limit - 2]
    cut = set()
    for start in range(0, len(long), 4096):
        part = long[start : start + 4096]
        counts = encoder.count_tokens(part)
        cut |= {text for text, count in zip(part, counts, strict=True) if count > limit}
    return cut


def _vectors(
    texts: list[str], encoder: Encoder, config: EmbedConfig, progress: Progress, engine: Engine
) -> Floats32:
    with vector_cache(
        cache_folder(),
        encoder=encoder.id,
        revision=encoder.revision,
        template=config.template,
        max_tokens=encoder.max_tokens,
        normalize=config.normalize,
    ) as cache:
        return _fill(texts, encoder, config.normalize, cache, progress, engine)


def _fill(
    texts: list[str],
    encoder: Encoder,
    normalize: bool,
    cache: KeyValueCache[bytes],
    progress: Progress,
    engine: Engine,
) -> Floats32:
    """Return the vectors of texts (t, d): what is in the cache, and the rest encoded and kept."""
    keys = [text_key(text) for text in texts]
    known = known_vectors(cache, keys)
    missing = [row for row, key in enumerate(keys) if key not in known]
    done = len(texts) - len(missing)
    if done and missing:
        progress(Event("embed", message=f"{done:,} of {len(texts):,} texts are in the cache"))
    out = np.empty((0, 0), dtype=np.float32)
    if known:
        out = np.empty((len(texts), len(next(iter(known.values())))), dtype=np.float32)
        for row, key in enumerate(keys):
            if key in known:
                out[row] = known[key]
    # whole chunks are kept, so that what is left after a stop makes the same chunks again
    chunks = [missing[at : at + encoder.chunk] for at in range(0, len(missing), encoder.chunk)]
    parts = [[texts[row] for row in rows] for rows in chunks]
    for place, made in engine.results(encoder.encode, parts):
        rows = chunks[place]
        vectors = _checked(made, len(rows), encoder)
        if normalize:
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        if out.size == 0:
            out = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
        if out.shape[1] != vectors.shape[1]:
            raise EncoderError(
                f"encoder {encoder.id} gave vectors of {vectors.shape[1]} dimensions where it gave "
                f"{out.shape[1]} before; if its model changed, delete {cache.path}"
            )
        keep_vectors(cache, [keys[row] for row in rows], vectors)
        out[rows] = vectors
        done += len(rows)
        progress(Event("embed", done, len(texts), unit="texts"))
    return out


def _checked(vectors: Floats32, n: int, encoder: Encoder) -> Floats32:
    vectors = np.asarray(vectors, dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != n or vectors.shape[1] == 0:
        raise EncoderError(
            f"encoder {encoder.id} gave vectors of shape {vectors.shape} for {n} texts; "
            "try another encoder"
        )
    if not np.isfinite(vectors).all():
        raise EncoderError(f"encoder {encoder.id} gave missing numbers; try another encoder")
    return vectors
