"""Detectors for text that has come to grief: broken encodings, gibberish, leaked templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from wimhf.concepts.languages import language_of, not_english, outside_code
from wimhf.concepts.measures import count_words

MOJIBAKE = re.compile(
    "â€[™œ\x9d“”˜¦\x93\x94\x99\x9c\xa6¢]?|Ã[\x80-\xbf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Â[\xa0°·«»£§©®]"
    "|ï»¿|ï¿½|\ufffd|ðŸ|Ð[°-¿]Ñ|&(?:amp|lt|gt|quot|nbsp|#\\d{2,5});|\\\\u[0-9a-f]{4}|\\\\x[0-9a-f]{2}"
)
"""UTF-8 read as Latin-1 or Windows-1252, the replacement sign, and escapes left unread."""
RUN = re.compile(r"([^\s\d=_*.#~–—─━|+-])\1{9,}")
"""One character ten times or more, rules and dots aside."""
THIRDS = re.compile(r"([^\s\d=_*.#~–—─━|+-])\1\1")
"""What every third character of such a run makes: a third of the text is searched for it."""
LETTERS = re.compile(r"[a-z]+")
COMMON = frozenset(
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve "
    "co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no "
    "ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts "
    "mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo "
    "sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt oc fa ef cu rn sc gi "
    "da yo cr cl du ga qu ue ff ba ey ls va um pp ua up lu go ht ru ug ds lt pi rc rr eg au ck ew "
    "mu br bi pt ak pu ui rg ib tl ny ki rk ys ob mm fu ph og ms ye ud mb ip ub oi rl gu dr hr cc "
    "tw ft wn nu af hu nn eo vo rv nf xp gn sm fl iz ok nl my gl aw ju oa eq sy sl ps jo lf nv je "
    "nk kn gs dy hy ze ks xt bs ik dd pt rp sk xi oe oy ws lv dl rf eu dg wr xa yi nm eb".split()
)
"""Pairs of letters of which running English is made, nearly to the last."""
LEAST_PAIRS, MOST_RARE = 36, 0.33
"""Pairs needed for a verdict; the share of rare ones that words of any European tongue keep."""
SURE = 0.8
"""Probability from which letters are taken for words of a language; random ones come to .6."""
PROMPT_WORDS = 200


def broken_encoding(text: str) -> float:
    """Return how many signs were mangled on their way here, and runs of one character."""
    outside = outside_code(text)
    broken = (
        0
        if outside.isascii() and "&" not in outside and "\\" not in outside
        else len(MOJIBAKE.findall(outside))
    )
    runs = len(RUN.findall(outside)) if _may_run(outside) else 0
    return float(broken + runs)


def _may_run(text: str) -> bool:
    """Say whether one character may stand ten times in a row."""
    if not text.isascii():
        return THIRDS.search(text[::3]) is not None
    # its bytes as a number, xor the same moved by one byte: a run of ten is nine bytes of zero
    number = int.from_bytes(text.encode("ascii"), "big")
    return bytes(9) in (number ^ number >> 8).to_bytes(len(text), "big")


@lru_cache(maxsize=2**16)
def _rare_pairs(word: str) -> int:
    return sum(word[start : start + 2] not in COMMON for start in range(len(word) - 1))


def gibberish(text: str) -> float:
    """Return the percentage of rare pairs of letters, if no language that is told has so many.

    Neither names nor foreign words raise it, random keys do.
    """
    if language_of(text, sure=SURE):
        return 0.0
    words = [word for word in LETTERS.findall(outside_code(text).lower()) if 4 <= len(word) <= 40]
    total = sum(map(len, words)) - len(words)
    rare = sum(map(_rare_pairs, words))
    if total < LEAST_PAIRS or rare < MOST_RARE * total:
        return 0.0
    return 100.0 * rare / total


def two_hundred_words(text: str) -> float:
    """Return 1 for two hundred words or more."""
    return float(count_words(text) >= PROMPT_WORDS)


BROKEN: tuple[Callable[[str], float], ...] = (
    broken_encoding, gibberish, two_hundred_words, not_english,
)  # fmt: skip
"""What ``structure.DETECTORS`` takes from here."""
