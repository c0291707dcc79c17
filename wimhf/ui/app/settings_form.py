"""The form of an analysis, made from the declaration of the settings."""

from __future__ import annotations

import tomllib
import typing
from collections.abc import Iterable, Mapping
from typing import Any, get_type_hints

import streamlit as st

from wimhf.base import SETTINGS, Config, Setting, nested_settings, toml_table
from wimhf.errors import ConfigError, WimhfError
from wimhf.ui.app import components

Tables = dict[str, Any]
ASKED_ELSEWHERE = ("format", "columns", "label_map", "roles", "pairs", "label", "encoder")
"""Settings that have a place of their own on the page."""
GROUPS = {
    "Reading and grouping": ("read", "split"),
    "Encoder and vectors": ("embed",),
    "Discovered features": ("dictionary",),
    "The whole run": ("",),
    "What is measured": ("preference", "subsets", "reward", "rules"),
    "Names by a language model": ("llm",),
}
"""Which stages' settings stand together."""


def form(token: str, base: Tables) -> Tables:
    """Ask for every setting that has a sensible default; return what differs, as tables.

    Parameters
    ----------
    token
        Names the source: each has its own answers.
    base
        Settings that are in force where nothing is answered.
    """
    before = Config.from_dict(base)
    given: dict[str, Any] = {}
    with st.expander("Advanced settings", icon=":material/tune:"):
        for title, stages in GROUPS.items():
            st.caption(title)
            grid = st.columns(3)
            for place, one in enumerate(_of(stages)):
                with grid[place % 3]:
                    given[one.name] = _field(one, before, token)
    return nested_settings(given)


def _of(stages: Iterable[str]) -> list[Setting]:
    wanted = set(stages)
    return [
        one for one in SETTINGS
        if one.places[0].rpartition(".")[0] in wanted and one.name not in ASKED_ELSEWHERE
    ]  # fmt: skip


def kind_of(one: Setting) -> type:
    """Return what a setting's value is: int, float, tuple (several names) or str."""
    stage, _, name = one.places[0].rpartition(".")
    table = getattr(Config(), stage) if stage else Config()
    hint = get_type_hints(type(table))[name]
    if hint == tuple[str, ...]:
        return tuple
    kinds = {kind for kind in (hint, *typing.get_args(hint)) if kind in (int, float)}
    single = one.notation is None and len(one.places) == 1 and len(kinds) == 1
    return kinds.pop() if single else str


def _field(one: Setting, before: Config, token: str) -> object:
    """Ask for one setting; None where its default stays."""
    key, value, kind = f"{one.name}_{token}", one.values(before)[0], kind_of(one)
    label, help_ = one.label, one.help or None
    if kind is int or kind is float:
        return _number(one, value if value != one.values(Config())[0] else None, key, kind)
    if kind is tuple:
        names = list(typing.cast("Iterable[str]", value))
        chosen = st.multiselect(
            label, list(dict.fromkeys([*one.choices, *names])), names, key=key, help=help_,
            accept_new_options=True, placeholder=one.default or "none",
        )  # fmt: skip
        return chosen if chosen != names else None
    if one.choices:
        chosen_one = st.selectbox(label, one.choices, list(one.choices).index(str(value)), key=key,
                                  help=help_)  # fmt: skip
        return chosen_one if chosen_one != value else None
    return _text(one, before, key)


def _number(one: Setting, value: object, key: str, kind: type) -> object:
    known = typing.cast("Any", value)
    if kind is int:
        return st.number_input(
            one.label, min_value=one.least, value=known, step=1, placeholder=one.default, key=key,
            help=one.help or None,
        )  # fmt: skip
    return st.number_input(
        one.label, min_value=0.0, value=known, step=0.5, placeholder=one.default or "none",
        key=key, help=one.help or None,
    )  # fmt: skip


def _text(one: Setting, before: Config, key: str) -> object:
    word = one.word(before) if one.values(before) != one.values(Config()) else None
    given = st.text_input(one.label, word or "", key=key, help=one.help or None,
                          placeholder=one.default or "none").strip()  # fmt: skip
    if given == (word or "") or not given:
        return None
    try:
        return one.read(given)
    except ConfigError as error:
        components.failure(error)
        return None


def settings_file(token: str) -> Tables:
    """Ask for a file of settings in TOML; return its tables, none where there is no file."""
    with st.expander("A settings file", icon=":material/description:"):
        file = st.file_uploader(
            "Settings in TOML, a table for each stage", type=["toml"], key=f"settings_{token}",
            help="What is answered on this page goes before it",
        )  # fmt: skip
    if file is None:
        return {}
    try:
        tables = toml_table(file.getvalue().decode("utf-8"))
        Config.from_dict(tables)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        st.error(f"{file.name} is not TOML: {error}", icon=":material/error:")
    except WimhfError as error:
        components.failure(error)
    else:
        return tables
    return {}


def joined(*tables: Mapping[str, Any]) -> Tables:
    """Return settings of which later ones go before earlier ones, value by value."""
    out: Tables = {}
    for table in tables:
        for name, value in table.items():
            own, whole = out.get(name), name in ("columns", "label_map", "roles")
            nests = isinstance(own, dict) and isinstance(value, Mapping) and not whole
            out[name] = joined(own or {}, value) if nests else value
    return out
