"""Export: the curated pairs as a file for trainers, its change card, and the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import polars as pl
import streamlit as st

from wimhf.base import Event, Progress
from wimhf.curate import Curation
from wimhf.data import MARGINS, TARGETS, WAYS, Exported, Target, target_named
from wimhf.errors import WimhfError
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing, safe_html
from wimhf.ui.app import export_rows as exports
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.export_rows import Foreseen, Made, Options
from wimhf.ui.report import render_report
from wimhf.ui.words.figures import counted, plain

T = TypeVar("T")
Key = tuple[object, ...]
"""What an export that was made is known by: the state of the run and what was asked for."""
LEFT_OUT = {"tie": "ties", "weight 0": "of weight 0"}
"""Reasons for which pairs are left out, in the plural."""
MIME = {".md": "text/markdown", ".json": "application/json"}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    editing.head("Export", opened)
    with editing.curation(opened.run) as c:
        pairs = c.pairs
    target, container = _target(pairs)
    options = _options(target, container)
    st.header("What will be written", anchor=False)
    try:
        foreseen = components.cached(
            opened, "foreseen", lambda: _foreseen(opened, target, options),
            json.dumps([target.name, options], sort_keys=True),
        )  # fmt: skip
    except WimhfError as error:
        components.failure(error)
    else:
        _show(foreseen)
        _take(opened, target, container, options)
    _report(opened)


def _target(pairs: pl.DataFrame) -> tuple[Target, str]:
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    names = {target.name: f"{target.name} · {target.about}" for target in TARGETS}
    wanted = st.query_params.get("target")
    st.session_state["_target"] = wanted if wanted in names else exports.usual_target(pairs)
    name = left.selectbox(
        "For", list(names), key="_target", format_func=names.__getitem__,
        on_change=lambda: state.put("target", st.session_state["_target"]),
    )  # fmt: skip
    target = target_named(name)
    container = right.selectbox(
        "As", list(target.containers), key="container", bind="query-params",
        help="; ".join(exports.CONTAINERS[one] for one in target.containers),
    )  # fmt: skip
    can, cannot = exports.holds(target)
    words = f"Holds: {', '.join(can) or 'pairs with a winner only'}."
    st.caption(plain(words + (f" Cannot hold: {', '.join(cannot)}." if cannot else "")))
    st.caption(exports.read_by(target))
    lost = exports.flattened(target, pairs)
    if lost:
        st.warning(plain(lost), icon=":material/forum:")
    return target, container or target.containers[0]


def _options(target: Target, container: str) -> Options:
    options: Options = {"ties": "leave out", "drop_weights": False}
    with st.container(horizontal=True, gap="medium"):
        if not target.ties and st.toggle(
            "Refuse ties instead of leaving them out", key="refuse", bind="query-params"
        ):
            options["ties"] = "refuse"
        if not target.weights and st.toggle(
            "Drop weights that differ", key="unweighted", bind="query-params"
        ):
            options["drop_weights"] = True
        if not target.zero_weights:
            options["weights"] = _weights()
        if target.margins:
            options["margin"] = _margin()
        if container == "csv" and st.toggle(
            "Keep formulas", key="formulas", bind="query-params",
            help="Without this, cells that a spreadsheet would run get a ' before them",
        ):  # fmt: skip
            options["escape_formulas"] = False
        if st.toggle(
            "Also where the source changed", key="anyway", bind="query-params",
            help="The source's bytes are compared with those that were analyzed",
        ):  # fmt: skip
            options["anyway"] = True
    return options


def _weights() -> str:
    """Ask how weights act."""
    ways = {way.partition(":")[0]: words for way, words in WAYS.items()}
    way = st.selectbox(
        "Weights", list(ways), key="weights", bind="query-params",
        help="; ".join(f"{name}: {words}" for name, words in ways.items()),
    )  # fmt: skip
    if way != "drop-below":
        return way or "column"
    least = st.number_input(
        "Least weight", min_value=0.01, value=0.5, key="least", bind="query-params"
    )
    return f"{way}:{least:g}"


def _margin() -> str:
    """Ask what the margin is."""
    way = st.selectbox(
        "Margin", list(MARGINS), key="margin", bind="query-params",
        help="; ".join(f"{name}: {words}" for name, words in MARGINS.items()),
    )  # fmt: skip
    if way != "shaped":
        return way or "source"
    scale = st.number_input("Times", min_value=0.01, value=1.0, key="scale", bind="query-params")
    return f"{way}:{scale:g}"


def _foreseen(opened: Opened, target: Target, options: Options) -> Foreseen:
    with editing.curation(opened.run) as c:
        return exports.foreseen(
            c,
            target.name,
            ties=options["ties"],
            drop_weights=options["drop_weights"],
            weights=options.get("weights", "column"),
            margin=options.get("margin", "source"),
        )


def _show(foreseen: Foreseen) -> None:
    out = sum(foreseen.left_out.values())
    why = ", ".join(f"{n:,} {LEFT_OUT.get(why, why)}" for why, n in foreseen.left_out.items())
    components.tiles([
        ("Written", f"{foreseen.pairs:,}", "pairs"),
        ("Left out", f"{out:,}", why or "every pair is written"),
        ("Rounded", f"{foreseen.rounded:,}", "graded labels that become their likelier winner"),
    ])  # fmt: skip
    for warning in foreseen.warnings:
        st.caption(f":material/info: {plain(warning)}")
    st.caption("The first rows, cells shortened:")
    first = exports.first_table(foreseen.first).to_pandas()
    st.dataframe(first, hide_index=True, row_height=66)


def _take(opened: Opened, target: Target, container: str, options: Options) -> None:
    st.header("Take it", anchor=False)
    name = exports.file_name(opened.name, target.name, container)
    key = (*opened.key, target.name, name, json.dumps(options, sort_keys=True))
    left, right = st.columns(2, gap="large")
    with left, st.container(border=True):
        st.markdown("**Download**")
        made = _made(key)
        if made is None:
            _make(opened, target, name, options, key)
        else:
            _download(made, name)
    with right, st.container(border=True):
        _save(opened, target, container, name, options)
    if made is not None:
        with st.expander("Change card", icon=":material/description:", expanded=True):
            with st.container(height=420, border=False):
                st.html(safe_html.document_html(made.card))


def _made(key: Key) -> Made | None:
    """Return what this session made last, if it is what is asked for now."""
    known, made = st.session_state.get("_made") or (None, None)
    return made if known == key else None


def _make(opened: Opened, target: Target, name: str, options: Options, key: Key) -> None:
    st.caption("Writes the file, reads it back, and says in a card what was changed.")
    if st.button("Make the file", icon=":material/build:", type="primary", key="_make"):
        with editing.attempt():
            made = _run(
                lambda c, progress: exports.make(c, target.name, name, progress, **options), opened
            )
            st.session_state["_made"] = (key, made)
            st.rerun()


def _download(made: Made, name: str) -> None:
    st.caption(f"{counted(made.export.pairs, 'pair')}, {len(made.data):,} bytes")
    with st.container(horizontal=True):
        st.download_button(
            plain(made.name), made.data, made.name, icon=":material/download:", type="primary",
            key="_data", on_click="ignore",
        )  # fmt: skip
        cards: dict[str, str | bytes] = {".md": made.card, ".json": made.card_json}
        for ending, card in cards.items():
            st.download_button(
                f"Card {ending}", card, f"{name}.card{ending}", MIME[ending],
                key=f"_card{ending}", on_click="ignore",
            )  # fmt: skip


def _save(opened: Opened, target: Target, container: str, name: str, options: Options) -> None:
    st.markdown("**Save on this machine**")
    folder = state.save_folder()
    typed = st.text_input(
        "Path", name, key=f"_path_{name}", label_visibility="collapsed",
        help=f"A name, or a whole path, in {plain(str(folder))}",
    )  # fmt: skip
    with editing.attempt():
        place, there = exports.place_of(typed, folder)
        st.caption(plain(str(place)))
        sure = st.checkbox("Replace what is there", key="_replace") if there else True
        if st.button("Save", icon=":material/save:", key="_save", disabled=not sure):
            export = _saved(opened, target, container, place, options, replace=there)
            where = plain(str(export.path))
            st.success(
                f"{counted(export.pairs, 'pair is', 'pairs are')} in {where}, with the card "
                "beside it.",
                icon=":material/check_circle:",
            )


def _saved(
    opened: Opened, target: Target, container: str, place: Path, options: Options, *, replace: bool
) -> Exported:
    folder = state.save_folder()
    if place.parent == folder:
        exports.made_folder(folder)
    if not place.suffix:
        options = {**options, "container": container}
    return _run(
        lambda c, progress: c.export(
            target.name, place, overwrite=replace, progress=progress, **options
        ),
        opened,
    )


def _run(work: Callable[[Curation, Progress], T], opened: Opened) -> T:
    """Do long work under a bar that shows how far it is."""
    bar = st.progress(0.0, text="Measuring what the edits change")

    def advance(event: Event) -> None:
        share = event.done / event.total if event.total else 0.0
        count = f": {event.done:,} of {event.total:,} {event.unit}" if event.total else ""
        bar.progress(min(share, 1.0), text=plain((event.message or event.stage) + count))

    try:
        with editing.curation(opened.run) as c:
            return work(c, advance)
    finally:
        bar.empty()


def _rendered(opened: Opened) -> str:
    with editing.alone(opened.run) as shared:
        return render_report(shared.run)


def _report(opened: Opened) -> None:
    st.header("Report", anchor=False)
    st.caption("The whole analysis as one HTML file that needs nothing else.")
    st.download_button(
        "Download the report", lambda: _rendered(opened), f"{opened.name}-report.html",
        "text/html", icon=":material/article:", key="_report", on_click="ignore",
    )  # fmt: skip


page()
