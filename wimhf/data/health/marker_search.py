"""Strings that stand in nearly all winners and nearly no losers, or the other way: by search.

Nothing is looked up in a list: every word, tag, mark, run of spaces and run of three words of a few
pairs is a candidate, and every beginning and end. What is one-sided there is drawn out to the
longest string that is always around it, checked in more pairs, taken out of them, and the search
begins anew, so that what follows from one mark is not told as another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

ANYWHERE, START, END = "anywhere", "start", "end"
FEW, MANY = 24, 400
"""Pairs whose strings become candidates, and pairs in which these are looked for."""
LIKELY, NEARLY = 0.6, 0.9
"""Shares of pairs in which a candidate, and a mark, is on one side and not on the other."""
ALWAYS = 0.98
"""Share of a mark's places from which what stands beside it belongs to it."""
ORDINARY = 0.5
"""A sign in so many texts of the other side is not the mark's own."""
LONGEST, EDGE = 200, 40
"""Characters of a mark, and of a beginning or end that is a candidate."""
MOST = 5
"""Marks that are told."""
READ = 20_000
"""Characters of a text that are searched, half at either end."""
PIECES = re.compile(r"\w+|[^\w\s]+|\s{2,}|[^\S ]")
CHUNKS = re.compile(r"\S+")
TAGS = re.compile(r"<[^<>\s]{1,60}>|\[[^\[\]\s]{1,60}\]")

Texts = Sequence[tuple[str, str]]
"""Winner and loser of every pair."""


@dataclass(frozen=True)
class Marker:
    """A string on one side in nearly all pairs.

    Attributes
    ----------
    place
        ``start`` or ``end`` of a text, or ``anywhere``.
    won
        Whether it is the winners that have it.
    """

    text: str
    place: str
    won: bool

    def within(self, text: str) -> bool:
        """Say whether a text has it."""
        if self.place == START:
            return text.startswith(self.text)
        return text.endswith(self.text) if self.place == END else self.text in text

    def without(self, text: str) -> str:
        """Return a text with the marker taken out."""
        if self.place == ANYWHERE:
            return text.replace(self.text, "")
        size = len(self.text)
        return (text[size:] if self.place == START else text[:-size]) if self.within(text) else text

    def share(self, texts: Texts) -> float:
        """Return in what share of pairs it is where it should be and not on the other side.

        Of the longer text of a pair only as much as the other has counts, from either end: a word
        that a one-line answer lacks gives nothing away but length.
        """
        own = [(winner, loser) if self.won else (loser, winner) for winner, loser in texts]
        found = sum(self._comparable(one, other) for one, other in own)
        return found / max(len(texts), 1)

    def _comparable(self, one: str, other: str) -> bool:
        if not self.within(one) or self.within(other):
            return False
        reach = len(other) + len(self.text)
        return self.place != ANYWHERE or self.text in one[:reach] or self.text in one[-reach:]


def find_markers(texts: Texts) -> list[Marker]:
    """Return the strings that are on one side in nearly all pairs, the most telling first.

    Parameters
    ----------
    texts
        Winner and loser of pairs in a random order.
    """
    left = [(_read(one), _read(other)) for one, other in texts[:MANY]]
    found: list[Marker] = []
    while len(found) < MOST:
        best = max(_likely(left), key=lambda one: (round(one[0], 3), one[2]), default=None)
        if best is None:
            break
        marker = best[1]
        found.append(marker)
        left = [(marker.without(one), marker.without(other)) for one, other in left]
    return found


def _read(text: str) -> str:
    return text if len(text) <= READ else text[: READ // 2] + text[-READ // 2 :]


def _likely(texts: Texts) -> Iterator[tuple[float, Marker, int]]:
    """Yield the marks with the share of pairs they are in, and their length."""
    few = texts[:FEW]
    known: set[Marker] = set()
    for candidate in _candidates(few):
        if any(candidate.text in one.text and candidate.won == one.won for one in known):
            continue  # a part of one that was drawn out
        if candidate.share(few) < LIKELY or candidate.share(texts) < NEARLY:
            continue
        marker = _trimmed(_placed(_drawn_out(candidate, texts), texts), texts)
        share = marker.share(texts)
        if share >= NEARLY and marker not in known:
            known.add(marker)
            yield share, marker, len(marker.text)


def _candidates(texts: Texts) -> list[Marker]:
    """Return every string that is on one side in most of a few pairs, the longest first."""
    counts: Counter[Marker] = Counter()
    for winner, loser in texts:
        for place, strings in ((ANYWHERE, _strings), (START, _starts), (END, _ends)):
            won, lost = strings(winner), strings(loser)
            counts.update(Marker(text, place, True) for text in won - lost)
            counts.update(Marker(text, place, False) for text in lost - won)
    likely = [one for one, count in counts.items() if count >= LIKELY * len(texts)]
    return sorted(likely, key=lambda one: (-len(one.text), one.place, one.text, one.won))


def _strings(text: str) -> set[str]:
    """Return words, tags, runs of marks and spaces, single marks, and runs of up to three words."""
    found = set(PIECES.findall(text)) | set(TAGS.findall(text))
    found |= {sign for sign in set(text) if not sign.isalnum()}
    spans = [match.span() for match in CHUNKS.finditer(text)]
    found |= {text[start:end] for start, end in spans}
    found |= {text[a[0] : b[1]] for a, b in pairwise(spans)}
    found |= {text[a[0] : b[1]] for a, b in zip(spans, spans[2:], strict=False)}
    return {one for one in found if len(one) <= LONGEST}


def _starts(text: str) -> set[str]:
    return {text[:size] for size in range(1, min(EDGE, len(text)) + 1)}


def _ends(text: str) -> set[str]:
    return {text[-size:] for size in range(1, min(EDGE, len(text)) + 1)}


def _sides(marker: Marker, texts: Texts) -> tuple[list[str], list[str]]:
    """Return the texts that have a marker, and those of the other side."""
    own = [pair[0] if marker.won else pair[1] for pair in texts]
    others = [pair[1] if marker.won else pair[0] for pair in texts]
    return [text for text in own if marker.within(text)], others


def _drawn_out(marker: Marker, texts: Texts) -> Marker:
    """Return the longest string that nearly always stands where a marker does."""
    own, _ = _sides(marker, texts)
    text = marker.text
    while len(text) < LONGEST:
        before, after = (_beside(text, own, marker.place, step) for step in (-1, 1))
        if marker.place != START and before:
            text = before + text
        elif marker.place != END and after:
            text += after
        else:
            break
    return replace(marker, text=text)


def _beside(text: str, own: Sequence[str], place: str, step: int) -> str:
    """Return the sign that nearly always stands before (-1) or after (1) a string; else nothing."""
    signs: Counter[str] = Counter()
    for one in own:
        at = one.rfind(text) if place == END else one.find(text)
        beside = at - 1 if step < 0 else at + len(text)
        signs[one[beside] if at >= 0 and 0 <= beside < len(one) else ""] += 1
    sign, count = signs.most_common(1)[0]
    return sign if count >= ALWAYS * len(own) else ""


def _trimmed(marker: Marker, texts: Texts) -> Marker:
    """Return a marker without the ordinary stops and spaces around it."""
    least = marker.share(texts)
    ends = {START: (-1,), END: (0,)}.get(marker.place, (0, -1))
    for end in ends:
        while len(marker.text) > 1 and _is_ordinary(marker.text[end], marker, texts):
            shorter = replace(marker, text=marker.text[1:] if end == 0 else marker.text[:-1])
            if shorter.share(texts) < least:
                break
            marker = shorter
    return marker


def _is_ordinary(sign: str, marker: Marker, texts: Texts) -> bool:
    """Say whether a sign at the edge of a marker is as usual in texts without it."""
    if sign.isalnum() or not marker.text.strip():
        return False
    own, others = _sides(marker, texts)
    inner = sign.isspace() or marker.place == ANYWHERE
    edge = Marker(sign, ANYWHERE if inner else marker.place, marker.won)
    rest = [*map(marker.without, own)] if inner else others
    return all(sum(map(edge.within, some)) >= ORDINARY * len(some) for some in (others, rest))


def _placed(marker: Marker, texts: Texts) -> Marker:
    """Say where a marker stands, where it is always at the start or the end."""
    own, _ = _sides(marker, texts)
    for place in (START, END):
        at_it = replace(marker, place=place)
        if marker.place == ANYWHERE and sum(map(at_it.within, own)) >= ALWAYS * len(own):
            return at_it
    return marker
