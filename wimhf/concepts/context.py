"""Detectors that see what was asked beside the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache

from wimhf.concepts.forms import LANGUAGE, forms
from wimhf.concepts.languages import language_of
from wimhf.concepts.measures import WORD, different_words

STOP = frozenset(
    "a about after all also am an and any are as at be because been before being between both but "
    "by can could did do does each few for from get give go good had has have he help her here "
    "him his how i if in into is it its just know like make me more most much my need no not of "
    "on one only or other our out over please really said same she should so some someone "
    "something such tell than thank thanks that the their them then there these they thing things "
    "think this those through to too under until up us use very want was way we were what when "
    "where which while who whom whose why will with would write yes you your".split()
)
PLURAL, ENDING = re.compile(r"(?:'s|(?<=[^s])s)$"), re.compile(r"(?:ie|ing|edly|ed|ly|e|y)$")
LEAST_STEM = 3
"""Letters that are left of a word when its ending is taken off."""
FEW_STEMS = 24
"""Stems up to which each is looked for in a text; more are found faster among all its words."""
LEAST_ASKED, MOST_ASKED, ALIKE = 4, 40, 0.8
"""Words of a question that may be repeated, and how alike its repetition is, from 0 to 1."""
HALF_SENTENCE = re.compile(r"[\w,;:'’\"“-]\s*$")
GOES_ON = re.compile(r"^\s*(?:[,;)…]|\.\.\.|[a-zà-ÿ])")
ROLE = re.compile(
    r"(?i)[ \t]*(?:\*\*)?(?:human|user|you|me|customer|question|q|###? ?(?:instruction|human)|"
    r"<\|?(?:user|im_start)\|?>)(?:\*\*)?[ \t]*:?(?:\*\*)?"
    r"(?:[ \t]*$|(?<=:)[ \t]*\S|(?<=:\*\*)[ \t]*\S)"
)
ASKS_YES_NO = re.compile(
    r"(?i)(?:^|[.!?\n] *)(?:so,? |and |but |ok,? |hey,? |hi,? |well,? )?(?:(?:is|are|was|were|do|"
    r"does|did|should|has|have|had|must|am|isn't|aren't|doesn't|don't|didn't)\b|"
    r"(?:can|could|will|would|may|might) (?!you\b))[^?\n]{1,200}\?"
)
OR = re.compile(r"(?i)\bor\b(?! not\b)")
YES_NO = re.compile(
    r"(?i)^\W*(?:(?:the (?:short |simple )?answer is|well|oh|hmm|short answer)\W+)?"
    r"(?:yes|yeah|yep|no|nope|not (?:really|exactly|necessarily|quite|always|at all)|"
    r"absolutely|definitely|of course|correct|true|false|it depends|"
    r"sometimes|probably|maybe|perhaps|certainly|indeed)\b"
)


@lru_cache(maxsize=256)
def _wanted(asked: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems of the words that carry content, and how such words begin."""
    stems = _stems(different_words(asked))
    return stems, frozenset(stem[:LEAST_STEM] for stem in stems)


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_stem(word) for word in words if word not in STOP) - {""}


@lru_cache(maxsize=2**16)
def _stem(word: str) -> str:
    if len(word) < LEAST_STEM and not word.isdigit():
        return ""
    for ending in (PLURAL, ENDING):
        stem = ending.sub("", word)
        word = stem if len(stem) >= LEAST_STEM else word
    return word


def takes_up_words(asked: str, response: str) -> float:
    """Return the percentage of the content words of what was asked that the response has too.

    Stop words are left out; words count as the same that differ in a plain ending only.
    """
    wanted, begins = _wanted(asked)
    if not wanted:
        return 0.0
    if len(wanted) <= FEW_STEMS and response.isascii():
        lowered = response.lower()
        found = sum(_has_stem(lowered, stem) for stem in wanted)
    else:
        # a stem begins its word, so only words that begin like one of those can have it
        alike = [word for word in different_words(response) if word[:LEAST_STEM] in begins]
        found = len(wanted & _stems(alike))
    return 100.0 * found / len(wanted)


def _has_stem(text: str, stem: str) -> bool:
    """Say whether a word of a text in lower case and ASCII has a stem, looking only where it is."""
    at = text.find(stem)
    while at >= 0:
        before = text[max(at - 2, 0) : at]
        if not (before[-1:].isalnum() or (before[-1:] == "'" and before[:1].isalnum())):
            word = WORD.match(text, at)
            if word and word[0] not in STOP and _stem(word[0]) == stem:
                return True
        at = text.find(stem, at + 1)
    return False


def repeats_question(asked: str, response: str) -> float:
    """Return 1 where the response begins with the question, nearly word for word."""
    return float(any(_begins_with(*question, response) for question in _questions(asked)))


@lru_cache(maxsize=64)
def _questions(asked: str) -> list[tuple[list[str], int]]:
    """Return the words of what was asked and of its last sentence, and how far a response is read.

    Without those of too few words, or too many, to be repeated.
    """
    whole = asked.strip()
    last = re.split(r"(?<=[.!?])\s+|\n+", whole)[-1] if whole else ""
    said = ((WORD.findall(one[:600].lower()), len(one)) for one in dict.fromkeys((whole, last)))
    return [(words, 2 * n + 100) for words, n in said if LEAST_ASKED <= len(words) <= MOST_ASKED]


def _begins_with(wanted: list[str], read: int, response: str) -> bool:
    begins, different = response[:read].lower(), set(wanted)
    there, least = len(different), ALIKE * len(different)
    for word in different:
        there -= word not in begins
        if there < least:
            return False
    begun = WORD.findall(begins)
    for skipped in range(min(3, len(begun))):
        given = begun[skipped : skipped + len(wanted)]
        if len(different & set(given)) < ALIKE * len(different):
            continue
        if SequenceMatcher(None, wanted, given, autojunk=False).ratio() >= ALIKE:
            return True
    return False


def keeps_form(asked: str, response: str) -> float:
    """Return how far the response has the form asked for, 0 to 1; 0 where none is asked for.

    A list, code, a table, JSON, verse, brevity, a language, a number of words, sentences,
    paragraphs, lines or items; several forms are averaged.
    """
    kept = _kept_form(asked, response)
    return 0.0 if kept is None else kept


@lru_cache(maxsize=4)
def _kept_form(asked: str, response: str) -> float | None:
    """Return how far the response has the form asked for; None where none is asked for."""
    wanted = forms(asked)
    return sum(meets(response) for meets in wanted) / len(wanted) if wanted else None


def ignores_form(asked: str, response: str) -> float:
    """Return how far the response lacks the form asked for, 0 to 1; 0 where none is asked for."""
    kept = _kept_form(asked, response)
    return 0.0 if kept is None else 1.0 - kept


def goes_on_instead(asked: str, response: str) -> float:
    """Return 1 where the response ends the user's own sentence, or speaks the user's next turn."""
    if _has_turn(response) and not _has_turn(asked):
        return 1.0
    broken_off = HALF_SENTENCE.search(asked) is not None
    cased = asked.strip() != asked.strip().lower() and re.search(r"[.!?]\s+[A-Z]", response)
    return float(broken_off and bool(cased) and GOES_ON.match(response) is not None)


def _has_turn(text: str) -> bool:
    """Say whether a line begins like a turn of the user."""
    return any(map(ROLE.match, text.split("\n")))


def answers_yes_or_no(asked: str, response: str) -> float:
    """Return 1 where a question of yes or no is answered by yes or no at once."""
    if "?" not in asked:
        return 0.0
    questions = [match[0] for match in ASKS_YES_NO.finditer(asked)]
    plain = bool(questions) and OR.search(questions[-1]) is None
    return float(plain and YES_NO.match(response) is not None)


def switches_language(asked: str, response: str) -> float:
    """Return 1 where the response is in another language than what was asked, unbidden."""
    wanted, given = language_of(asked), language_of(response)
    if wanted is None or given is None or wanted == given or LANGUAGE.search(asked):
        return 0.0
    return float(re.search(r"(?i)translat|tradu|übersetz|language", asked) is None)


CONTEXT_DETECTORS: Mapping[str, Callable[[str, str], float]] = {
    detector.__name__: detector
    for detector in (
        takes_up_words, repeats_question, keeps_form, ignores_form, goes_on_instead,
        answers_yes_or_no, switches_language,
    )
}  # fmt: skip
"""Name in a TOML file -> a pure function of what the user says last and of the response."""
