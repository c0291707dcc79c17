"""Detectors for what no pattern over one scope can see: shape, length, repetition, verse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise

from wimhf.concepts.broken import BROKEN
from wimhf.concepts.measures import count_letters, count_words, distinct_words, plain_words
from wimhf.concepts.sentences import sentence_parts

LIST_ITEM = re.compile(r"[ \t]*(?:[-*+•·–]|\d{1,3}[.)]|[a-zA-Z][.)])[ \t]+\S")
SPEAKER = re.compile(r"(?m)^[ \t]*\**([A-Z][\w.' -]{0,24}?)(?: \([^)\n]*\))?\**:\**[ \t]+\S")
LONG_SENTENCE, SHORT_SENTENCE = 25, 5
SHORT_PARAGRAPH = 40
RUN = 5


def _paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n\s*\n", text) if part.strip()]


def length_in_words(text: str) -> float:
    """Return how many words there are."""
    return count_words(text)


def length_in_sentences(text: str) -> float:
    """Return how many sentences and pieces of lines there are."""
    return float(len(sentence_parts(text)))


def variety_of_words(text: str) -> float:
    """Return distinct words per square root of words (Guiraud's index)."""
    words = plain_words(text)
    return len(distinct_words(text)) / len(words) ** 0.5 if words else 0.0


def length_of_words(text: str) -> float:
    """Return how many letters and digits a word has on average."""
    words = count_words(text)
    return count_letters(text) / words if words else 0.0


def long_sentences(text: str) -> float:
    """Return by how many words the mean sentence exceeds 25, from two sentences on."""
    words = count_words(text)
    if words <= 2 * LONG_SENTENCE:
        return 0.0
    count = len(sentence_parts(text))
    return max(0.0, words / count - LONG_SENTENCE) if count >= 2 else 0.0


def short_sentences(text: str) -> float:
    """Return the percentage of sentences of at most five words, if that is half of three or more.

    Lists, titles and code are no sentences.
    """
    parts = sentence_parts(text)
    if len(parts) < 3 or "```" in text:
        return 0.0
    whole = [part for part, ends in parts if ends]
    short = sum(part.count(" ") < SHORT_SENTENCE for part in whole)
    many = len(whole) >= 3 and 2 * short >= len(whole)
    return 100.0 * short / len(whole) if many else 0.0


def one_block(text: str) -> float:
    """Return 1 for sixty words or more without any line break."""
    return float("\n" not in text.strip() and count_words(text) >= 60)


def short_paragraphs(text: str) -> float:
    """Return how many paragraphs there are, if three or more have under forty words each."""
    if text.count("\n") < 4:
        return 0.0
    parts = [part for part in _paragraphs(text) if not LIST_ITEM.match(part)]
    brief = len(parts) >= 3 and all(len(part.split()) < SHORT_PARAGRAPH for part in parts)
    return float(len(parts)) if brief else 0.0


def speaker_turns(text: str) -> float:
    """Return how many lines are turns of speakers, if two or more names have two turns each."""
    if text.count(":") < 4:
        return 0.0
    names = Counter(match[1].lower() for match in SPEAKER.finditer(text))
    turns = [count for count in names.values() if count >= 2]
    return float(sum(turns)) if len(turns) >= 2 else 0.0


def single_sentence(text: str) -> float:
    """Return 1 if the text is one sentence of at least four words."""
    return float(len(sentence_parts(text)) == 1 and count_words(text) >= 4)


def bare_answer(text: str) -> float:
    """Return 1 for one, two or three words."""
    return float(1 <= count_words(text) <= 3)


def repeated_sentences(text: str) -> float:
    """Return how many sentences of four words or more have been said already."""
    long = [part for part, _ in sentence_parts(text) if part.count(" ") >= 3]
    if len(set(map(len, long))) == len(long):
        return 0.0
    return float(len(long) - len({part.lower() for part in long}))


def repeated_phrases(text: str) -> float:
    """Return what percentage of runs of five words has been said already, beyond ten."""
    words = plain_words(text)
    runs = len(words) - RUN + 1
    if runs <= 0:
        return 0.0
    if 10 * (len(words) - len(distinct_words(text))) <= runs:
        return 0.0
    # a run said again begins with two words said again
    pairs = len(words) - 1 - len(set(pairwise(words)))
    if 10 * pairs <= runs:
        return 0.0
    distinct = len(set(zip(*(words[start:] for start in range(RUN)), strict=False)))
    return max(0.0, 100.0 * (1 - distinct / runs) - 10.0)


def cut_off(text: str) -> float:
    """Return 1 if thirty words or more stop at a letter or comma, outside of lists."""
    stripped = text.rstrip()
    if not (stripped[-1:].isalnum() or stripped.endswith((",", "-", "("))):
        return 0.0
    last = stripped.rsplit("\n", 1)[-1]
    running = len(last.split()) >= 3 and not LIST_ITEM.match(last)
    return float(running and count_words(text) >= 30)


@lru_cache(maxsize=1)
def _lines(text: str) -> list[str]:
    """Return the lines that are not empty, stripped."""
    return [line for part in text.splitlines() if (line := part.strip())]


def mostly_list(text: str) -> float:
    """Return the percentage of lines that are list items, if more than half of four or more."""
    if text.count("\n") < 3:
        return 0.0
    lines = _lines(text)
    items = sum(LIST_ITEM.match(line) is not None for line in lines)
    return 100.0 * items / len(lines) if len(lines) >= 4 and 2 * items > len(lines) else 0.0


def mostly_code(text: str) -> float:
    """Return the percentage of characters inside code fences, if more than half."""
    if "```" not in text:
        return 0.0
    inside = sum(map(len, text.split("```")[1::2]))
    return 100.0 * inside / len(text) if 2 * inside > len(text) else 0.0


@lru_cache(maxsize=1)
def _verse(text: str) -> list[str]:
    """Return the last words of short lines, if four or more look like verse."""
    if text.count("\n") < 3:
        return []
    lines = _lines(text)
    short = [line for line in lines if 3 <= len(line.split()) <= 10 and line[0].isalpha()]
    if len(short) < 4 or 3 * len(short) < 2 * len(lines):
        return []
    if sum(line[-1] in ":;{}()|" for line in short) > len(short) // 3:
        return []
    return [re.sub(r"\W+", "", line.split()[-1]).lower() for line in short]


def verse(text: str) -> float:
    """Return how many short lines there are, if the text is set like a poem."""
    return float(len(_verse(text)))


def rhymes(text: str) -> float:
    """Return how many lines of verse end like one of the two lines before."""
    ends = _verse(text)
    return float(
        sum(
            any(end != other and end[-3:] == other[-3:] for other in ends[max(0, row - 2) : row])
            for row, end in enumerate(ends)
            if len(end) >= 3
        )
    )


COUNTED = (length_in_words, length_in_sentences, variety_of_words, length_of_words)
ALWAYS = frozenset(detector.__name__ for detector in COUNTED)
"""Detectors that find more or less in every text: what they count is never wholly absent."""

DETECTORS: Mapping[str, Callable[[str], float]] = {
    detector.__name__: detector
    for detector in (
        *COUNTED, long_sentences, short_sentences, one_block, short_paragraphs, speaker_turns,
        single_sentence, bare_answer, repeated_sentences, repeated_phrases, cut_off, mostly_list,
        mostly_code, verse, rhymes, *BROKEN,
    )
}  # fmt: skip
"""Name in a TOML file -> a pure function of the text, 0 where the concept is absent.

What several of them need of a text is kept until the next text: run all on one before another.
"""
