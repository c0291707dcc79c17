"""Which encoder a run was made with, and the offer to look with the other.

An encoder is not tried on a sample beforehand: a few hundred pairs are too few to tell two
apart, and embedding them well costs more than the rest of an analysis. A run in which nothing was
discovered says by itself that its encoder saw too little.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from wimhf.base import Config
from wimhf.pipeline import expected_stages, pace, size_of, start_job
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing, intake
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import duration, plain

OTHER = {"fast": "minilm", "minilm": "fast"}
WHY = {
    "fast": "minilm reads whole sentences: slower, and it may discover what word vectors miss",
    "minilm": "fast reads words only: quicker",
}


def line(opened: Opened) -> None:
    """Name the encoder; offer the other one, in one click where this one discovered nothing."""
    made = opened.run.facts("embed").get("encoder", "")
    why = opened.run.facts("embed").get("chosen", "")
    st.markdown(f"Encoder: **{plain(made)}**" + (f", {plain(why)}" if why else ""))
    other = OTHER.get(made)
    if other is None:
        return
    if discovered_nothing(opened):
        _again(opened, made, other)
    else:
        pages.link(
            "start", f"Analyze the same source with {other}", icon=":material/replay:",
            help=WHY[made], again=opened.name, encoder=other,
        )  # fmt: skip


def discovered_nothing(opened: Opened) -> bool:
    """Say whether no discovered feature has a name that holds and an effect beyond chance."""
    found = [feature for feature in opened.features if not feature.is_concept]
    estimable = opened.summary["reason"] is None
    return bool(found) and estimable and not any(f.understood and f.expressed for f in found)


def _again(opened: Opened, made: str, other: str) -> None:
    """Offer to analyze the same source with the other encoder, and say how long it takes."""
    config = Config.from_dict(_settings(opened, other))
    expected = components.cached(
        opened, "expected", lambda: expected_stages(size_of(opened.run.pair_table), config, pace()),
        other,
    )  # fmt: skip
    with components.line(border=True):
        st.markdown(
            f"Nothing that {plain(made)} discovered has a name that holds and is rewarded or "
            f"penalised. {WHY[made][0].upper()}{WHY[made][1:]}.",
            width="stretch",
        )
        wanted = st.button(
            f"Analyze again with {other}, about {duration(sum(expected.values()))}",
            icon=":material/replay:", key="_other_encoder",
        )  # fmt: skip
    if wanted:
        source = Path(opened.run.config.read.source)
        with editing.attempt():
            runs = state.runs_folder()
            run = intake.check_name(runs, intake.free_name(runs, source))
            start_job(source, run, _settings(opened, other), expected)
            pages.go("start")


def _settings(opened: Opened, encoder: str) -> dict[str, object]:
    """Return the settings of a run with another encoder; an encoder's own go with it."""
    config = opened.run.config.to_dict()
    return config | {"embed": {"encoder": encoder, "device": opened.run.config.embed.device}}
