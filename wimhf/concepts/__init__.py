"""Texts -> named odd columns: the written bank, and what can be counted."""

from wimhf.concepts.bank import Concept, load_concepts
from wimhf.concepts.concerns import concern_alerts, length_concern
from wimhf.concepts.detect import measure_concepts
from wimhf.concepts.measures import MEASURES, UNSPACED, WORD, count_words, measure_texts, odd_log
from wimhf.concepts.sentences import sentence_pieces

__all__ = [
    "MEASURES",
    "UNSPACED",
    "WORD",
    "Concept",
    "concern_alerts",
    "count_words",
    "length_concern",
    "load_concepts",
    "measure_concepts",
    "measure_texts",
    "odd_log",
    "sentence_pieces",
]
