"""The bank: concepts as they are written in TOML files, checked when they are read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from re import fullmatch
from textwrap import shorten
from typing import Any, NoReturn

import polars as pl

from wimhf.concepts.context import CONTEXT_DETECTORS
from wimhf.concepts.structure import DETECTORS
from wimhf.errors import ConfigError

SCOPES = ("whole", "opening", "ending", "first_line", "lines")
COUNTS = ("matches", "presence", "density")
POLES = ("more", "less")
PROMPTS = ("prompt", "conversation")
READS = ("response", *PROMPTS, "both")
LISTS = ("patterns", "words", "without")
FLAGS = ("audit",)


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
        or does not (outside): ids, instead of anything else to look for.
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
        for pattern in (*self.patterns, *self.without):
            self._check_pattern(pattern)

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
        if self.of is None or (self.within is None) == (self.outside is None):
            self._refuse("a condition needs `of` and either `within` or `outside`")
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


KEYS = frozenset(f.name for f in fields(Concept)) - {
    "area", "source", "learned", "examples_more", "examples_less",
}  # fmt: skip


def load_concepts(paths: Sequence[str | Path] = ()) -> tuple[Concept, ...]:
    """Return the packaged concepts, then those of the user's files.

    A user's concept with the id of another one takes its place.

    Raises
    ------
    ConfigError
        If a file cannot be read, or a concept in it is not well formed.
    """
    bank = {concept.id: concept for concept in _packaged()}
    for path in map(Path, paths):
        bank.update(_parsed(_read(path), str(path), path.stem))
    for concept in bank.values():
        _check_references(concept, bank)
    return tuple(bank.values())


def _check_references(concept: Concept, bank: Mapping[str, Concept]) -> None:
    wanted = (("of", ("response", "both")), ("within", PROMPTS), ("outside", PROMPTS))
    for key, reads in wanted:
        name = getattr(concept, key)
        if name is not None and (name not in bank or bank[name].reads not in reads):
            raise ConfigError(
                f"{concept.source}: concept {concept.id!r}: {key} {name!r} is no concept of the "
                f"{reads[0]}; `wimhf concepts` lists them"
            )


@cache
def _packaged() -> tuple[Concept, ...]:
    bank: dict[str, Concept] = {}
    folder = files("wimhf.concepts") / "written"
    for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")):
        text = folder.joinpath(name).read_text(encoding="utf-8")
        bank.update(_parsed(text, name, name.removesuffix(".toml")))
    return tuple(bank.values())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"concepts file {path} does not exist; check its path") from None
    except OSError as error:
        raise ConfigError(f"concepts file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"concepts file {path} is not UTF-8; save it as UTF-8") from None


def _parsed(text: str, source: str, area: str) -> dict[str, Concept]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"concepts file {source} is not TOML: {error}") from None
    rows = table.pop("concept", None)
    if table or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        instead = f" instead of {', '.join(map(repr, table))}" if table else ""
        raise ConfigError(f"concepts file {source}: start each concept with [[concept]]{instead}")
    concepts: dict[str, Concept] = {}
    for number, row in enumerate(rows, start=1):
        concept = _concept(row, number, source, area)
        if concept.id in concepts:
            raise ConfigError(f"{source}: concept {concept.id!r} is there twice; rename one")
        concepts[concept.id] = concept
    return concepts


def _concept(row: Mapping[str, object], number: int, source: str, area: str) -> Concept:
    name = row.get("id")
    if not isinstance(name, str):
        raise ConfigError(f'{source}: concept number {number} has no id; give it id = "..."')
    where = f"{source}: concept {name!r}"
    examples = row.get("examples", {})
    _refuse_unknown(row, KEYS | {"examples"}, where)
    if not isinstance(examples, dict):
        raise ConfigError(f"{where}: examples must be {{ more = [...], less = [...] }}")
    _refuse_unknown(examples, frozenset(POLES), f"{where}: examples")
    values: dict[str, Any] = {"more": "", "less": ""}
    for key in row.keys() - {"examples"}:
        read = _strings if key in LISTS else _flag if key in FLAGS else _string
        values[key] = read(row, key, where)
    for pole in examples:
        values[f"examples_{pole}"] = _strings(examples, pole, f"{where}: examples")
    return Concept(**values, area=area, source=source)


def _refuse_unknown(row: Mapping[str, object], known: frozenset[str], where: str) -> None:
    unknown = sorted(row.keys() - known)
    if unknown:
        raise ConfigError(
            f"{where}: unknown {', '.join(map(repr, unknown))}; use {', '.join(sorted(known))}"
        )


def _string(row: Mapping[str, object], key: str, where: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise ConfigError(f"{where}: {key} is {value!r}; give a text in quotes")
    return value


def _flag(row: Mapping[str, object], key: str, where: str) -> bool:
    value = row[key]
    if not isinstance(value, bool):
        raise ConfigError(f"{where}: {key} is {value!r}; write true or false")
    return value


def _strings(row: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    value = row[key]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{where}: {key} is {value!r}; give a list of texts in [ ]")
    return tuple(value)
