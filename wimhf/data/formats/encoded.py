"""Lists and objects that sources keep as text: JSON, Python's repr and numpy's repr of them."""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import Any

MAX_CHARACTERS = 2_000_000
"""Longer text is not parsed: no conversation is as long."""
OPENINGS = ("[", "{", "array(", "(")
NAMES: dict[str, object] = {
    "nan": None, "null": None, "NaN": None, "None": None, "true": True, "false": False,
}  # fmt: skip
STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
UNPARTED = re.compile(
    rf"({STRING})(\s+(?=['\"]))?|([}}\]])(\s+)(?=[{{\[])|(\d\.?)(\s+)(?=-?\d|nan)", re.DOTALL
)
"""A string, or what numpy writes between two items without a comma."""
LOOKS_ENCODED = (
    r"""(?s)^\s*(?:array\()?[\[{][\s\[{]*["'](?:role|from|content|value|messages|conversations?)"""
    r"""["']\s*:"""
)
"""How text begins that holds messages (for Rust and for Python)."""


class _Odd(ValueError):
    """Python code that is no plain value."""


def decoded(value: object) -> Any:
    """Return what a text cell holds where it spells a list or object; all else as it is."""
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS:
        return value
    start = value.lstrip()
    if not start.startswith(OPENINGS[:2]):
        return _python(value) if start.startswith("array([") else value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = _python(value) if _may_be_python(start) else value
    return found if isinstance(found, (list, dict)) else value


def _may_be_python(start: str) -> bool:
    """Say whether text begins like a list or object with a text or another one in it."""
    return re.match(r"[\[{][\s\[{(]*(?:['\"}\])]|array\(|None|nan|-?\d)", start) is not None


def _python(text: str) -> object:
    """Return what Python's or numpy's repr of a list or dict says; other text as it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(UNPARTED.sub(_parted, text.strip()), mode="eval")
        found = _value(parsed.body)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return text
    return found if isinstance(found, (list, dict)) else text


def _parted(match: re.Match[str]) -> str:
    """Put a comma between two strings, two objects or two numbers."""
    text, again, end, _, digit, _ = match.groups()
    if text is not None:
        return f"{text}," if again else text
    return f"{end or digit},"


def _value(node: ast.expr) -> Any:
    """Return a literal; numpy's array is the list in it, and nan is nothing."""
    match node:
        case ast.Constant(value=value) if value is not Ellipsis:
            return value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item) for item in items]
        case ast.Dict(keys=keys, values=values) if None not in keys:
            names = [_value(key) for key in keys if key is not None]
            return dict(zip(names, map(_value, values), strict=True))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Name(id=name) if name in NAMES:
            return NAMES[name]
        case ast.Call(func=ast.Name(id="array"), args=[inner]):
            return _value(inner)
    raise _Odd(type(node).__name__)


def talk_in(value: object) -> list[Any] | None:
    """Return the messages that a cell holds, in whatever way it is spelled; None for all else.

    A list of {role, content} or {from, value}; one such message; an object that holds the list
    under ``messages``; a list around a single conversation; an object of lists, as tables keep
    lists of objects; each of them also as text.
    """
    found = decoded(value)
    if isinstance(found, str):
        return None
    if isinstance(found, dict):
        inner = next((found[name] for name in WRAPPERS if name in found), None)
        if inner is not None:
            return talk_in(inner)
        found = records(found) or [found]
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    if not isinstance(found, list) or not found:
        return None
    return found if all(map(_is_message, found)) else None


WRAPPERS = ("messages", "conversations", "conversation")
SPEAKERS = ("role", "from", "speaker", "sender")


def records(value: object) -> list[dict[str, Any]] | None:
    """Return the objects that an object of equally long lists spells; None for all else."""
    if not isinstance(value, dict) or not value:
        return None
    if not all(isinstance(column, list) for column in value.values()):
        return None
    if len({len(column) for column in value.values()}) != 1:
        return None
    return [dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True)]


def _is_message(item: object) -> bool:
    if not isinstance(item, dict):
        return False
    role = next((item[name] for name in SPEAKERS if name in item), None)
    return isinstance(role, str) and bool(
        item.keys() & {"content", "value", "text", "message", "tool_calls"}
    )
