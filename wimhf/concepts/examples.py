"""Whether a concept does on its own examples what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from wimhf.concepts.bank import load_concepts
from wimhf.concepts.concept import POLES, Concept
from wimhf.concepts.detect import measure_concepts
from wimhf.concepts.structure import ALWAYS, DETECTORS


@dataclass(frozen=True)
class ExampleCheck:
    """What became of a concept's examples.

    Attributes
    ----------
    checked
        How many examples were read.
    missed, wrong
        Texts of ``more`` in which nothing is found, and of ``less`` in which something is.
    """

    concept: Concept
    checked: int
    missed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no example fails."""
        return not self.missed and not self.wrong


def check_examples(paths: Sequence[str | Path]) -> list[ExampleCheck]:
    """Return what every concept of some files does on its own examples, in their order.

    A concept within or outside another is tried by what it looks for; one that reads the prompt
    beside the response cannot be tried on a text alone.

    Raises
    ------
    ConfigError
        If a file cannot be read, or a concept in it is not well formed.
    """
    bank = {concept.id: concept for concept in load_concepts(paths)}
    files = {str(Path(path)) for path in paths}
    return [_checked(one, bank[one.of or one.id]) for one in bank.values() if one.source in files]


def _checked(concept: Concept, sought: Concept) -> ExampleCheck:
    if sought.reads == "both":
        return ExampleCheck(concept, 0)
    failed: dict[str, tuple[str, ...]] = {}
    for pole in POLES:
        texts: tuple[str, ...] = getattr(concept, f"examples_{pole}")
        found = _found(sought, texts)
        failed[pole] = tuple(
            text for text, is_found in zip(texts, found, strict=True)
            if is_found != (pole == "more")
        )  # fmt: skip
    checked = len(concept.examples_more) + len(concept.examples_less)
    return ExampleCheck(concept, checked, failed["more"], failed["less"])


def _found(concept: Concept, texts: tuple[str, ...]) -> list[bool]:
    if not texts:
        return []
    # what a text is sought in plays no part here
    amounts = measure_concepts([replace(concept, reads="response")], list(texts)).toarray()[:, 0]
    floor = 0.0
    if concept.detector in ALWAYS and concept.examples_less:
        # never wholly absent: there is more of it than in any near-miss
        floor = _most(concept)
    return [bool(amount > floor) for amount in amounts]


def _most(concept: Concept) -> float:
    detect = DETECTORS[concept.detector or ""]
    return max(float(np.float32(detect(text))) for text in concept.examples_less)
