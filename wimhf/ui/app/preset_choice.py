"""The choice of a preset: encoder, template, sizes and describer together."""

from __future__ import annotations

import streamlit as st

from wimhf.base import PRESETS, Config
from wimhf.pipeline import check_preset, with_preset
from wimhf.ui.app.settings_form import Tables
from wimhf.ui.words.figures import plain, sentence

PLAIN = next(iter(PRESETS))
"""The preset that changes nothing."""


def preset_name(token: str) -> str:
    """Return which preset is chosen for a source."""
    return str(st.session_state.get(f"preset_{token}") or PLAIN)


def form_token(token: str) -> str:
    """Return what names the answers of a source under the chosen preset: each has its own."""
    name = preset_name(token)
    return token if name == PLAIN else f"{token}_{name}"


def preset_field(token: str) -> None:
    """Ask for a preset, and say what the chosen one sets and what it takes."""
    st.selectbox(
        "Preset", list(PRESETS), key=f"preset_{token}",
        help="Encoder, template, sizes and names set together; what you change besides stays yours",
    )  # fmt: skip
    one = PRESETS[preset_name(token)]
    st.caption(f"{plain(sentence(one.says))} {plain(sentence(one.costs))}")


def preset_tables(token: str, base: Tables) -> Tables:
    """Return settings with those of the chosen preset where they are as they come."""
    name = preset_name(token)
    return (
        base if name == PLAIN else with_preset(Config.from_dict(base), name).to_dict(secrets=True)
    )


def check_chosen(token: str, settings: Tables) -> None:
    """Refuse what the chosen preset needs and is not here.

    Raises
    ------
    ConfigError
        In one line, what is missing.
    """
    name = preset_name(token)
    if name != PLAIN:
        check_preset(name, Config.from_dict(settings))
