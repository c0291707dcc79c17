"""Rules while they are being written: a list of parts, JSON for the URL, TOML for people."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tomli_w

from wimhf.base import json_value, toml_table
from wimhf.curate import KINDS
from wimhf.errors import EditError

Written = dict[str, object]
"""A condition or a rule, as rules files write it."""
SIMPLE = ("feature", "suspect", "suspicion", "text", "regex", "column", "health", "pair_ids")
"""Conditions that are not made of others: what a part can be."""
ASKED = ("equals", "one_of", "at_least", "at_most", "missing")
LONGEST = 6_000
"""Characters of a rule that a URL takes."""


@dataclass(frozen=True)
class Part:
    """One condition of a draft, as rules files write it, and whether it is turned around."""

    condition: Written
    negated: bool = False

    @property
    def kind(self) -> str:
        """What it asks for: one of ``SIMPLE``."""
        return next(kind for kind in SIMPLE if kind in self.condition)

    def written(self) -> Written:
        """Return it as a rules file has it."""
        return {"not": self.condition} if self.negated else self.condition


@dataclass(frozen=True)
class Draft:
    """A rule as the form builds it; it need not be whole yet.

    Attributes
    ----------
    parts
        Conditions, joined by ``join``: ``all`` or ``any``.
    then
        What becomes of the pairs, as rules files write it.
    """

    parts: tuple[Part, ...]
    then: object = "flip"
    join: str = "all"

    def written(self) -> Written:
        """Return the rule as a rules file has it."""
        parts = [part.written() for part in self.parts]
        when = parts[0] if len(parts) == 1 else {self.join: parts}
        return {"when": when, "then": self.then}


def draft_of(rule: object) -> Draft | None:
    """Return a rule as the form builds it; None where the form cannot hold it.

    >>> draft_of({"when": {"not": {"suspect": True}}, "then": "tie"}).parts
    (Part(condition={'suspect': True}, negated=True),)
    """
    if not isinstance(rule, Mapping) or set(rule) != {"when", "then"}:
        return None
    when = rule["when"]
    if not isinstance(when, Mapping):
        return None
    join, written = _parted(when)
    if not isinstance(written, list) or not written:
        return None
    parts = tuple(part for part in map(_part, written) if part is not None)
    return Draft(parts, rule["then"], join) if len(parts) == len(written) else None


def _parted(when: Mapping[str, object]) -> tuple[str, object]:
    """Return how a condition joins others, and these; several kinds in one table are joined."""
    if len(when) == 1 and (joined := {"all", "any"} & set(when)):
        (join,) = joined
        return join, when[join]
    kinds = [kind for kind in KINDS if kind in when]
    if "not" in when or len(kinds) < 2:
        return "all", [when]
    return "all", [
        {key: when[key] for key in (kind, *KINDS[kind]) if key in when} for kind in kinds
    ]


def _part(written: object) -> Part | None:
    if not isinstance(written, Mapping):
        return None
    if set(written) == {"not"}:
        inner = _part(written["not"])
        return None if inner is None or inner.negated else Part(inner.condition, negated=True)
    kinds = [kind for kind in SIMPLE if kind in written]
    if len(kinds) != 1 or not set(written) <= {kinds[0], *KINDS[kinds[0]]}:
        return None
    asked = [name for name in ASKED if name in written]
    if kinds[0] == "column" and len(asked) != 1 and asked != ["at_least", "at_most"]:
        return None
    return Part(dict(written))


def compact(rules: object) -> str:
    """Write one rule or several for the URL."""
    return json.dumps(rules, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def mark(written: str, state: int, *, anyway: bool) -> str:
    """Return a short name of rules and of the state they were previewed on, for the URL.

    Parameters
    ----------
    written
        The rules, as ``compact`` writes them.
    state
        What tells one state of the edit log from another.
    anyway
        Whether they may do what is otherwise refused.
    """
    return hashlib.sha256(f"{written} {state} {anyway}".encode()).hexdigest()[:12]


def read_compact(text: str) -> list[Written]:
    """Read rules from the URL.

    Raises
    ------
    EditError
        If they cannot be understood.
    """
    try:
        written = json_value(text)
    except ValueError:
        raise EditError("the link's rule is not JSON; build it anew, or paste it as TOML") from None
    rules = written if isinstance(written, list) else [written]
    if not rules or not all(isinstance(one, dict) for one in rules):
        raise EditError("the link's rule is no table; build it anew, or paste it as TOML")
    return rules


def read_toml(text: str) -> list[Written]:
    """Read rules from the text of a rules file.

    Raises
    ------
    EditError
        If it is not TOML with [[rule]] tables, or too long.
    """
    try:
        written = toml_table(text)
    except tomllib.TOMLDecodeError as error:
        raise EditError(f"this is not TOML: {error}") from None
    rules = written.get("rule")
    if not isinstance(rules, list) or not rules or set(written) != {"rule"}:
        raise EditError(f"this holds {', '.join(written) or 'nothing'}; write [[rule]] tables")
    return rules


def toml_of(rules: Sequence[Mapping[str, object]]) -> str:
    """Write rules as a rules file."""
    blocks = []
    for rule in rules:
        lines = [f"{key} = {_toml(value)}" for key, value in rule.items()]
        blocks.append("\n".join(["[[rule]]", *lines]) + "\n")
    return "\n".join(blocks)


def _toml(value: object) -> str:
    """Write a value on one line, as rules files are written."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {_toml(one)}" for key, one in value.items())
        return f"{{{inside}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    if value is None:
        return "null"  # TOML has none: the page says so
    return tomli_w.dumps({"value": value}).removeprefix("value = ").removesuffix("\n")


def _key(key: str) -> str:
    return tomli_w.dumps({key: 0}).removesuffix(" = 0\n")
