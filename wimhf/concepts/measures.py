"""Odd text measurements: what can be counted in two responses without any model."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats32

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

UNSPACED = re.compile("[\u0e01-\u0eff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Measure:
    """A count in one text, and how the response with more or less of it is spoken of."""

    name: str
    count: Callable[[str], float]
    more: str
    less: str


def _pattern(expression: str) -> Callable[[str], float]:
    compiled = re.compile(expression, re.IGNORECASE | re.MULTILINE)
    return lambda text: float(len(compiled.findall(text)))


def count_words(text: str) -> float:
    """Return words between spaces; in scripts without spaces every character counts as one."""
    words = len(text.split())
    return float(words if text.isascii() else words + len(UNSPACED.findall(text)))


def _variety(text: str) -> float:
    """Distinct words per square root of words (Guiraud's index), which length changes little."""
    words = WORD.findall(text.lower())
    return len(set(words)) / len(words) ** 0.5 if words else 0.0


def _word_length(text: str) -> float:
    words = WORD.findall(text)
    return sum(map(len, words)) / len(words) if words else 0.0


def _other_script(text: str) -> float:
    if text.isascii():
        return 0.0
    return float(sum(ord(ch) > 0x24F and ch.isalpha() for ch in text))


def _paragraphs(text: str) -> float:
    return float(len(re.findall(r"\n\s*\n", text.strip())) + 1)


def _ends_with_question(text: str) -> float:
    return float(text.rstrip().rstrip("\"'”’)*_ ").endswith("?"))


MEASURES: tuple[Measure, ...] = (
    Measure("words", count_words, "is longer", "is shorter"),
    Measure("sentences", _pattern(r"[.!?]+(?:\s|$)"), "has more sentences", "has fewer sentences"),
    Measure("paragraphs", _paragraphs, "has more paragraphs", "has fewer paragraphs"),
    Measure(
        "lists",
        _pattern(r"^\s*(?:[-*•]|\d+[.)])\s+\S"),
        "uses more list items",
        "uses fewer list items",
    ),
    Measure("headers", _pattern(r"^\s*#{1,6}\s+\S"), "uses more headers", "uses fewer headers"),
    Measure("bold", _pattern(r"\*\*[^*\n]+\*\*"), "uses more bold text", "uses less bold text"),
    Measure("code", _pattern(r"```|`[^`\n]+`"), "shows more code", "shows less code"),
    Measure("questions", _pattern(r"\?"), "asks more questions", "asks fewer questions"),
    Measure(
        "ends_with_question",
        _ends_with_question,
        "ends with a question",
        "does not end with a question",
    ),
    Measure("exclamations", _pattern(r"!"), "exclaims more", "exclaims less"),
    Measure("digits", _pattern(r"\d+"), "gives more numbers", "gives fewer numbers"),
    Measure(
        "emoji",
        _pattern("[\U0001f300-\U0001faff\u2600-\u27bf]"),
        "uses more emoji",
        "uses fewer emoji",
    ),
    Measure("quotes", _pattern(r"[\"“”«»]"), "quotes more", "quotes less"),
    Measure("urls", _pattern(r"https?://|www\."), "gives more links", "gives fewer links"),
    Measure(
        "first_person",
        _pattern(r"\b(?:I|I['’]\w+|me|my|mine)\b"),
        "speaks more of itself (“I”)",
        "speaks less of itself (“I”)",
    ),
    Measure(
        "second_person",
        _pattern(r"\b(?:you|your|yours|yourself|you['’]\w+)\b"),
        "addresses the user more (“you”)",
        "addresses the user less (“you”)",
    ),
    Measure(
        "plural_person",
        _pattern(r"\b(?:we|us|our|ours|let['’]s)\b"),
        "says “we” more",
        "says “we” less",
    ),
    Measure(
        "third_person",
        _pattern(r"\b(?:he|she|they|him|her|them|his|their)\b"),
        "speaks more of other people",
        "speaks less of other people",
    ),
    Measure(
        "hedges",
        _pattern(
            r"\b(?:maybe|perhaps|might|possibly|probably|likely|seems?|appears?|somewhat|"
            r"not (?:entirely |completely )?(?:sure|certain)|it depends|"
            r"may (?:or may not|well|vary)|as far as I|I (?:think|believe|guess|suppose)|"
            r"could vary|generally|typically)\b"
        ),
        "hedges more",
        "is more certain",
    ),
    Measure(
        "negations",
        _pattern(r"\b(?:no|not|never|none|nothing|cannot|\w+n['’]t)\b"),
        "negates more",
        "negates less",
    ),
    Measure(
        "apologies",
        _pattern(r"\b(?:sorry|apolog\w+|regret\w*|forgive me|my mistake)\b"),
        "apologises more",
        "apologises less",
    ),
    Measure(
        "refusals",
        _pattern(
            r"\b(?:(?:can['’]?t|cannot|can not|won['’]?t|will not|unable to|not able to|"
            r"not (?:going|willing|comfortable)(?: to)?|refuse to|decline to|have to decline)\s+"
            r"(?:\w+\s+){0,2}(?:help|assist|provide|do that|answer|give|tell|share|support|comply|"
            r"discuss|write|go into|take part|offer)|against my|not something I|have to pass)\b"
        ),
        "refuses more",
        "refuses less",
    ),
    Measure(
        "ai_self_reference",
        _pattern(
            r"\b(?:as an? (?:ai|language model|assistant|artificial|chatbot)|language model|"
            r"i(?:['’]m| am) (?:\w+ ){0,2}(?:ai|language model|assistant|program|machine|bot|"
            r"software|computer)|my training|my programming|trained (?:on|to|by))\b"
        ),
        "refers to itself as an AI more",
        "refers to itself as an AI less",
    ),
    Measure(
        "disclaimers",
        _pattern(
            r"\b(?:consult (?:a|an|your|with)|seek (?:professional|medical|legal)|professional "
            r"(?:advice|help)|please note|keep in mind|it['’]s important to|not (?:a substitute|"
            r"legal advice|medical advice)|(?:doctor|lawyer|therapist|professional))\b"
        ),
        "warns and disclaims more",
        "warns and disclaims less",
    ),
    Measure(
        "moralising",
        _pattern(
            r"\b(?:ethic\w*|moral\w*|responsib\w+|respect\w*|integrity|honest\w*|dignity|fairness|"
            r"should (?:always|never)|illegal|wrong to|harmful|values)\b"
        ),
        "moralises more",
        "moralises less",
    ),
    Measure(
        "greetings",
        _pattern(r"^\s*(?:hi|hello|hey|dear|good (?:morning|evening)|welcome)\b"),
        "greets more",
        "greets less",
    ),
    Measure(
        "praise",
        _pattern(
            r"\b(?:great|excellent|good|wonderful|fantastic|brilliant|thoughtful|smart|insightful)\s+"
            r"(?:question|point|idea|thinking|observation|choice|instinct)\b"
        ),
        "praises the user more",
        "praises the user less",
    ),
    Measure(
        "empathy",
        _pattern(
            r"\b(?:sounds? (?:like|hard|tough|stressful|frustrating|difficult)|"
            r"understand (?:how|that|your|why)|feel(?:ing|ings|s)?|"
            r"(?:must|can) be (?:hard|tough|so|very|really|"
            r"exhausting)|"
            r"frustrating|stressful|exhausting|overwhelming|glad to hear|happy to hear)\b"
        ),
        "shows more empathy",
        "shows less empathy",
    ),
    Measure(
        "citations",
        _pattern(
            r"\b(?:according to|study|studies|research(?:ers)?|journal|survey|professor|university|"
            r"et al|published|dr\.?)\b|\(\d{4}\)|\bper ?cent\b|%"
        ),
        "cites more studies",
        "cites fewer studies",
    ),
    Measure(
        "examples",
        _pattern(r"\b(?:for example|for instance|e\.g\.|such as|suppose|imagine|say you|take)\b"),
        "gives more examples",
        "gives fewer examples",
    ),
    Measure(
        "summaries",
        _pattern(
            r"\b(?:in short|in summary|to sum (?:it )?up|overall|in conclusion|bottom line|"
            r"the gist|to recap|all in all|in a nutshell)\b"
        ),
        "sums up more",
        "sums up less",
    ),
    Measure("variety", _variety, "varies its words more", "repeats its words more"),
    Measure("word_length", _word_length, "uses longer words", "uses shorter words"),
    Measure("other_script", _other_script, "uses more of another script", "uses more Latin script"),
)


def measure_texts(texts: list[str]) -> Floats32:
    """Return (t, number of measures) counts of texts."""
    out = np.empty((len(texts), len(MEASURES)), dtype=np.float32)
    for column, measure in enumerate(MEASURES):
        out[:, column] = [measure.count(text) for text in texts]
    return out


def odd_log(difference: Floats32) -> Floats32:
    """Return sign(x) log(1 + |x|), which swapping negates exactly."""
    logged: Floats32 = np.sign(difference) * np.log1p(np.abs(difference))
    return logged
