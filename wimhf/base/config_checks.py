"""Settings given as plain tables: names and types checked before a dataclass is built."""

from __future__ import annotations

import dataclasses
from typing import Any

from wimhf.errors import ConfigError


def check_device(device: str) -> None:
    """Refuse a device name that torch would not understand."""
    if device != "auto" and device.split(":")[0] not in {"cpu", "cuda", "mps"}:
        raise ConfigError(f"device {device!r} is unknown; use auto, cpu, cuda, cuda:N or mps")


def require(table: str, settings: object, least: dict[str, int]) -> None:
    """Refuse whole-number settings below their least sensible value."""
    for name, bound in least.items():
        value = getattr(settings, name)
        if value < bound:
            raise ConfigError(f"{table}.{name} is {value}; give at least {bound}")


def built_table(default: Any, value: Any, name: str) -> Any:
    """Return a settings dataclass with the values of a table in place of its own.

    Raises
    ------
    ConfigError
        If it is no table, or holds an unknown name or a value of the wrong type.
    """
    if not isinstance(value, dict):
        raise ConfigError(f"[{name}] is {value!r}; write a table of settings")
    fields = {f.name: f for f in dataclasses.fields(default)}
    refuse_unknown(value, fields, f"[{name}]")
    value = {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
    for key, given in value.items():
        check_type(f"{name}.{key}", given, str(fields[key].type))
    return dataclasses.replace(default, **value)


def check_type(name: str, given: Any, wanted: str) -> None:
    """Refuse a value that is not of the type a setting is annotated with."""
    kinds = {
        "int": int, "float": (int, float), "str": str, "bool": bool, "dict[str, str]": dict,
        "tuple[int, ...]": tuple, "tuple[str, ...]": tuple,
    }  # fmt: skip
    base = wanted.removesuffix(" | None")
    if given is None and wanted.endswith("None"):
        return
    items = {"tuple[int, ...]": int, "tuple[str, ...]": str, "dict[str, str]": str}.get(base)
    held = list(given.values()) if isinstance(given, dict) else given
    wrong = isinstance(given, bool) and base != "bool"
    if isinstance(given, kinds[base]) and not wrong:  # type: ignore[arg-type]
        wrong = items is not None and any(type(item) is not items for item in held)
    else:
        wrong = True
    if wrong:
        raise ConfigError(f"{name} is {given!r}; expected {wanted}")


def refuse_unknown(values: dict[str, Any], known: dict[str, Any], where: str) -> None:
    """Refuse names that are not known."""
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ConfigError(f"{where} has no {', '.join(unknown)}; known: {', '.join(sorted(known))}")


def plain_types(value: Any) -> Any:
    """Return tuples as lists, at any depth of dictionaries."""
    if isinstance(value, dict):
        return {k: plain_types(v) for k, v in value.items()}
    return list(value) if isinstance(value, tuple) else value
