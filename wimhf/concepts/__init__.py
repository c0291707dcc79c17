"""Texts -> named odd columns: the written bank, and what can be counted."""

from wimhf.concepts.bank import load_concepts
from wimhf.concepts.columns import Asked, ConceptColumns, concept_columns, joined_columns
from wimhf.concepts.concept import Concept
from wimhf.concepts.detect import measure_concepts, written_pattern
from wimhf.concepts.examples import ExampleCheck, check_examples
from wimhf.concepts.languages import language_name, language_of
from wimhf.concepts.length import LENGTH, length_concept
from wimhf.concepts.measures import UNSPACED, WORD, Texts, odd_log, words_of
from wimhf.concepts.naming import speaks_of
from wimhf.concepts.sentences import sentence_pieces
from wimhf.concepts.spread import spread_columns

__all__ = [
    "LENGTH",
    "UNSPACED",
    "WORD",
    "Asked",
    "Concept",
    "ConceptColumns",
    "ExampleCheck",
    "Texts",
    "check_examples",
    "concept_columns",
    "joined_columns",
    "language_name",
    "language_of",
    "length_concept",
    "load_concepts",
    "measure_concepts",
    "odd_log",
    "sentence_pieces",
    "speaks_of",
    "spread_columns",
    "words_of",
    "written_pattern",
]
