"""Start: take a source in, see what it is, analyze it; or open a run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from wimhf.base import Config
from wimhf.errors import WimhfError
from wimhf.pipeline import (
    Look,
    expected_memory,
    expected_stages,
    look_at,
    pace,
    sent_away,
    start_job,
    unreckoned,
)
from wimhf.run import open_run
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import (
    components,
    intake,
    preset_choice,
    runs_panel,
    settings_form,
    source_reading,
    source_shown,
)
from wimhf.ui.app.jobs_panel import jobs_panel
from wimhf.ui.app.settings_form import Tables
from wimhf.ui.words.figures import duration, plain

NAMED = ("source", "at", "again")
"""What in the URL names a source."""
ENCODERS = {
    "auto": "Automatic: the better one for little data, the faster one for much",
    "minilm": "minilm: better, slower",
    "fast": "fast: word vectors, quick on any machine",
}


def page() -> None:
    """Lay the page out."""
    st.title("What’s in your feedback?", anchor=False)
    st.markdown(
        "Drop a file of preference pairs: WIMHF learns how the two responses of a pair differ, "
        "puts it into words, and measures which of it the labels reward. Nothing leaves this "
        "machine, unless you name an encoder that is elsewhere."
    )
    jobs_panel()
    left, right = st.columns([3, 2], gap="large")
    with left:
        _choose_source()
    with right:
        runs_panel.panel()
    source = _source()
    if source is not None:
        _prepare(source)


def _choose_source() -> None:
    st.subheader("New analysis", anchor=False)
    st.file_uploader(
        "Preference pairs", key="_upload", on_change=_uploaded,
        help="JSON lines, JSON, CSV, TSV, Parquet or Arrow, also packed as .gz or .zst",
    )  # fmt: skip
    problem = st.session_state.pop("_upload_problem", None)
    if problem is not None:
        components.failure(problem)
    if st.button("Use the demo data", icon=":material/science:"):
        state.forget(*NAMED)
        st.query_params["source"] = intake.DEMO
    st.text_input(
        "Or a path on this machine, or a data set of the hub", key="_at", on_change=_pointed_at,
        placeholder="/data/pairs.jsonl, a folder, a glob, or hf:owner/name:split",
    )  # fmt: skip


def _uploaded() -> None:
    file = st.session_state.get("_upload")
    state.forget(*NAMED)
    if file is None:
        return
    try:
        state.put("source", intake.save_upload(state.runs_folder(), file.name, file.getbuffer()))
    except WimhfError as error:
        st.session_state["_upload_problem"] = error


def _pointed_at() -> None:
    state.forget(*NAMED)
    state.put("at", " ".join(str(st.session_state["_at"] or "").split()))


@dataclass(frozen=True)
class _Source:
    """What is to be analyzed: where it is, what its widgets are known by, what is set."""

    path: Path
    token: str
    settings: Tables


def _source() -> _Source | None:
    """Return the source that the URL names: an upload, a path, or that of a run, to do it again."""
    runs, asked = state.runs_folder(), st.query_params
    if token := asked.get("source"):
        return _Source(intake.source_path(runs, token), token, {})
    if at := asked.get("at"):
        path = Path(at) if at.startswith("hf:") else Path(at).expanduser()
        return _Source(path, hashlib.sha256(at.encode()).hexdigest()[:16], {})
    if again := asked.get("again"):
        config = open_run(state.run_path(again)).config
        return _Source(Path(config.read.source), f"again_{again}", config.to_dict())
    return None


def _prepare(source: _Source) -> None:
    """Show what a source is, and offer to analyze it."""
    path, token = source.path, source.token
    st.header(plain(path.name), anchor=False)
    if source.settings:
        st.caption(f"As {plain(st.query_params['again'])} was analyzed; change what you like.")
    base = settings_form.joined(source.settings, settings_form.settings_file(token))
    read = Config.from_dict(base).read
    chosen = source_reading.reading(path, token, read)
    known = {"limit": read.limit, **chosen}
    try:
        with st.spinner("Reading the first rows"):
            look = _look(str(path), _changed(path), **known)
    except WimhfError as error:
        source_reading.not_read(error, token)
        return
    sure = token == intake.DEMO or bool(source.settings)
    agreed = source_shown.show(look, sure=sure, token=token)
    _begin(source, look, settings_form.joined(base, {"read": chosen}), agreed=agreed)


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


@st.cache_resource(max_entries=16, show_spinner=False)
def _look(path: str, changed: int, **settings: Any) -> Look:
    return look_at(Path(path), settings)


def _begin(source: _Source, look: Look, base: Tables, *, agreed: bool) -> None:
    """Ask for the settings and start."""
    name, settings = _settings(source, base)
    config = _config(settings)
    size = look.size(config.read.limit)
    expected, more = expected_stages(size, config, _pace()), unreckoned(config)
    sent = sent_away(size, config)
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button(
            "Start", type="primary", icon=":material/play_arrow:", disabled=not agreed,
            help=None if agreed else "First agree to how the labels are meant",
        )  # fmt: skip
        st.caption(
            f"Takes about {duration(sum(expected.values()))} and "
            f"{expected_memory(size, config):.1f} GB of memory on this machine"
            f"{plain(f', {more}') if more else ''}{plain(f'; {sent}') if sent else ''}; "
            "the page can be closed meanwhile."
        )
    if not wanted:
        return
    try:
        run = intake.check_name(state.runs_folder(), name.strip())
        preset_choice.check_chosen(source.token, settings)
        start_job(source.path, run, settings, expected)
    except WimhfError as error:
        components.failure(error)
        return
    state.forget(*NAMED, "encoder")
    st.rerun()


def _settings(source: _Source, base: Tables) -> tuple[str, Tables]:
    """Ask for the run's name and every setting."""
    token = source.token
    left, right = st.columns(2)
    free = intake.free_name(state.runs_folder(), source.path)
    name = left.text_input("Name of the run", free, key=f"name_{token}")
    with left:
        preset_choice.preset_field(token)
    base = preset_choice.preset_tables(token, base)
    own = preset_choice.form_token(token)
    encoder = right.selectbox(
        "Encoder", _encoders(base), format_func=lambda name: ENCODERS.get(name, name),
        accept_new_options=True, key=f"encoder_{own}",
        help="Turns texts into vectors. A sentence-transformers id or folder may be typed in.",
    )  # fmt: skip
    given = settings_form.form(own, base)
    return name, settings_form.joined(base, {"embed": {"encoder": encoder}}, given)


def _encoders(base: Tables) -> list[str]:
    """Return the encoders on offer, the one to begin with first."""
    first = st.query_params.get("encoder") or Config.from_dict(base).embed.encoder
    return list(dict.fromkeys([first, *ENCODERS]))


@st.cache_data(ttl=60, show_spinner=False)
def _pace() -> float:
    return pace()


def _config(settings: Tables) -> Config:
    """Return the settings; those that contradict each other are refused later."""
    try:
        return Config.from_dict(settings)
    except WimhfError:
        return Config()


page()
