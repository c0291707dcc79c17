"""Rules as they are written: in a TOML file, on a command line, in Python."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wimhf.curate.rules.conditions import All, AnyOf, Condition, Ids, Not
from wimhf.curate.rules.criteria import Column, Feature, Health, Suspicion, Text
from wimhf.curate.rules.rule import PLAIN, Action, Rule
from wimhf.errors import EditError


def rule(written: Mapping[str, Any], where: str = "a rule") -> Rule:
    """Read a rule as it is written in a rules file.

    Raises
    ------
    EditError
        If a key is unknown or a value not understood.
    """
    if not isinstance(written, Mapping):
        raise EditError(f"{where} is {written!r}; write a table with when and then")
    unknown = set(written) - {"name", "why", "when", "then"}
    if unknown or not {"when", "then"} <= set(written):
        raise EditError(
            f"{where} has the keys {', '.join(written) or 'none'}; write when, then and, if "
            "you like, name and why"
        )
    return Rule(
        condition(written["when"]),
        Action.of(written["then"]),
        str(written.get("name", "")),
        str(written.get("why", "")),
    )


def read_rules(path: Path) -> list[Rule]:
    """Read a rules file: TOML with one [[rule]] table per rule.

    Raises
    ------
    EditError
        If it cannot be read or understood.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EditError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EditError(f"{path} is not TOML: {error}") from None
    rules = written.get("rule")
    if not isinstance(rules, list) or not rules or set(written) != {"rule"}:
        raise EditError(f"{path} holds {', '.join(written) or 'nothing'}; write [[rule]] tables")
    return [rule(one, f"rule {n} of {path}") for n, one in enumerate(rules, start=1)]


def written_rule(when: str, then: str, why: str = "") -> Rule:
    """Read a rule from the two texts of a command line: the inside of TOML tables.

    >>> written_rule("feature = 3, rewarded = true", "flip").to_dict()
    {'when': {'feature': 3, 'rewarded': True}, 'then': 'flip'}
    """
    return Rule(condition(_table(when, "when")), written_action(then), why=why)


def written_action(then: str) -> Action:
    """Read an action from the text of a command line: a word, or the inside of a TOML table."""
    word = then.strip()
    return Action.of(word if word in PLAIN else _table(then, "then"))


def _table(text: str, name: str) -> dict[str, Any]:
    try:
        read: dict[str, Any] = tomllib.loads(f"{name} = {{{text}}}")[name]
    except tomllib.TOMLDecodeError:
        raise EditError(
            f"--{name} {text!r} is not understood; write e.g. --when 'feature = 3, rewarded = true'"
            " --then flip, or --then 'weight = 0.5'"
        ) from None
    return read


KINDS: dict[str, tuple[str, ...]] = {
    "feature": ("pole", "quantile", "rewarded"),
    "suspicion": (), "suspect": (), "health": (), "pair_ids": (),
    "text": ("within", "case"), "regex": ("within", "case"),
    "column": ("equals", "one_of", "at_least", "at_most", "missing"),
    "all": (), "any": (), "not": (),
}  # fmt: skip
"""What a condition may begin with, and what belongs to it."""


def condition(written: object) -> Condition:
    """Read a condition as it is written in a rules file; several in one table hold together.

    Raises
    ------
    EditError
        If it is not understood.
    """
    if isinstance(written, Condition):
        return written
    if not isinstance(written, Mapping):
        raise EditError(f"condition {written!r} is not a table; write e.g. {{feature = 3}}")
    present = [kind for kind in KINDS if kind in written]
    spoken = {key for kind in present for key in (kind, *KINDS[kind])}
    if not present or set(written) - spoken:
        odd = ", ".join(sorted(set(written) - spoken)) or "nothing"
        raise EditError(f"a condition says {odd}; it knows {', '.join(KINDS)} and what they take")
    parts = [_one(kind, written) for kind in present]
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _one(kind: str, written: Mapping[str, Any]) -> Condition:
    value = written[kind]
    with_it = {key: written[key] for key in KINDS[kind] if key in written}
    try:
        if kind in ("all", "any"):
            parts = tuple(condition(one) for one in value)
            return All(parts) if kind == "all" else AnyOf(parts)
        if kind == "not":
            return Not(condition(value))
        if kind in ("health", "pair_ids"):
            many = (value,) if isinstance(value, str) else tuple(value)
            return Health(many) if kind == "health" else Ids(many)
        if kind in ("suspicion", "suspect"):
            return _suspicion(kind, value)
        if kind == "column" and "one_of" in with_it:
            with_it["one_of"] = tuple(with_it["one_of"])
        built: Condition = _BUILT[kind](**{kind: value}, **with_it)
        return built
    except (TypeError, ValueError):
        raise EditError(f"{kind} = {value!r} is not understood in a condition") from None


def _suspicion(kind: str, value: object) -> Condition:
    if kind == "suspect":
        return Suspicion() if value else Not(Suspicion())
    return Suspicion(float(str(value)))


_BUILT: dict[str, type[Any]] = {
    "feature": Feature, "text": Text, "regex": Text, "column": Column,
}  # fmt: skip


def rules_of(written: Rule | Mapping[str, Any] | Sequence[Rule | Mapping[str, Any]]) -> list[Rule]:
    """Return rules, however they were given."""
    many = [written] if isinstance(written, (Rule, Mapping)) else list(written)
    return [one if isinstance(one, Rule) else rule(one) for one in many]
