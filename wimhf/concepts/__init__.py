"""Texts -> named odd columns: the written bank, and what can be counted."""

from wimhf.concepts.bank import Concept, load_concepts
from wimhf.concepts.columns import Asked, ConceptColumns, concept_columns
from wimhf.concepts.detect import measure_concepts
from wimhf.concepts.measures import UNSPACED, WORD, count_words, odd_log
from wimhf.concepts.sentences import sentence_pieces

__all__ = [
    "UNSPACED",
    "WORD",
    "Asked",
    "Concept",
    "ConceptColumns",
    "concept_columns",
    "count_words",
    "load_concepts",
    "measure_concepts",
    "odd_log",
    "sentence_pieces",
]
