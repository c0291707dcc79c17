"""Length: the one concept whose column in a run is that of a control."""

from __future__ import annotations

from dataclasses import replace

from wimhf.concepts.bank import load_concepts
from wimhf.concepts.concept import Concept

LENGTH = "is_longer"
"""Its id."""


def length_concept() -> Concept:
    """Return length as a run keeps it: its effect in the audit is that of length by itself."""
    written = next(concept for concept in load_concepts() if concept.id == LENGTH)
    return replace(written, detector=None, learned="the difference of log(1 + words)")
