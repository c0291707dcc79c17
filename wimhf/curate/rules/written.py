"""Rules as they are written: in a TOML file, on a command line, in Python."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from wimhf.base import toml_table
from wimhf.curate.rules import columns, criteria  # noqa: F401, their conditions can be written
from wimhf.curate.rules.conditions import CONDITIONS, condition
from wimhf.curate.rules.rule import PLAIN, Action, Rule
from wimhf.errors import EditError


def rule(written: Mapping[str, object], where: str = "a rule") -> Rule:
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
        written = toml_table(path.read_text(encoding="utf-8"))
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


def _table(text: str, name: str) -> dict[str, object]:
    try:
        read: dict[str, object] = toml_table(f"{name} = {{{text}}}")[name]
    except tomllib.TOMLDecodeError:
        raise EditError(
            f"--{name} {text!r} is not understood; write e.g. --when 'feature = 3, rewarded = true'"
            " --then flip, or --then 'weight = 0.5'"
        ) from None
    return read


KINDS = {begin: kind.parts(begin) for begin, kind in CONDITIONS.items()}
"""What a condition may begin with, and what belongs to it."""


Written = Rule | Mapping[str, object]
Rules = Written | Sequence[Written] | Path
"""One or several rules, as objects, tables or a file."""


def rules_of(given: Rules) -> list[Rule]:
    """Return rules, however they were given."""
    if isinstance(given, Path):
        return read_rules(given)
    many = [given] if isinstance(given, (Rule, Mapping)) else list(given)
    return [one if isinstance(one, Rule) else rule(one) for one in many]
