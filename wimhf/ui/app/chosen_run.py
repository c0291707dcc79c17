"""The view lives in the URL: which run, which feature, and what each page adds.

``?run=NAME`` names a folder inside the runs folder, never a path. Pages read it with
``opened()``; widgets that belong to the view are bound to the URL by Streamlit itself
(``bind="query-params"``, whose parameter is the widget's key). Nothing lives in module globals:
what several sessions share is cached by the run folder and when it was last changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import streamlit as st

from wimhf.errors import RunError, WimhfError
from wimhf.run import Files, Run, open_run
from wimhf.ui.words.features import ShownFeature, ordered
from wimhf.ui.words.views import Summary, summary_of

RUNS_VARIABLE, RUN_VARIABLE = "WIMHF_RUNS", "WIMHF_RUN"
"""Environment: the runs folder, and the run that is shown where the URL names none."""
MANIFEST, EDITS = "manifest.json", "edits.jsonl"
Stamp = tuple[int, int]
"""When a run's manifest and its edits last changed."""


@dataclass(frozen=True)
class Entry:
    """A run of the runs folder, as lists show it.

    Attributes
    ----------
    finished
        Whether it can be looked at.
    changed
        Seconds since 1970.
    unread
        Why it cannot be opened; empty where it can.
    """

    name: str
    source: str
    n_pairs: int | None
    n_features: int | None
    encoder: str
    finished: bool
    changed: float
    unread: str = ""


@dataclass(frozen=True)
class Opened:
    """A finished run and what every page needs of it; shared by all sessions, never changed.

    Attributes
    ----------
    stamp
        When its manifest and its edits last changed: the key of everything cached about it.
    features
        Its features, strongest findings first.
    summary
        What was measured beside them.
    """

    name: str
    run: Run
    stamp: Stamp
    features: tuple[ShownFeature, ...]
    summary: Summary

    @property
    def key(self) -> tuple[str, Stamp]:
        """What to cache things about this run by."""
        return str(self.run.path), self.stamp

    @property
    def heard(self) -> list[ShownFeature]:
        """The features that nobody muted."""
        return [feature for feature in self.features if not feature.muted]

    def feature(self, number: int) -> ShownFeature | None:
        """Return a feature; None where there is no such one."""
        return next((feature for feature in self.features if feature.feature == number), None)


def runs_folder() -> Path:
    """Return the folder whose runs the app shows."""
    return Path(os.environ.get(RUNS_VARIABLE, "runs")).expanduser().absolute()


def save_folder() -> Path:
    """Return the folder below which pages may save exports, chosen when the app was started."""
    chosen = os.environ.get("WIMHF_SAVE_IN")
    return Path(chosen).expanduser().absolute() if chosen else runs_folder() / "exports"


def run_path(name: str) -> Path:
    """Return the folder of a run by its name.

    Raises
    ------
    RunError
        If no folder of that name lies in the runs folder itself.
    """
    runs = runs_folder()
    for path in _folders(runs):
        if path.name == name and path.resolve().parent == runs.resolve():
            return path
    raise RunError(f"there is no run {name[:80]!r} in {runs}; choose one of those that are there")


def entries() -> list[Entry]:
    """Return the runs of the runs folder, the last changed first."""
    known = [_entry(str(path), stamp_of(path)) for path in _folders(runs_folder())]
    return sorted(known, key=lambda entry: -entry.changed)


def chosen_name() -> str | None:
    """Return the run that the URL names, else the session's last, else the one asked for at start.

    The URL is completed, so that it always reproduces the view.
    """
    name = (
        st.query_params.get("run") or st.session_state.get("_run") or os.environ.get(RUN_VARIABLE)
    )
    if not name:
        return None
    st.session_state["_run"] = name
    if st.query_params.get("run") != name:
        st.query_params["run"] = name
    return str(name)


def choose(name: str | None) -> None:
    """Show another run, or none."""
    st.session_state["_run"] = name
    put("run", name)


def opened() -> Opened | None:
    """Return the chosen run; None where none is chosen.

    Raises
    ------
    RunError
        If it is not there, is not finished or cannot be read.
    """
    name = chosen_name()
    if name is None:
        return None
    path = run_path(name)
    return _opened(str(path), stamp_of(path))


def read_ahead() -> None:
    """Begin to read the chosen run's pairs, which most pages need, while a page is laid out."""
    name = chosen_name()
    with suppress(WimhfError):  # whoever needs them is told
        if name is not None:
            path = run_path(name)
            _begun(str(path), _changed(path / MANIFEST))


@st.cache_resource(max_entries=8, show_spinner=False)
def _begun(path: str, stamp: int) -> None:
    run = shared_run(path)

    def read() -> None:
        with suppress(WimhfError):
            _ = run.pair_table

    Thread(target=read, daemon=True).start()


def feature_number(opened: Opened) -> int:
    """Return the number of the feature in the URL, by its number or id; -1 where there is none."""
    named = st.query_params.get("feature", "")
    known = (one.feature for one in opened.features if named and named == one.id)
    return next(known, number("feature", -1, least=-1))


def number(name: str, default: int, least: int = 0, most: int = 10**9) -> int:
    """Return a whole number from the URL, ``default`` where it is none, kept within its bounds."""
    try:
        value = int(st.query_params.get(name, ""))
    except ValueError:
        return default
    return min(max(value, least), most)


def put(name: str, value: object, default: object = None) -> None:
    """Write a value into the URL, or take it out where it is what is meant anyway."""
    if value in (None, "", default):
        forget(name)
    else:
        st.query_params[name] = str(value)


def forget(*names: str) -> None:
    """Take parameters out of the URL."""
    for name in names:
        st.query_params.pop(name, None)


def announce(page: str) -> None:
    """Write the address of what is shown into the browser where it may say something else.

    A link to the page that is shown already changes what the server shows, and not the address; the
    next click would then act on what the address still names.

    Parameters
    ----------
    page
        What names the page that is shown.
    """
    shown = page, st.query_params.to_dict()
    before: tuple[str, dict[str, str]] = st.session_state.get("_address") or ("", {})
    st.session_state["_address"] = shown
    if before[0] == page and before != shown and "run" in st.query_params:
        st.query_params["run"] = st.query_params["run"]  # whichever is set, the whole is sent


def view(**params: object) -> dict[str, str]:
    """Return the query parameters of a page of the chosen run, for links."""
    chosen = {"run": chosen_name(), **params}
    return {key: str(value) for key, value in chosen.items() if value is not None}


def _folders(runs: Path) -> Iterable[Path]:
    try:
        paths = sorted(runs.iterdir())
    except OSError:
        return []
    return [p for p in paths if not p.name.startswith(".") and (p / MANIFEST).is_file()]


def stamp_of(path: Path) -> Stamp:
    """Return what everything cached about a run is known by."""
    return _changed(path / MANIFEST), _changed(path / EDITS)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@st.cache_resource(max_entries=300, show_spinner=False)
def _entry(path: str, stamp: Stamp) -> Entry:
    try:
        run = open_run(path)
    except WimhfError as error:
        changed = max(stamp) / 1e9
        return Entry(Path(path).name, "", None, None, "", False, changed, unread=str(error))
    done = run.manifest.stages.get("preference", {}).get("status") == "done"
    shape = run.facts("dictionary").get("shape", (None, None))
    return Entry(
        name=run.path.name,
        source=Path(run.config.read.source).name,
        n_pairs=run.facts("read").get("n_pairs"),
        n_features=shape[1],
        encoder=run.facts("embed").get("encoder", ""),
        finished=done,
        changed=max(stamp) / 1e9,
    )


def shared_run(path: str) -> Run:
    """Open a run; what is read of its files is read once, whatever is edited."""
    run = open_run(path)
    run.share(_files(path, _changed(Path(path) / MANIFEST)))
    return run


@st.cache_resource(max_entries=8, show_spinner=False)
def _files(path: str, stamp: int) -> Files:
    return {}


@st.cache_resource(max_entries=8, show_spinner="Opening the run")
def _opened(path: str, stamp: Stamp) -> Opened:
    run = shared_run(path)
    features = tuple(ordered(run.feature_rows))
    return Opened(run.path.name, run, stamp, features, summary_of(run))
