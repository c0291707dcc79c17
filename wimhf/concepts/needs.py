"""What a text must hold for a regular expression to match it: words, their parts, and signs.

As in Google's FilteredRE2, an expression is read as a tree of what all its matches hold. The
tree may say too little, never too much.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_parser: Any = importlib.import_module("re._parser")
_op: Any = importlib.import_module("re._constants")

WORD = re.compile("[a-z0-9]+")
SIGNS = frozenset("""*#|?!\\"(){}[]<>`~$%:;@=&/^+-.,_'""")
DIGIT, BEYOND = "0", "é"
"""How the signs of any digit and of any character beyond ASCII are written."""
MOST_SIGNS, MOST_MEMBERS = 8, 200
"""Classes of more characters than this say too little to be looked at."""
SCRIPTS = (
    "Arabic", "Bengali", "Cyrillic", "Devanagari", "Greek", "Han", "Hangul", "Hebrew", "Hiragana",
    "Katakana", "Tamil", "Thai",
)  # fmt: skip
"""Scripts none of whose letters is in ASCII."""
REPEATS = (_op.MAX_REPEAT, _op.MIN_REPEAT, _op.POSSESSIVE_REPEAT)


@dataclass(frozen=True)
class Piece:
    """Letters and digits of one word, in lower case.

    Attributes
    ----------
    starts, ends
        Whether the word starts with them, and whether it ends with them.
    """

    text: str
    starts: bool
    ends: bool


@dataclass(frozen=True)
class Sign:
    """One character that belongs to no word, ``DIGIT`` or ``BEYOND``."""

    text: str


@dataclass(frozen=True)
class Every:
    """All of some needs."""

    parts: tuple[Need, ...]


@dataclass(frozen=True)
class Either:
    """At least one of some needs."""

    parts: tuple[Need, ...]


Need = Piece | Sign | Every | Either
Item = tuple[Any, Any]
"""A step of Python's own reading of an expression: what it is, and its arguments."""


@lru_cache(maxsize=4096)
def need_of(expression: str) -> Need | None:
    """Return what every text holds that a Rust regular expression matches, case aside.

    None where nothing can be said: texts must then be searched.
    """
    plain = _as_python(expression)
    if plain is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # sets within sets: Rust reads them so
            return _sequence(list(_parser.parse(plain)), starts=False, ends=False)
    except (re.error, FutureWarning, OverflowError, RecursionError):
        return None


def leaves(need: Need) -> Iterator[Piece | Sign]:
    """Yield the pieces and signs of a need."""
    if isinstance(need, (Every, Either)):
        for part in need.parts:
            yield from leaves(part)
    else:
        yield need


@lru_cache(maxsize=256)
def cues_of(expression: str) -> tuple[str, ...]:
    """Return pieces of text, one of which is in every match, in lower case and ASCII.

    Empty where nothing is known.
    """
    need = need_of(expression)
    return () if need is None else tuple(sorted(_cues(need)))


def _cues(need: Need) -> frozenset[str]:
    """Return such pieces: of all that are needed those that are fewest, the longest of them."""
    match need:
        case Piece():
            return frozenset([need.text])
        case Sign():
            return frozenset() if need.text in (DIGIT, BEYOND) else frozenset([need.text])
        case Every():
            known = [cues for cues in map(_cues, need.parts) if cues]
            return min(known, key=lambda c: (len(c), -min(map(len, c))), default=frozenset())
        case Either():
            each = list(map(_cues, need.parts))
            return frozenset().union(*each) if all(each) else frozenset()


def _as_python(expression: str) -> str | None:
    r"""Write a Rust expression for Python's parser; flags, which say when, not what, are left out.

    ``\p{..}`` becomes any character of a word, of which nothing is said.
    """
    if re.search(r"\(\?[a-zA-Z]*x|\\b\{|\\[uU]\{", expression):
        return None
    plain = expression.replace(r"(?-u:\b)", r"\b")
    plain = re.sub(r"\(\?[a-zA-Z]*-?[a-zA-Z]*:", "(?:", plain)
    plain = re.sub(r"\(\?[a-zA-Z-]+\)", "", plain)
    plain = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda code: rf"\U{int(code[1], 16):08x}", plain)
    plain = re.sub(rf"\\p{{(?:{'|'.join(SCRIPTS)})}}", BEYOND, plain)
    plain = re.sub(r"\\[pP](?:\{[^}]*\}|[A-Z])", r"\\w", plain)
    return re.sub(r"\\[<>]", r"\\b", plain).replace(r"\z", r"\Z")


def _sequence(items: Sequence[Item], *, starts: bool, ends: bool) -> Need | None:
    """Return what steps in a row need, between words' ends where ``starts`` and ``ends`` say so."""
    items = _whole([step for item in items for step in _opened(item)])
    found: list[Need | None] = []
    at = 0
    while at < len(items):
        run = at
        while run < len(items) and items[run][0] is _op.LITERAL and items[run][1] < 128:
            run += 1
        end = max(run, at + 1)
        before = _at_end(items[:at], last=True, beyond=starts)
        behind = _at_end(items[end:], last=False, beyond=ends)
        if run > at:
            found += _literal("".join(chr(code) for _, code in items[at:run]), before, behind)
        else:
            found.append(_step(items[at], before, behind))
        at = end
    return _every(found)


def _opened(item: Item) -> list[Item]:
    """Return the steps of a group of nothing but letters, which belong to those beside it."""
    op, value = item
    if op is _op.SUBPATTERN and all(inner[0] is _op.LITERAL for inner in value[3]):
        return list(value[3])
    return [item]


def _whole(items: Sequence[Item]) -> list[Item]:
    """Return steps with the letters that alternatives share put back before each of them.

    Python's parser takes them out: of *sad or sorry* it makes *s*, then *ad or orry*.
    """
    steps: list[Item] = []
    for op, value in items:
        shared: list[Item] = []
        while op is _op.BRANCH and steps and _is_letter(steps[-1]):
            shared.insert(0, steps.pop())
        own = (value[0], [[*shared, *one] for one in value[1]]) if shared else value
        steps.append((op, own))
    return steps


def _is_letter(step: Item) -> bool:
    op, value = step
    return op is _op.LITERAL and value < 128 and chr(value).isalnum()


def _literal(text: str, starts: bool, ends: bool) -> list[Need | None]:
    """Return the pieces and signs of text that stands there as it is."""
    text = text.lower()
    found: list[Need | None] = [Sign(sign) for sign in sorted(SIGNS & set(text))]
    for word in WORD.finditer(text):
        piece = Piece(word[0], word.start() > 0 or starts, word.end() < len(text) or ends)
        if len(piece.text) > 1 or piece.starts or piece.ends:
            found.append(piece)
    return found


def _step(item: Item, starts: bool, ends: bool) -> Need | None:
    """Return what one step that is no plain letter needs."""
    op, value = item
    if op is _op.SUBPATTERN:
        return _sequence(list(value[3]), starts=starts, ends=ends)
    if op is _op.BRANCH:
        return _either([_sequence(list(one), starts=starts, ends=ends) for one in value[1]])
    if op in REPEATS and value[0] > 0:
        return _sequence(list(value[2]), starts=starts, ends=ends and value[1] == 1)
    if op is _op.LITERAL:
        return Sign(BEYOND)
    if op is _op.IN and len(value) <= MOST_MEMBERS:
        members = {_one_of(member, starts, ends): None for member in value}
        return _either(list(members)) if len(members) <= MOST_SIGNS else None
    return None


def _one_of(member: Item, starts: bool, ends: bool) -> Need | None:
    """Return what one member of a class of characters needs."""
    op, value = member
    if op is _op.CATEGORY:
        return Sign(DIGIT) if value is _op.CATEGORY_DIGIT else None
    if op is _op.RANGE:
        digits = value[0] >= ord("0") and value[1] <= ord("9")
        return Sign(BEYOND) if value[0] > 127 else Sign(DIGIT) if digits else None
    if op is not _op.LITERAL:
        return None
    if value > 127:
        return Sign(BEYOND)
    return _every(_literal(chr(value), starts, ends))


def _at_end(items: Sequence[Item], *, last: bool, beyond: bool) -> bool:
    """Say whether steps in a row end (``last``) or begin where no word goes on."""
    found = _edge(items, last=last)
    return beyond if found is None else found


def _edge(items: Sequence[Item], *, last: bool) -> bool | None:
    """Do so, or return None where the steps may match nothing and thus do not decide."""
    for op, value in reversed(items) if last else items:
        if op is _op.SUBPATTERN:
            found = _edge(list(value[3]), last=last)
        elif op in REPEATS:
            found = _edge(list(value[2]), last=last)
            if value[0] == 0 and found:
                continue
        elif op is _op.BRANCH:
            found = all(_edge(list(one), last=last) is True for one in value[1])
        else:
            found = _is_apart(op, value)
        if found is not None:
            return found
    return None


def _is_apart(op: Any, value: Any) -> bool:
    """Say whether a step is a boundary, or a character of no word."""
    if op is _op.AT:
        return value is not _op.AT_NON_BOUNDARY
    if op is _op.LITERAL:
        return not (chr(value).isalnum() or value > 127)
    if op is _op.IN:
        return all(one in (_op.LITERAL, _op.CATEGORY) and _is_apart(one, v) for one, v in value)
    return op is _op.CATEGORY and value in (_op.CATEGORY_SPACE, _op.CATEGORY_NOT_WORD)


def _every(parts: Sequence[Need | None]) -> Need | None:
    known = tuple(part for part in parts if part is not None)
    known = tuple(part for part in known if not _is_weak(part)) or known
    return known[0] if len(known) == 1 else Every(known) if known else None


def _either(parts: Sequence[Need | None]) -> Need | None:
    known = tuple(part for part in parts if part is not None)
    if len(known) < len(parts) or not known:
        return None
    return known[0] if len(known) == 1 else Either(known)


def _is_weak(need: Need) -> bool:
    """Say whether so many words hold a piece that it is of no use beside another."""
    return isinstance(need, Piece) and len(need.text) + need.starts + need.ends < 3
