"""Start: take a source in, see what it is, analyze it; or open a run."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import streamlit as st

from wimhf.base import Config, nested_settings, setting
from wimhf.errors import WimhfError
from wimhf.pipeline import Look, Size, expected_stages, look_at, pace, start_job
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, intake, source_reading
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.jobs_panel import jobs_panel
from wimhf.ui.words.figures import duration, plain, sentence, shortened
from wimhf.ui.words.severity import COLOURED, counts_in_words

RECENT = 8
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
        _recent()
    token = st.query_params.get("source")
    if token:
        _prepare(token)


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
        st.query_params["source"] = intake.DEMO


def _uploaded() -> None:
    file = st.session_state.get("_upload")
    state.forget("source")
    if file is None:
        return
    try:
        state.put("source", intake.save_upload(state.runs_folder(), file.name, file.getbuffer()))
    except WimhfError as error:
        st.session_state["_upload_problem"] = error


def _recent() -> None:
    st.subheader("Recent runs", anchor=False)
    entries = state.entries()
    if not entries:
        st.caption(f"None yet in {plain(str(state.runs_folder()))}.")
    for entry in entries[:RECENT]:
        _entry(entry)
    if len(entries) > RECENT:
        st.caption(f"{len(entries) - RECENT} more are in the list above.")


def _entry(entry: state.Entry) -> None:
    with st.container(gap="xxsmall"):
        facts = [f"{entry.n_pairs:,} pairs"] if entry.n_pairs else []
        facts += [f"{entry.n_features} features"] if entry.n_features else []
        facts.append(f"{duration(max(time.time() - entry.changed, 1))} ago")
        if entry.finished:
            pages.link("overview", f"**{plain(entry.name)}**", icon=":material/folder_open:",
                       run=entry.name)  # fmt: skip
        else:
            st.markdown(f"**{plain(entry.name)}** (not finished)")
        st.caption(f"{plain(shortened(entry.source, 60))} · {' · '.join(facts)}")


def _prepare(token: str) -> None:
    """Show what a source is, and offer to analyze it."""
    runs = state.runs_folder()
    path = intake.source_path(runs, token)
    st.header(plain(path.name), anchor=False)
    chosen = source_reading.reading(path, token)
    try:
        with st.spinner("Reading the first rows"):
            look = _look(str(path), path.stat().st_mtime_ns, **chosen)
    except WimhfError as error:
        source_reading.not_read(error, token)
        return
    agreed = _show(look, sure=token == intake.DEMO, token=token)
    _begin(path, look, chosen, agreed, token)


@st.cache_resource(max_entries=16, show_spinner=False)
def _look(path: str, changed: int, **settings: Any) -> Look:
    return look_at(Path(path), settings)


def _show(look: Look, *, sure: bool, token: str) -> bool:
    """Show what a source is; return whether the direction of its labels is agreed to."""
    source = look.inspection.source
    sure_of = look.whole or (look.exact and not len(source.rejects))
    many = f"{look.n_pairs:,}" if sure_of else f"about {look.n_pairs:,}"
    st.markdown(
        f"Read as **{plain(source.format)}** ({plain(source.container)}): **{many} pairs**"
        + ("." if look.whole else f"; this page looks at the first {source.n_read:,} rows.")
    )
    preview = look.inspection.pairs.head(5).select("prompt", "response_a", "response_b", "label")
    cells = [
        {n: shortened(v, 240) if isinstance(v, str) else v for n, v in row.items()}
        for row in preview.iter_rows(named=True)
    ]
    widths = {"prompt": 260, "response_a": 400, "response_b": 400, "label": 60}
    st.dataframe(
        cells, hide_index=True, height="content",
        column_config={n: st.column_config.Column(width=w) for n, w in widths.items()},
    )  # fmt: skip
    if len(source.rejects):
        reasons = ", ".join(
            f"{plain(why)} ({n:,})" for why, n in list(source.reject_counts.items())[:5]
        )
        rows = f"{len(source.rejects):,} rows are" if len(source.rejects) > 1 else "1 row is"
        st.warning(f"{rows} left out: {reasons}", icon=":material/rule:")
    source_reading.noted(look, token)
    st.markdown(f"**Which side does the label favour?** {plain(sentence(source.polarity))}")
    agreed = st.checkbox(
        "Yes, that is how the labels are meant", value=sure, key=f"agreed_{token}",
        help="If it is the wrong way round, exchange the two responses under Columns and format.",
    )  # fmt: skip
    _health(look)
    return agreed


def _health(look: Look) -> None:
    health = look.inspection.health
    counts = Counter[str](item.severity for item in health.items)
    with st.expander(
        f"Health: {counts_in_words(counts)}", icon=":material/health_and_safety:",
        expanded=counts["serious"] > 0,
    ):  # fmt: skip
        for items in health.groups.values():
            for item in items:
                if item.severity != "ok":
                    advice = f" :gray[{plain(sentence(item.advice))}]" if item.advice else ""
                    st.markdown(
                        f"{COLOURED[item.severity]} **{plain(item.title)}.** "
                        f"{plain(sentence(item.said))}{advice}"
                    )


def _begin(path: Path, look: Look, reading: dict[str, Any], agreed: bool, token: str) -> None:
    """Ask for the settings and start."""
    runs = state.runs_folder()
    left, right = st.columns(2)
    name = left.text_input("Name of the run", intake.free_name(runs, path), key=f"name_{token}")
    encoder = right.selectbox(
        "Encoder", list(ENCODERS), format_func=ENCODERS.__getitem__, accept_new_options=True,
        key=f"encoder_{token}",
        help="Turns texts into vectors. A sentence-transformers id or folder may be typed in.",
    )  # fmt: skip
    chosen = {**reading, "encoder": encoder, **_advanced(token)}
    size = look.size(chosen["limit"])
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button(
            "Start", type="primary", icon=":material/play_arrow:", disabled=not agreed,
            help=None if agreed else "First agree to how the labels are meant",
        )  # fmt: skip
        st.caption(
            f"Takes about {_takes(size, chosen)} on this machine; the page can be closed meanwhile."
        )
    if not wanted:
        return
    try:
        settings = nested_settings(chosen)
        expected = expected_stages(size, Config.from_dict(settings), _pace())
        start_job(path, intake.check_name(runs, name.strip()), settings, expected)
    except WimhfError as error:
        components.failure(error)
        return
    st.query_params.pop("source", None)
    st.rerun()


@st.cache_data(ttl=60, show_spinner=False)
def _pace() -> float:
    return pace()


def _takes(size: Size, chosen: dict[str, Any]) -> str:
    """Say how long it takes; settings that contradict each other are refused at the start."""
    try:
        config = Config.from_dict(nested_settings(chosen))
    except WimhfError:
        config = Config()
    return duration(sum(expected_stages(size, config, _pace()).values()))


def _advanced(token: str) -> dict[str, Any]:
    """Ask for what has a sensible default."""
    chosen: dict[str, Any] = {}
    with st.expander("Advanced settings", icon=":material/tune:"):
        grid = st.columns(3)
        for place, name in enumerate(("limit", "features", "k", "seed")):
            asked = setting(name)
            chosen[name] = grid[place % 3].number_input(
                asked.label, min_value=asked.least, value=None, step=1,
                placeholder=asked.default, key=f"{name}_{token}",
            )  # fmt: skip
        subsets, controls = setting("by"), setting("controls")
        by = grid[1].text_input(
            subsets.label, placeholder="automatic", help=subsets.help, key=f"by_{token}"
        )
        chosen["controls"] = grid[2].multiselect(
            controls.label,
            controls.choices,
            Config().preference.controls,
            key=f"controls_{token}",
        )
    return chosen | {"by": by.strip() or None}


page()
