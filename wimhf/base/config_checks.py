"""Settings given as plain tables: names and types checked before a dataclass is built."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from wimhf.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Table = TypeVar("Table", bound="DataclassInstance")
KINDS: dict[str, tuple[tuple[type, ...], type | None]] = {
    "int": ((int,), None), "float": ((int, float), None), "str": ((str,), None),
    "bool": ((bool,), None), "dict[str, str]": ((dict,), str),
    "tuple[int, ...]": ((tuple,), int), "tuple[str, ...]": ((tuple,), str),
}  # fmt: skip
"""Per annotation of a setting the types it may have, and those of its items."""


def check_device(device: str) -> None:
    """Refuse a device name that torch would not understand."""
    if device != "auto" and device.split(":")[0] not in {"cpu", "cuda", "mps"}:
        raise ConfigError(f"device {device!r} is unknown; use auto, cpu, cuda, cuda:N or mps")


def at_least(name: str, value: int | None, bound: int, advice: str = ", or leave it out") -> None:
    """Refuse a whole number that is given and too small."""
    if value is not None and value < bound:
        raise ConfigError(f"{name} is {value}; give at least {bound}{advice}")


def at_most(name: str, value: int | None, bound: int) -> None:
    """Refuse a whole number that no machine could serve."""
    if value is not None and value > bound:
        raise ConfigError(f"{name} is {value:,}; give at most {bound:,}")


def one_of(name: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse words that are none of those known."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ConfigError(f"{name} has {', '.join(unknown)}; use {', '.join(known)}")


def require(table: str, settings: object, least: dict[str, int]) -> None:
    """Refuse whole-number settings below their least sensible value."""
    for name, bound in least.items():
        at_least(f"{table}.{name}", getattr(settings, name), bound, "")


def built_table(default: Table, values: object, name: str = "") -> Table:
    """Return a settings dataclass with the values of a table in place of its own.

    Raises
    ------
    ConfigError
        If it is no table, or holds an unknown name or a value of the wrong type.
    """
    where = f"[{name}]" if name else "the settings"
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} is {values!r}; write a table of settings")
    types = {field.name: str(field.type) for field in dataclasses.fields(default)}
    refuse_unknown(values, types, where)
    changes: dict[str, object] = {}
    for key, given in values.items():
        inner = getattr(default, key)
        if dataclasses.is_dataclass(inner) and not isinstance(inner, type):
            changes[key] = built_table(inner, given, key)
            continue
        changes[key] = tuple(given) if isinstance(given, list) else given
        check_type(f"{name}.{key}" if name else key, changes[key], types[key])
    return dataclasses.replace(default, **changes)


def check_type(name: str, given: object, wanted: str) -> None:
    """Refuse a value that is not of the type a setting is annotated with."""
    if given is None and wanted.endswith("None"):
        return
    kinds, kind_of_item = KINDS[wanted.removesuffix(" | None")]
    fits = isinstance(given, kinds) and (bool in kinds or not isinstance(given, bool))
    items = given.values() if isinstance(given, dict) else given if isinstance(given, tuple) else ()
    if not fits or any(type(item) is not kind_of_item for item in items):
        raise ConfigError(f"{name} is {given!r}; expected {wanted}")


def refuse_unknown(names: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse names that are not known."""
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ConfigError(f"{where} has no {', '.join(unknown)}; known: {', '.join(sorted(known))}")


def plain_types(value: object) -> object:
    """Return tuples as lists, at any depth of dictionaries."""
    if isinstance(value, dict):
        return {key: plain_types(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value
