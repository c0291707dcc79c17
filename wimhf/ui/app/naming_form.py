"""Naming a run's features with a language model: what is asked of whom, and what it takes."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from wimhf.base import LlmConfig, server_address
from wimhf.describe import DEFAULT_CALLS
from wimhf.pipeline import forget_job, naming_demand, read_job, start_naming
from wimhf.ui.app import components, editing
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import duration, plain, sentence

KEY = "_llm_secret"
"""Where a session remembers a server's key: in memory, and nowhere else."""


def form(opened: Opened) -> None:
    """Ask for a server and a model, say what naming takes, begin; nothing where none can be named.

    While it is under way the run's pages show how far it is, and stop it.
    """
    if not opened.run.n_discovered:
        return
    _ended(opened)
    with st.expander("Name with a language model", icon=":material/smart_toy:"):
        st.caption(
            "The discovered features only; a model’s name has to beat the present one on pairs "
            "that chose neither. Texts of pairs are sent to the server you name, and only there."
        )
        with editing.attempt():
            config = _config(opened)
            if config.model:
                _start(opened, config)


def _ended(opened: Opened) -> None:
    """Say what became of the last naming, until it is closed."""
    job = read_job(opened.run.path)
    if job is None or job.under_way or (job.change or {}).get("do") != "name":
        return
    with components.line(border=True, key="named"):
        took = duration(job.updated - job.started)
        words = {
            "done": f":material/check_circle: The features were named again, in {took}; a name of "
            "the model stands where it beat the one before.",
            "cancelled": ":material/cancel: Naming was stopped; what was answered is kept and not "
            "paid again.",
        }.get(job.status, f":material/error: {plain(job.error or 'It failed.')}")
        st.markdown(words, width="stretch")
        if st.button("Close", icon=":material/close:", key="_close_named", type="tertiary"):
            forget_job(opened.run.path)
            st.rerun()


def session_key() -> str:
    """Return the server's key that this session was given; empty where it was given none."""
    return str(st.session_state.get(KEY) or "")


def _config(opened: Opened) -> LlmConfig:
    """Ask which model of which server, and for how much."""
    before = opened.run.config.llm
    left, middle, right = st.columns([2, 1.4, 1.4])
    server = left.text_input(
        "Server", before.base_url or "", key="_llm_server",
        placeholder=server_address(None).shown, help="Any that speaks OpenAI’s protocol",
    )  # fmt: skip
    model = middle.text_input("Model", before.model or "", key="_llm_model")
    key = right.text_input(
        "Key", session_key(), type="password", key="_llm_key", autocomplete="off",
        help="Kept in this session’s memory only; empty takes that of the app’s own surroundings",
    )  # fmt: skip
    st.session_state[KEY] = (key or "").strip()
    one, two, three, four = st.columns(4)
    total = opened.run.n_discovered
    features = one.number_input(
        "Features", 1, total, min(before.features or total, total), key="_llm_features",
        help="Those that the concepts know least come first",
    )  # fmt: skip
    calls = two.number_input("Calls at most", 1, None, DEFAULT_CALLS, 100, key="_llm_calls")
    read = three.number_input("Dollars per million tokens read", 0.0, None, before.price_in,
                              key="_llm_in")  # fmt: skip
    written = four.number_input("… and written", 0.0, None, before.price_out, key="_llm_out")
    most = None
    if read or written:
        most = st.number_input("Dollars at most", 0.0, None, 5.0, key="_llm_most", width=220)
    return replace(
        before, model=(model or "").strip() or None, base_url=(server or "").strip() or None,
        features=int(features), max_calls=int(calls), max_cost=most, price_in=float(read),
        price_out=float(written),
    )  # fmt: skip


def _start(opened: Opened, config: LlmConfig) -> None:
    demand = components.cached(
        opened, "naming", lambda: naming_demand(opened.run, config), repr(config)
    )
    st.markdown(plain(sentence(demand.words)))
    agreed = demand.within or st.checkbox("That is above the budget; spend it all the same",
                                          key="_llm_agreed")  # fmt: skip
    writable = editing.may_write(opened.run)
    if st.button(
        "Ask and name them", type="primary", icon=":material/smart_toy:", key="_llm_start",
        disabled=not (writable and agreed),
    ):  # fmt: skip
        start_naming(opened.run, config, agreed=agreed, key=session_key())
        st.rerun()
