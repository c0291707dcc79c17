"""The candidate terms of lexical descriptions, as odd columns over pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from wimhf.base import Floats, Ints, Mask
from wimhf.concepts import WORD, Concept, measure_concepts, odd_log

MAX_NGRAMS = 4000
MIN_SUPPORT = 8
"""Fewest fitting pairs in which an n-gram must tell the responses apart."""
MIN_SHARE = 0.008
SAYS_NOTHING = ENGLISH_STOP_WORDS - frozenset(
    "i me my you your yourself we us our he she they cannot cant not no never nothing please why "
    "how what who when where because if but".split()
)
"""Words that, alone or together, would be true names and tell a reader nothing."""
COUNTED_ONCE = {
    "words": "is_longer", "sentences": "has_more_sentences", "paragraphs": "breaks_lines_often",
    "lists": "uses_list_items", "headers": "uses_headings", "bold": "uses_bold",
    "code": "shows_code_blocks", "questions": "asks_questions",
    "ends_with_question": "ends_with_question", "exclamations": "exclaims",
    "digits": "gives_numbers", "emoji": "uses_emoji", "quotes": "puts_words_in_quotes",
    "urls": "gives_urls", "first_person": "speaks_of_itself",
    "second_person": "addresses_the_user", "plural_person": "says_we",
    "third_person": "speaks_of_third_persons", "hedges": "hedges_claims",
    "negations": "negates", "apologies": "apologises", "refusals": "refuses_request",
    "ai_self_reference": "refers_to_itself_as_ai", "disclaimers": "disclaims_advice",
    "moralising": "lectures_on_morals", "greetings": "greets", "praise": "praises_user",
    "empathy": "shows_empathy", "citations": "cites_studies", "examples": "gives_examples",
    "summaries": "sums_up", "variety": "varies_its_words", "word_length": "uses_longer_words",
    "other_script": "writes_other_script",
}  # fmt: skip
"""What runs of 0.1 name ``measure:`` -> the concept that says it."""


@dataclass(frozen=True)
class Term:
    """One thing that can be said of a response.

    Attributes
    ----------
    kind
        ``concept`` (of the written bank) or ``ngram`` (words).
    text
        Its id, or the words.
    more, less
        Said of the response with more (less) of it.
    """

    kind: str
    text: str
    more: str
    less: str

    @property
    def key(self) -> str:
        """Kind and text in one, as it is saved."""
        return f"{self.kind}:{self.text}"

    def phrase(self, positive: bool) -> str:
        """Return the words for a response with more (or less) of the term."""
        return self.more if positive else self.less


def concept_term(concept: Concept) -> Term:
    """Return the term that a response does what a concept says."""
    return Term("concept", concept.id, concept.more, concept.less)


def words_term(words: str) -> Term:
    """Return the term that a response says some words."""
    return Term("ngram", words, f"says “{words}”", f"does not say “{words}”")


def saved_term(key: str, concepts: Sequence[Concept]) -> Term:
    """Return the term of a saved key; ``concepts`` are those it may name."""
    kind, _, text = key.partition(":")
    if kind == "measure":
        kind, text = "concept", COUNTED_ONCE[text]
    if kind == "concept":
        return next(concept_term(c) for c in concepts if c.id == text)
    return words_term(text)


def term_differences(
    terms: Sequence[Term], a: Sequence[str], b: Sequence[str], concepts: Sequence[Concept]
) -> Floats:
    """Return (n, terms) odd values of terms on pairs, as the columns of a table hold them."""
    out = np.zeros((len(a), len(terms)))
    for column, term in enumerate(terms):
        if term.kind == "ngram":
            has = [
                [f" {term.text} " in f" {' '.join(tokens(text))} " for text in side]
                for side in (a, b)
            ]
            out[:, column] = np.subtract(*np.array(has, dtype=np.float64))
            continue
        concept = next(c for c in concepts if c.id == term.text)
        sides = [measure_concepts([concept], list(side)).toarray()[:, 0] for side in (a, b)]
        lead = np.asarray(sides[0] - sides[1], dtype=np.float32)
        out[:, column] = odd_log(lead)
    return out


@dataclass(frozen=True)
class TermTable:
    """Terms and their odd values on pairs.

    ``columns`` is (n, p): of concepts the odd logarithm of the difference, of n-grams presence in
    A minus presence in B.
    """

    terms: list[Term]
    columns: sparse.csc_array

    @property
    def concepts(self) -> Mask:
        """(p,) whether a term is a concept."""
        return np.array([term.kind == "concept" for term in self.terms], dtype=bool)

    def with_concepts(self, concepts: Sequence[Concept], odd: sparse.csc_array) -> TermTable:
        """Return the table with concepts before its words; ``odd`` is (n, concepts)."""
        terms = [concept_term(concept) for concept in concepts]
        columns = sparse.csc_array(sparse.hstack([odd, self.columns], format="csc"))
        return TermTable([*terms, *self.terms], columns)


def word_table(responses: Sequence[str], text_a: Ints, text_b: Ints, fit: Ints) -> TermTable:
    """Return which words and runs of two or three words tell pairs of texts apart.

    Parameters
    ----------
    responses
        Unique texts.
    text_a, text_b
        (n,) each pair's row in ``responses``.
    fit
        Pairs that decide which n-grams are frequent enough.
    """
    vectorizer = CountVectorizer(
        tokenizer=tokens, token_pattern=None, lowercase=False, ngram_range=(1, 3), binary=True,
        dtype=np.float32, min_df=min(5, len(responses)),
    )  # fmt: skip
    try:
        present = sparse.csr_array(vectorizer.fit_transform(responses))
    except ValueError:  # no n-gram is frequent enough
        return TermTable([], sparse.csc_array((len(text_a), 0), dtype=np.float32))
    vocabulary = vectorizer.get_feature_names_out()
    telling = [i for i, name in enumerate(vocabulary) if not SAYS_NOTHING.issuperset(name.split())]
    every = sparse.csc_array((present[text_a] - present[text_b])[:, telling])
    chosen = _frequent(every[fit])
    names = [str(vocabulary[telling[column]]) for column in chosen]
    return TermTable([words_term(name) for name in names], sparse.csc_array(every[:, chosen]))


def tokens(text: str) -> list[str]:
    """Return lower-case words; a straight and a curly apostrophe are the same."""
    return WORD.findall(text.lower().replace("’", "'"))


def _frequent(columns: sparse.csc_array) -> Ints:
    telling = sparse.csc_array(columns != 0).sum(axis=0)
    floor = max(MIN_SUPPORT, MIN_SHARE * columns.shape[0])
    enough = np.flatnonzero(telling >= floor)
    if len(enough) > MAX_NGRAMS:
        enough = np.sort(enough[np.argsort(-telling[enough], kind="stable")[:MAX_NGRAMS]])
    chosen: Ints = enough.astype(np.int64)
    return chosen
