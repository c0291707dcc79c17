"""The bank: concepts as they are written in TOML files, checked when they are read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from wimhf.base import toml_table
from wimhf.concepts.concept import POLES, PROMPTS, Concept
from wimhf.errors import ConfigError

LISTS = ("patterns", "words", "without")
FLAGS = ("audit",)
KEYS = frozenset(f.name for f in fields(Concept)) - {
    "area", "source", "learned", "examples_more", "examples_less",
}  # fmt: skip


def load_concepts(
    paths: Sequence[str | Path] = (), *, packaged: bool = True
) -> tuple[Concept, ...]:
    """Return the packaged concepts, if they are wanted, then those of the user's files.

    A user's concept with the id of another one takes its place.

    Raises
    ------
    ConfigError
        If a file cannot be read, or a concept in it is not well formed.
    """
    bank = {concept.id: concept for concept in _packaged() if packaged}
    for path in map(Path, paths):
        own = _parsed(_read(path), str(path), path.stem)
        for concept in own.values():
            concept.check_patterns()
        bank.update(own)
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
        table = toml_table(text)
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
