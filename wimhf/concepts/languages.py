"""Which language a text is in, told by its script and its commonest words."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from wimhf.concepts.measures import WORD

READ = 2000
"""Characters at the beginning of a text that are looked at."""
LEAST_WORDS, LEAST_SHARE = 2, 0.12
"""Common words a language needs, and their share among all words; below, none is told."""
LEAN = 1.25
"""How much more English counts: short texts in it share words with everything."""
LEAST_LETTERS, LEAST_KANA = 0.4, 0.08
"""Share of letters from which a script other than Latin is the text's own; Japanese mixes two."""

SCRIPTS = {
    "ja": "[\u3041-\u30ff]",
    "zh": "[\u3400-\u4dbf\u4e00-\u9fff]",
    "ko": "[\uac00-\ud7af]",
    "ru": "[\u0400-\u04ff]",
    "el": "[\u0370-\u03ff]",
    "he": "[\u0590-\u05ff]",
    "ar": "[\u0600-\u06ff]",
    "hi": "[\u0900-\u097f]",
    "bn": "[\u0980-\u09ff]",
    "th": "[\u0e00-\u0e7f]",
}
"""A script stands for its largest language: a text in Ukrainian counts as Russian."""
COMMON = {
    "en": "the of and to is you that it was for are with as this have from not be at or but what "
    "how can your my i a in do does why if we they will would there when which who by me an so up "
    "out about get make give want some like his her he she him them their our us been has had did "
    "should could than then these those where tell on no yes all one",
    "de": "der die das und ist in nicht ein eine ich sie zu mit auf für den von im auch wie es dem "
    "wird sind einen oder aber wenn kann mir was",
    "fr": "le la les des est et une un dans que qui pas pour vous je sur avec ce il elle du au par "
    "sont mais plus nous être comment c'est quel",
    "es": "el la los las de que y en un una es por con para no se del lo como más su al está pero "
    "qué cómo cuál me son muy",
    "pt": "o a os as de que e em um uma é por com para não se do da no na como mais você ao são "
    "mas dos das está muito",
    "it": "il lo la gli le di che e un una è per con non si del della sono come più nel anche ma "
    "questo alla dei cosa mi",
    "nl": "de het een en van is dat niet ik je op te voor met zijn aan er ook als maar om wat hoe "
    "in naar bij deze hebben",
    "pl": "i w nie na się z jest to że do jak co ale dla po od za tym są jako być czy przez",
    "sv": "och att det som en är på för av inte den med jag har ett om till kan men du vad hur",
    "tr": "ve bir bu için ile de da çok ne gibi daha var mı olarak ama kadar ben sen nasıl değil",
    "id": "yang dan di untuk dengan ini itu tidak dari pada adalah saya akan ada apa bisa kamu "
    "atau juga dalam",
    "ro": "și este în de la un o nu pe cu pentru că care mai sunt din se dar ce cum",
    "cs": "a je se v na že to s z do jak ale pro by jsem které jako si tak co",
    "fi": "ja on ei se että oli mutta kun hän joka mitä ovat tai olen voi kuin niin myös",
    "vi": "là và của có không một được cho trong những với các người để này tôi bạn",
}  # fmt: skip
LANGUAGES = {code: frozenset(words.split()) for code, words in COMMON.items()}
SPOKEN_IN = {
    word: tuple(code for code, words in LANGUAGES.items() if word in words)
    for word in frozenset().union(*LANGUAGES.values())
}
"""A word that several languages share tells less of each."""
NAMES = {
    "english": "en", "german": "de", "french": "fr", "spanish": "es", "portuguese": "pt",
    "italian": "it", "dutch": "nl", "polish": "pl", "swedish": "sv", "turkish": "tr",
    "indonesian": "id", "romanian": "ro", "czech": "cs", "finnish": "fi", "vietnamese": "vi",
    "japanese": "ja", "chinese": "zh", "mandarin": "zh", "korean": "ko", "russian": "ru",
    "greek": "el", "hebrew": "he", "arabic": "ar", "hindi": "hi", "bengali": "bn", "thai": "th",
}  # fmt: skip
"""English names of the languages that can be told."""
LETTER = re.compile(r"[^\W\d_]")
CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)


def outside_code(text: str) -> str:
    """Return a text without its code blocks."""
    return CODE.sub(" ", text) if "```" in text else text


@lru_cache(maxsize=64)
def language_of(text: str) -> str | None:
    """Return a code of two letters, or None where the text does not tell.

    Code blocks are left out; only the beginning of a text is read.
    """
    read = outside_code(text[:READ])
    if LETTER.search(read) is None:
        return None
    if not read.isascii():
        letters = len(LETTER.findall(read))
        for code, script in SCRIPTS.items():
            least = LEAST_KANA if code == "ja" else LEAST_LETTERS
            if len(re.findall(script, read)) > least * letters:
                return code
    return _by_words(WORD.findall(read.lower()))


def _by_words(words: list[str]) -> str | None:
    told = Counter(word for word in words if word in SPOKEN_IN)
    telling = dict.fromkeys(LANGUAGES, 0.0)
    for word, times in told.items():
        for code in SPOKEN_IN[word]:
            telling[code] += times / len(SPOKEN_IN[word])
    best = max(telling, key=lambda code: telling[code] * (LEAN if code == "en" else 1.0))
    own = [times for word, times in told.items() if best in SPOKEN_IN[word]]
    enough = len(own) >= LEAST_WORDS and sum(own) >= LEAST_SHARE * len(words)
    return best if enough else None


def not_english(text: str) -> float:
    """Return 1 for a text in another language than English."""
    return float(language_of(text) not in {None, "en"})
