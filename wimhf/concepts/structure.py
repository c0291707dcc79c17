"""Detectors for what no pattern over one scope can see: shape, length, repetition, verse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from wimhf.concepts.broken import BROKEN
from wimhf.concepts.measures import count_words
from wimhf.concepts.sentences import sentence_parts, sentences

LIST_ITEM = re.compile(r"[ \t]*(?:[-*+•·–]|\d{1,3}[.)]|[a-zA-Z][.)])[ \t]+\S")
SPEAKER = re.compile(r"(?m)^[ \t]*\**([A-Z][\w.' -]{0,24}?)(?: \([^)\n]*\))?\**:\**[ \t]+\S")
LONG_SENTENCE, SHORT_SENTENCE = 25, 5
SHORT_PARAGRAPH = 40
RUN = 5
OTHER_LANGUAGE = frozenset(
    "und der das nicht ist ein eine auf sie mit les des est une vous dans pour pas avec los las "
    "del una por para con como más não uma com você che sono della il gli het een niet van zijn "
    "się jest nie bir ve için yang untuk dengan tidak que y el".split()
)
ENGLISH = frozenset("the and you that with this are have not of to it is for your was".split())


def _paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n\s*\n", text) if part.strip()]


def long_sentences(text: str) -> float:
    """Return by how many words the mean sentence exceeds 25, from two sentences on."""
    count = len(sentences(text))
    return max(0.0, len(text.split()) / count - LONG_SENTENCE) if count >= 2 else 0.0


def short_sentences(text: str) -> float:
    """Return the percentage of sentences of at most five words, if that is half of three or more.

    Lists, titles and code are no sentences.
    """
    whole = [] if "```" in text else [part for part, ends in sentence_parts(text) if ends]
    short = sum(len(part.split()) <= SHORT_SENTENCE for part in whole)
    many = len(whole) >= 3 and 2 * short >= len(whole)
    return 100.0 * short / len(whole) if many else 0.0


def one_block(text: str) -> float:
    """Return 1 for sixty words or more without any line break."""
    stripped = text.strip()
    return float("\n" not in stripped and count_words(stripped) >= 60)


def short_paragraphs(text: str) -> float:
    """Return how many paragraphs there are, if three or more have under forty words each."""
    parts = [part for part in _paragraphs(text) if not LIST_ITEM.match(part)]
    brief = all(len(part.split()) < SHORT_PARAGRAPH for part in parts)
    return float(len(parts)) if len(parts) >= 3 and brief else 0.0


def speaker_turns(text: str) -> float:
    """Return how many lines are turns of speakers, if two or more names have two turns each."""
    names = Counter(match[1].lower() for match in SPEAKER.finditer(text))
    turns = [count for count in names.values() if count >= 2]
    return float(sum(turns)) if len(turns) >= 2 else 0.0


def single_sentence(text: str) -> float:
    """Return 1 if the text is one sentence of at least four words."""
    return float(len(sentences(text)) == 1 and count_words(text) >= 4)


def bare_answer(text: str) -> float:
    """Return 1 for one, two or three words."""
    return float(1 <= count_words(text) <= 3)


def repeated_sentences(text: str) -> float:
    """Return how many sentences of four words or more have been said already."""
    counts = Counter(
        " ".join(part.lower().split()) for part in sentences(text) if len(part.split()) >= 4
    )
    return float(counts.total() - len(counts))


def repeated_phrases(text: str) -> float:
    """Return what percentage of runs of five words has been said already, beyond ten."""
    words = text.lower().split()
    runs = list(zip(*(words[start:] for start in range(RUN)), strict=False))
    if not runs:
        return 0.0
    return max(0.0, 100.0 * (1 - len(set(runs)) / len(runs)) - 10.0)


def cut_off(text: str) -> float:
    """Return 1 if thirty words or more stop at a letter or comma, outside of lists."""
    stripped = text.rstrip()
    last = stripped.rsplit("\n", 1)[-1]
    open_ended = last[-1:].isalnum() or last.endswith((",", "-", "("))
    running = len(last.split()) >= 3 and not LIST_ITEM.match(last)
    return float(open_ended and running and len(stripped.split()) >= 30)


def mostly_list(text: str) -> float:
    """Return the percentage of lines that are list items, if more than half of four or more."""
    lines = [line for line in text.splitlines() if line.strip()]
    items = sum(LIST_ITEM.match(line) is not None for line in lines)
    return 100.0 * items / len(lines) if len(lines) >= 4 and 2 * items > len(lines) else 0.0


def mostly_code(text: str) -> float:
    """Return the percentage of characters inside code fences, if more than half."""
    inside = sum(map(len, text.split("```")[1::2]))
    return 100.0 * inside / len(text) if 2 * inside > len(text) else 0.0


def _verse(text: str) -> list[str]:
    """Return the last words of short lines, if four or more look like verse."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
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


def other_language(text: str) -> float:
    """Return how many function words of other European languages outnumber the English ones."""
    words = text.lower().split()
    foreign = sum(word in OTHER_LANGUAGE for word in words)
    if foreign < 3:
        return 0.0
    return float(max(0, foreign - sum(word in ENGLISH for word in words)))


DETECTORS: Mapping[str, Callable[[str], float]] = {
    detector.__name__: detector
    for detector in (
        long_sentences, short_sentences, one_block, short_paragraphs, speaker_turns,
        single_sentence, bare_answer, repeated_sentences, repeated_phrases, cut_off, mostly_list,
        mostly_code, verse, rhymes, other_language, *BROKEN,
    )
}  # fmt: skip
"""Name in a TOML file -> a pure function of the text, 0 where the concept is absent."""
