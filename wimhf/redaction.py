"""What is never shown: keys and passwords, however they are written, and what a terminal obeys."""

from __future__ import annotations

import base64
import html
import os
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

HIDDEN = "[key]"
KEYS = ("OPENAI_API_KEY", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "WIMHF_TOKEN")
"""Variables of the environment that hold a secret."""
ADDRESSES = ("OPENAI_BASE_URL", "WIMHF_SERVER")
"""Variables that hold an address, which may hold a secret; the second is for a job's process."""
PLACEHOLDERS = {"none", "null", "empty", "dummy", "local", "test", "token", "ollama", "lm-studio"}
"""What servers without keys are given for one."""
SHORTEST = 4
"""Characters below which a secret is a placeholder and a part of words."""
USER = re.compile(r"(?<=://)[^\s/?#]*@")
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that turn the order of what is read around."""
_RIGHT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
LEFTWARDS = re.compile(rf"{_RIGHT}+(?:[^\w\n\t]*{_RIGHT}+)*")
"""Words that are written from right to left, with what stands between them."""
ISOLATED = re.compile(f"\u2068({LEFTWARDS.pattern})\u2069")


def redacted(text: str, *more: str | None) -> str:
    """Return a text without keys, passwords and the user of an address.

    Parameters
    ----------
    more
        Secrets besides those of the environment.
    """
    known = [*more, *(os.environ.get(name) for name in KEYS)]
    for name in ADDRESSES:
        known += secrets_of(os.environ.get(name, ""))
    secrets = {one.strip() for one in known if one}
    kept = {s for s in secrets if len(s) >= SHORTEST and s.lower() not in PLACEHOLDERS}
    for secret in sorted(kept, key=len, reverse=True):
        text = _written(secret).sub(HIDDEN, text)
    return USER.sub("", text)


def secrets_of(url: str) -> list[str]:
    """Return the password of an address and the values of its query."""
    try:
        parts = urlsplit(url.strip())
        return [parts.password or "", *(value for _, value in parse_qsl(parts.query))]
    except ValueError:
        return []


@lru_cache(64)
def _written(secret: str) -> re.Pattern[str]:
    """Return what finds a secret as it is, escaped, in hexadecimal digits or in base 64."""
    whole = "".join(_character(character) for character in secret)
    others = [re.escape(chunk) for chunk in _in_base64(secret.encode(errors="replace"))]
    return re.compile("|".join([whole, f"(?i:{secret.encode(errors='replace').hex()})", *others]))


def _character(character: str) -> str:
    """Return what finds a character in JSON, HTML, addresses, source text, or as it is."""
    point = ord(character)
    octets = "".join(f"%(?:25)?{octet:02x}" for octet in character.encode(errors="replace"))
    forms = [rf"\\+u{point:04x}", rf"\\+x{point:02x}", octets, f"&#x0*{point:x};", f"&#0*{point};",
             re.escape(html.escape(character))]  # fmt: skip
    escaped = "(?i:" + "|".join(forms) + ")"
    plain = re.escape(character) if character.isalnum() else rf"\\*{re.escape(character)}"
    return f"(?:{plain}|{escaped})"


def _in_base64(secret: bytes) -> Iterable[str]:
    """Yield what a secret is in base 64 wherever it begins, without the ends it shares."""
    for before, skipped in enumerate((0, 2, 3)):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            chunk = encode(bytes(before) + secret).decode()[
                skipped : (before + len(secret)) * 8 // 6
            ]
            if len(chunk) >= 2 * SHORTEST:
                yield chunk


def visible(text: str) -> str:
    r"""Return a text in which a terminal finds nothing to obey: ``\x1b`` in place of escape.

    Line breaks and tabs stay; marks that turn the order of reading around are shown like escapes.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def isolated(text: str) -> str:
    """Return what ``visible`` does, in which words from right to left turn nothing around them.

    They stand between marks that no screen shows. Doing it again changes nothing.
    """
    if text.isascii():
        return visible(text)
    plain = visible(ISOLATED.sub(r"\1", text))
    return LEFTWARDS.sub("\u2068\\g<0>\u2069", plain)


def _shown(character: str) -> str:
    obeyed = character in BIDI or unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs")
    if character in "\n\t" or not obeyed:
        return character
    point = ord(character)
    return f"\\x{point:02x}" if point < 256 else f"\\u{point:04x}"
