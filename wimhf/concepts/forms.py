"""The form a request asks its answer to have, and how near an answer comes to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from wimhf.concepts.languages import CODES, language_of
from wimhf.concepts.measures import count_words
from wimhf.concepts.needs import cues_of
from wimhf.concepts.sentences import sentences

NUMBERS = {
    word: number
    for number, word in enumerate(
        "a one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"a": 1, "single": 1, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100}
NUMBER = r"\d{1,4}|" + "|".join(NUMBERS)
UNITS = r"words?|sentences?|paragraphs?|lines?|bullet points?|bullets?|items?"
LIMIT = re.compile(
    r"\b(?P<limit>at least|no fewer than|minimum(?: of)?|min|more than|over|at most|no more than|"
    r"up to|under|less than|fewer than|maximum(?: of)?|max|within|in|using|with|of|about|around|"
    r"approximately|roughly|exactly|write|give|a|an|only)\s+(?:me\s+)?(?:just |only |exactly )?"
    rf"(?P<number>{NUMBER})(?:\s?(?:-|to|or)\s?\d+)?[\s-](?:or (?:less|fewer) )?(?P<unit>{UNITS})\b"
    r"(?P<after> or (?:less|fewer|more)| max\w*| min\w*)?",
    re.IGNORECASE,
)
SHORT = re.compile(
    r"\b(?:one[- ]word|yes or no\b|in a word|single word|"
    r"just (?:the )?(?:answer|number|name|letter)|only (?:the )?(?:answer|number|name|letter)|"
    r"(?:short|brief|concise) (?:answer|reply|response)|"
    r"(?:answer|reply|respond|explain|describe) (?:it )?briefly|be (?:brief|concise))",
    re.IGNORECASE,
)
LIST = re.compile(
    r"(?:^|[.!?:\n] *|\b(?:please|you|make|give me|write|create|provide|as|in|and) )"
    r"(?:a |an |the )?(?:\w+ )?list(?: of| out| all| the| some| \w+|:|[.!?]|$)|"
    r"\bbullet(?:ed|s)?(?: points?| list)?\b|\bnumbered list\b|\benumerate\b|"
    rf"\b(?:name|list|give me|suggest|top) (?:{NUMBER})\s+\w+s\b",
    re.IGNORECASE,
)
CODE = re.compile(
    r"\b(?:write|create|implement|give me|fix|debug|refactor|generate|make) (?:[\w+#.-]+ ){0,5}?"
    r"(?:code|scripts?|functions? (?:that|to|which|in|for)|programs? (?:that|to|in)|quer(?:y|ies)|"
    r"regex|html|css|snippet|algorithm)\b",
    re.IGNORECASE,
)
TABLE = re.compile(r"\b(?:in|as|into|make|create|give me|draw) (?:a |an )?(?:\w+ )?table\b", re.I)
JSON = re.compile(r"\b(?:in|as|return|output|valid|into) (?:a |an )?(?:valid )?json\b", re.I)
VERSE = re.compile(r"\b(?:write|compose|create|make|give|tell)(?: me| us)? (?:[\w'-]+ ){0,3}?"
                   r"(?:poem|haiku|sonnet|limerick|rap|song lyrics|ballad)\b", re.I)  # fmt: skip
LANGUAGE = re.compile(
    r"\b(?:in|into|to) (" + "|".join(CODES) + r")\b(?! (?:class|history|culture|food|cuisine))",
    re.I,
)
WANTS_LANGUAGE = re.compile(
    r"\b(?:translat\w+|answer|respond|reply|write|say|speak|how (?:do|would|can) (?:you|i|one) say|"
    r"explain|tell me)\b",
    re.IGNORECASE,
)
ITEM = re.compile(r"(?m)^[ \t]*(?:[-*+•–]|\d{1,3}[.)])[ \t]+\S")
MARKUP = re.compile(r"```|(?m:^\s*(?:def |import |from \w+ import|#include|function |const |let |"
                    r"SELECT |public |class \w+[:{(]|<\w+[ >]))")  # fmt: skip
SHORT_WORDS = 30
"""Words that a short answer has at most."""


@dataclass(frozen=True)
class Wanted:
    """A number of something: at least, at most or about."""

    unit: str
    number: int
    bound: str

    def met(self, found: float) -> float:
        """Return 1 where the number is kept, less the further off it is, never below 0."""
        if self.bound == "least" and found >= self.number:
            return 1.0
        if self.bound == "most" and 0 < found <= self.number:
            return 1.0
        slack = 0.1 if self.unit == "word" and self.number > 1 else 0.0
        off = abs(found - self.number) / self.number
        return max(0.0, 1.0 - off) if off > slack else 1.0


def _wanted(asked: str) -> list[Wanted]:
    found = []
    for match in LIMIT.finditer(asked):
        said = match["number"].lower()
        number = NUMBERS.get(said) or int(said)
        bounds = f"{match['limit']} {match['after'] or ''}".lower()
        least = re.search(r"at least|no fewer|min|more than|over|or more", bounds)
        most = re.search(r"at most|no more|up to|under|less|fewer|max|within", bounds)
        bound = "most" if most and "no fewer" not in bounds else "least" if least else "about"
        unit = re.sub(r"s$", "", match["unit"].lower())
        found.append(Wanted("item" if unit.startswith("bullet") else unit, number, bound))
    return found


COUNT: Mapping[str, Callable[[str], float]] = {
    "word": count_words,
    "sentence": lambda text: float(len(sentences(text))),
    "paragraph": lambda text: float(len(re.findall(r"\n\s*\n", text.strip())) + 1),
    "line": lambda text: float(sum(bool(line.strip()) for line in text.splitlines())),
    "item": lambda text: float(len(ITEM.findall(text))),
}


def _verse(text: str) -> float:
    lines = [line for line in text.splitlines() if line.strip()]
    return float(
        len(lines) >= 3 and sum(len(line.split()) <= 12 for line in lines) > len(lines) / 2
    )


SHAPES: tuple[tuple[re.Pattern[str], Callable[[str], float]], ...] = (
    (LIST, lambda text: float(len(ITEM.findall(text)) >= 2 or text.count(",") >= 3)),
    (CODE, lambda text: float(MARKUP.search(text) is not None)),
    (TABLE, lambda text: float(re.search(r"(?m)^.*\|.*\|", text) is not None)),
    (JSON, lambda text: float(re.search(r"[{\[]\s*[\"{\[]", text) is not None)),
    (VERSE, _verse),
    (SHORT, lambda text: float(count_words(text) <= SHORT_WORDS)),
)
"""What asks for a shape, and whether a text has it."""


@lru_cache(maxsize=64)
def forms(asked: str) -> tuple[Callable[[str], float], ...]:
    """Return for each form asked for how far a response has it, from 0 to 1."""
    own = [meets for pattern, meets in SHAPES if _found(pattern, asked)]
    numbers = [_meets(wanted) for wanted in _wanted(asked)] if _found(LIMIT, asked) else []
    named = _found(LANGUAGE, asked) if _found(WANTS_LANGUAGE, asked) else None
    languages = [_speaks(CODES[named[1].lower()])] if named else []
    return (*own, *numbers, *languages)


def _found(pattern: re.Pattern[str], asked: str) -> re.Match[str] | None:
    """Search what is asked, if it holds a piece that every match does: that is told far faster."""
    cues = cues_of(pattern.pattern)
    if cues and asked.isascii():
        lowered = asked.lower()
        for cue in cues:
            if cue in lowered:
                break
        else:
            return None
    return pattern.search(asked)


def _meets(wanted: Wanted) -> Callable[[str], float]:
    return lambda text: wanted.met(COUNT[wanted.unit](text))


def _speaks(code: str) -> Callable[[str], float]:
    return lambda text: float(language_of(text) in {code, None} and bool(text.strip()))
