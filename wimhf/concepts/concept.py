"""A concept: what a response does or a prompt asks, and what in the text gives it away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import fullmatch, search
from textwrap import shorten
from typing import NoReturn

import polars as pl

from wimhf.concepts.context import CONTEXT_DETECTORS
from wimhf.concepts.expressions import expression
from wimhf.concepts.structure import DETECTORS
from wimhf.errors import ConfigError

SCOPES = ("whole", "opening", "ending", "first_line", "lines")
COUNTS = ("matches", "presence", "density")
POLES = ("more", "less")
PROMPTS = ("prompt", "conversation")
READS = ("response", *PROMPTS, "both")
NO_WORD = re.compile(r"\\[pPxu]?(?:\{[^}]*\}|[a-zA-Z])|\[[^\]]*\]|\(\?[a-z]+")
"""Escapes, classes and flags of a regular expression, whose letters are not words."""


@dataclass(frozen=True)
class Concept:
    """Something a response does, how it is spoken of, and what in the text gives it away.

    Attributes
    ----------
    more, less
        Said of the response with more (less) of it; of a concept of the prompt, of the pair.
    title
        One to four words for charts and tables; made of the id where it is not given.
    area
        The name of the file it comes from.
    reads
        What it is sought in: the response; the prompt (what the user says last) or the conversation
        (all that the user says): such a concept divides pairs and is no column; or both, what the
        user says last and the response, by a detector of ``context.CONTEXT_DETECTORS``.
    of, within, outside
        A concept of the response that counts only where a concept of the prompt holds (within)
        and another does not (outside): ids, instead of anything else to look for.
    patterns, words
        Rust regular expressions, and whole words or phrases; either counts.
    without
        Regular expressions that cancel the concept wherever in the text they match.
    scope
        Where to look: the whole text, its opening (first sentence), ending (last sentence),
        first_line, or at the start of lines.
    count
        How: matches, presence (0 or 1) or density (matches per 100 words).
    detector
        Name of a function in ``structure.DETECTORS``, instead of all of the above.
    concern, why
        The pole it would be worrying that labels reward, if any, and what would follow.
    audit
        Whether the audit has a row for it.
    examples_more, examples_less
        Texts that score above 0, and near-misses that score 0.
    source
        The file, for messages.
    learned
        Of a concept that no text gives away, whose column is kept with a run: how it was learned,
        instead of anything to look for.
    """

    id: str
    more: str
    less: str
    title: str = ""
    area: str = ""
    reads: str = "response"
    of: str | None = None
    within: str | None = None
    outside: str | None = None
    patterns: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    scope: str = "whole"
    count: str = "matches"
    detector: str | None = None
    concern: str | None = None
    why: str = ""
    audit: bool = False
    examples_more: tuple[str, ...] = ()
    examples_less: tuple[str, ...] = ()
    source: str = ""
    learned: str = ""

    def __post_init__(self) -> None:
        if fullmatch("[a-z][a-z0-9_]*", self.id) is None:
            self._refuse("the id is not snake_case; use lower-case letters, digits and _")
        for pole in POLES:
            if not getattr(self, pole).strip():
                self._refuse(f"`{pole}` is missing; say it of the response with {pole} of it")
        if self.more == self.less:
            self._refuse("`more` and `less` say the same; give each its own words")
        if not self.title:
            object.__setattr__(self, "title", self.id.replace("_", " ").capitalize())
        self._one_of("scope", SCOPES)
        self._one_of("count", COUNTS)
        self._one_of("reads", READS)
        self._check_concern()
        self._check_sought()

    def check_patterns(self) -> None:
        """Compile every pattern, which takes a while: of files that somebody else wrote.

        Raises
        ------
        ConfigError
            If one is no Rust regular expression, or matches the empty text; if all together are
            too large.
        """
        for pattern in (*self.patterns, *self.without):
            self._check_pattern(pattern)
        try:
            pl.Series([""]).str.contains(expression(self.patterns, self.words))
        except pl.exceptions.ComputeError:
            self._refuse(
                f"{len(self.patterns) + len(self.words):,} patterns and words are too many for one "
                "concept; leave some out, or make several concepts of them"
            )

    def _check_concern(self) -> None:
        if self.concern is not None:
            self._one_of("concern", POLES)
        if (self.concern is None) != (not self.why):
            self._refuse("`concern` and `why` belong together; give both or neither")

    def _check_sought(self) -> None:
        if self.learned:
            return
        if self.of is not None or self.within is not None or self.outside is not None:
            self._check_condition()
        elif self.detector is not None or self.reads == "both":
            self._check_detector()
        elif not any(word.strip() for word in (*self.patterns, *self.words)):
            self._refuse("nothing to look for; give `patterns`, `words` or a `detector`")
        elif not all(word.strip() for word in (*self.patterns, *self.words, *self.without)):
            self._refuse("an empty pattern or word would match anywhere; take it out")

    def _check_condition(self) -> None:
        if self.of is None or (self.within is None and self.outside is None):
            self._refuse("a condition needs `of`, and `within`, `outside` or both")
        if self.detector is not None or self._ruled or self.reads != "response":
            self._refuse("`of` says what is sought; leave out every other rule")

    def _check_detector(self) -> None:
        if self.detector is None:
            self._refuse("what reads both needs a `detector`")
        self._one_of("detector", tuple(CONTEXT_DETECTORS if self.reads == "both" else DETECTORS))
        if self._ruled:
            self._refuse("a detector reads the whole text by itself; leave out every other rule")
        if self.count != "matches":
            self._refuse("a detector has its own unit; leave out `count`")

    @property
    def needs_words(self) -> bool:
        """Whether it looks for English words, rather than for marks, shapes or counts."""
        plain = (NO_WORD.sub("", pattern) for pattern in self.patterns)
        sought = any(search("[a-z]{3}", part) for part in plain)
        return bool(self.words) or self.of is not None or sought

    @property
    def _ruled(self) -> bool:
        return bool(self.patterns or self.words or self.without) or self.scope != "whole"

    def _check_pattern(self, pattern: str) -> None:
        shown = repr(shorten(pattern, 80))
        try:
            matches_nothing = pl.Series([""]).str.contains(pattern)[0]
        except pl.exceptions.ComputeError as error:
            reasons = [line for line in str(error).splitlines() if line.startswith("error: ")]
            reason = reasons[0].removeprefix("error: ") if reasons else "too large"
            self._refuse(f"pattern {shown} is no Rust regex ({reason}); mend it")
        if matches_nothing:
            self._refuse(f"pattern {shown} matches the empty text; ask for something in it")

    def _one_of(self, name: str, known: tuple[str, ...]) -> None:
        value = getattr(self, name)
        if value not in known:
            self._refuse(f"{name} {value!r} is unknown; use {', '.join(known)}")

    def _refuse(self, what: str) -> NoReturn:
        raise ConfigError(f"{self.source or 'concepts'}: concept {self.id!r}: {what}")
