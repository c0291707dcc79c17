"""Concepts as columns over pairs: what one response has more of than the other, and what is asked.

A text is counted once however many pairs it stands in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from wimhf.base import Floats, Ints, Mask, Progress, silent
from wimhf.concepts.concept import PROMPTS, Concept
from wimhf.concepts.context import CONTEXT_DETECTORS
from wimhf.concepts.detect import measure_concepts
from wimhf.concepts.languages import ENGLISH, language_of
from wimhf.concepts.measures import odd_log


@dataclass(frozen=True)
class Asked:
    """What the user says in every pair: last, and in the whole conversation."""

    last: Sequence[str]
    all: Sequence[str]


@dataclass(frozen=True)
class ConceptColumns:
    """What concepts find in pairs.

    Attributes
    ----------
    concepts
        Those of the response, the columns of ``odd``.
    odd
        (n, c) sign(d) log(1 + |d|) of the difference d of A and B; swapping negates it exactly.
    prompts
        Those of the prompt, the columns of ``held``.
    held
        (n, p) 1 where what the user says has the concept, else 0.
    foreign
        (n,) whether a response is in another language than English, whose words the bank knows;
        nobody looks where no concept is of words.
    """

    concepts: tuple[Concept, ...]
    odd: sparse.csc_array
    prompts: tuple[Concept, ...]
    held: sparse.csc_array
    foreign: Mask


def concept_columns(
    bank: Sequence[Concept],
    asked: Asked,
    responses: tuple[Sequence[str], Sequence[str]],
    progress: Progress = silent,
) -> ConceptColumns:
    """Count every concept in every pair.

    Parameters
    ----------
    responses
        A and B of every pair.
    """
    plain = [c for c in bank if c.reads == "response" and c.of is None]
    both = [c for c in bank if c.reads == "both"]
    conditional = [c for c in bank if c.of is not None]
    found = dict(zip(_ids(plain), _split(_leads(plain, responses, progress)), strict=True))
    found |= zip(_ids(both), _split(_in_context(both, asked.last, responses)), strict=True)
    prompts, held = _of_prompts(bank, asked, progress)
    places = {concept.id: place for place, concept in enumerate(prompts)}
    for concept in conditional:
        whole = found[concept.of or ""]
        if concept.within is not None:
            whole = whole.multiply(held[:, [places[concept.within]]])
        if concept.outside is not None:
            whole = whole - whole.multiply(held[:, [places[concept.outside]]])
        found[concept.id] = sparse.csc_array(whole)
    kept = (*plain, *both, *conditional)
    odd = _joined([found[c.id] for c in kept], len(asked.last))
    foreign = np.zeros(len(asked.last), dtype=bool)
    if len(foreign) and any(concept.needs_words for concept in kept):
        foreign = _foreign(responses)
    return ConceptColumns(kept, odd, prompts, held, foreign)


def _foreign(sides: tuple[Sequence[str], Sequence[str]]) -> Mask:
    texts, places = unique_texts(*sides)
    other = np.array([language_of(text) not in (None, ENGLISH) for text in texts], dtype=bool)
    either: Mask = other[places[0]] | other[places[1]]
    return either


def joined_columns(
    found: ConceptColumns, concepts: Sequence[Concept], columns: Sequence[Floats]
) -> ConceptColumns:
    """Return what was counted with columns (n,) of other concepts behind it."""
    added = [sparse.csc_array(column[:, None].astype(np.float32)) for column in columns]
    odd = _joined([found.odd, *added], found.odd.shape[0])
    return replace(found, concepts=(*found.concepts, *concepts), odd=odd)


def _ids(concepts: Sequence[Concept]) -> list[str]:
    return [concept.id for concept in concepts]


def _split(columns: sparse.csc_array) -> list[sparse.csc_array]:
    return [columns[:, [place]] for place in range(columns.shape[1])]


def _joined(columns: list[sparse.csc_array], n: int) -> sparse.csc_array:
    if not columns:
        return sparse.csc_array((n, 0), dtype=np.float32)
    joined = sparse.csc_array(sparse.hstack(columns, format="csc"))
    joined.eliminate_zeros()
    return joined


def _leads(
    concepts: Sequence[Concept], sides: tuple[Sequence[str], Sequence[str]], progress: Progress
) -> sparse.csc_array:
    """Return (n, c) odd logarithms of what A has more of than B."""
    texts, places = unique_texts(*sides)
    counts = sparse.csr_array(measure_concepts(concepts, texts, progress))
    return _odd(counts[places[0]] - counts[places[1]])


def _in_context(
    concepts: Sequence[Concept], asked: Sequence[str], sides: tuple[Sequence[str], Sequence[str]]
) -> sparse.csc_array:
    detectors = [CONTEXT_DETECTORS[concept.detector or ""] for concept in concepts]
    lead = np.zeros((len(asked), len(detectors)), dtype=np.float32)
    for row, (said, a, b) in enumerate(zip(asked, *sides, strict=True)):
        lead[row] = [detect(said, a) - detect(said, b) for detect in detectors]
    return _odd(sparse.csr_array(lead))


def _odd(lead: sparse.csr_array) -> sparse.csc_array:
    odd = sparse.csc_array(lead, dtype=np.float32)
    odd.data = odd_log(odd.data)
    odd.eliminate_zeros()
    return odd


def _of_prompts(
    bank: Sequence[Concept], asked: Asked, progress: Progress
) -> tuple[tuple[Concept, ...], sparse.csc_array]:
    parts: list[sparse.csc_array] = []
    concepts: list[Concept] = []
    for reads, said in (("prompt", asked.last), ("conversation", asked.all)):
        own = [c for c in bank if c.reads == reads]
        texts, (places,) = unique_texts(said)
        counts = sparse.csr_array(measure_concepts(own, texts, progress))
        parts.append(sparse.csc_array((counts > 0).astype(np.float32)[places]))
        concepts += own
    assert {c.reads for c in concepts} <= set(PROMPTS)
    return tuple(concepts), _joined(parts, len(asked.last))


def unique_texts(*sides: Sequence[str]) -> tuple[list[str], list[Ints]]:
    """Return every text once, and where each side's texts are among them."""
    number: dict[str, int] = {}
    places = [np.array([number.setdefault(text, len(number)) for text in side]) for side in sides]
    return list(number), [place.astype(np.int64) for place in places]
