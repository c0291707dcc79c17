"""What Overview says of the data: what they are, what is wrong with them, how far to trust it."""

from __future__ import annotations

import json

import streamlit as st

from wimhf.curate import Standing, flagged_pairs
from wimhf.run import Rules, label_counts, length_counts, rules_of
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing, encoder_offer, run_charts, safe_html
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.standing_switch import badge
from wimhf.ui.words import severity, themes, views
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import between, plain, sentence, share, thousandths
from wimhf.ui.words.flaws import Flaw, flaws
from wimhf.ui.words.label_models import label_models, recovered_words
from wimhf.ui.words.mends import app_mend
from wimhf.ui.words.sample import sample_words
from wimhf.ui.words.severity import CheckRow

FIRST = 5
"""Pairs of a check that are shown."""


def what_they_are(opened: Opened, standing: Standing) -> None:
    """Say what was read, what was left out, how many repeats and ties there are."""
    read = opened.run.facts("read")
    repeats, left = standing.flagged.get("duplicates", (0, 0))
    components.tiles([
        ("Pairs", f"{standing.pairs:,}", _pairs(standing, read["n_pairs"])),
        ("Left out", f"{read['n_rejects']:,}", _rejects(read["n_rejects"], read.get("rejects"))),
        ("Repeats", f"{left if standing.curated else repeats:,}",
         f"of {repeats:,} in the source" if standing.curated else "same prompt and responses"),
        ("Ties", f"{standing.ties:,}", f"of {standing.labelled:,} pairs with a label"),
    ])  # fmt: skip
    encoder_offer.line(opened)


def _pairs(standing: Standing, whole: int) -> str:
    if not standing.curated:
        return "read from the source"
    return f"of {whole:,}: {standing.dropped:,} dropped, {standing.changed:,} changed in all"


def _rejects(count: int, reasons: dict[str, int] | None) -> str:
    if not count:
        return "every row of the source was read"
    return "; ".join(f"{why} ({n:,})" for why, n in list((reasons or {}).items())[:2])


def what_is_wrong(opened: Opened, standing: Standing) -> None:
    """Show every flaw with its mend; its pairs open below it."""
    st.header("What is wrong with the data", anchor=False)
    health: severity.Health = opened.run.folder.read_json("health.json")
    found = flaws(health, standing.flagged)
    if not found:
        st.markdown(":green[✓] Nothing that needs mending was found.")
    for flaw in found:
        _flaw(opened, flaw, curated=standing.curated)
    _, others = severity.parted_checks(health)
    components.folded(
        "checks", f"{len(others)} more checks of the source", ":material/checklist:",
        lambda: st.markdown("\n\n".join(map(_check, others))),
    )  # fmt: skip


def _check(check: CheckRow) -> str:
    mark = ":green[✓]" if check["severity"] == "ok" else ":blue[·]"
    return f"{mark} {_words(check)}"


def _words(check: CheckRow) -> str:
    said = f"**{plain(check['title'])}.** {plain(sentence(check['said']))}"
    if not check["advice"]:
        return said
    return f"{said} :gray[{plain(sentence(app_mend(check['advice'], check.get('setting'))))}]"


def _flaw(opened: Opened, flaw: Flaw, *, curated: bool) -> None:
    check = flaw.check
    with st.container(border=True, gap="xsmall"):
        icon = severity.ICONS[check["severity"]]
        st.markdown(f"{icon} {_words(check)}")
        if curated and flaw.found:
            st.markdown(
                f"Of the {flaw.found:,} pairs of the source, **{flaw.left:,}** are still in as "
                "they were."
            )
        if not flaw.found:
            return
        shown = st.query_params.get("flaw") == check["id"]
        with components.line():
            if st.button(
                "Hide its pairs" if shown else "Its pairs", key=f"_flaw_{check['id']}",
                icon=":material/visibility:", type="tertiary",
            ):  # fmt: skip
                state.put("flaw", None if shown else check["id"])
                st.rerun()
            if flaw.rule is not None:
                rule = json.dumps(flaw.rule, separators=(",", ":"))
                pages.link("curate", f"{flaw.mend} …", icon=":material/healing:", rule=rule)
        if shown:
            _its_pairs(opened, check["id"], flaw.found)


def _its_pairs(opened: Opened, check: str, found: int) -> None:
    pairs = flagged_pairs(opened.run, check, FIRST)
    st.caption(f"The first {pairs.height} of {found:,}.")
    for pair in pairs.iter_rows(named=True):
        label = pair["label"]
        asked = safe_html.prompt(pair["prompt"], pair.get("turns"))
        texts = (pair["response_a"], pair["response_b"])
        st.caption(f"pair `{pair['pair_id']}` · row {pair['source_row'] + 1:,} of the source")
        st.html(safe_html.sides_html(asked, ("Response A", "Response B"), texts, label, True))


def how_far(opened: Opened, standing: Standing, features: list[ShownFeature]) -> None:
    """Say how much of the labels is explained, and how much is not known."""
    summary = opened.summary
    st.header("How far to trust this", anchor=False)
    note = " :gray-badge[source]" if standing.curated else ""
    _explained(summary, note)
    sample = sample_words(summary)
    if sample:
        st.markdown(f"{sample}{note}")
    known = themes.decided(features)
    st.markdown(
        f"Of {len(features):,} features **{known.expressed:,}** are beyond chance, "
        f"**{known.neutral:,}** surely neutral and **{known.undecided:,}** undecided: they may "
        f"matter, and these pairs are too few to say. {badge(standing)}"
    )
    if known.unmeasured:
        st.caption(f"{known.unmeasured:,} are in too few pairs to be estimated.")
    rows = label_models(summary).rows
    if rows:
        components.folded(
            "models", "Black box, features, length: how well each predicts the labels",
            ":material/monitoring:", lambda: st.altair_chart(run_charts.models(rows)),
        )  # fmt: skip
    found = rules_of(opened.run)
    if found is not None:
        components.folded(
            "rules", "The labels as rules", ":material/rule:", lambda: _rules(found, note)
        )


def _explained(summary: views.Summary, note: str) -> None:
    """Say what features see of what a black box sees, and what length alone does."""
    recovered = recovered_words(summary)
    if recovered:
        st.markdown(f"{recovered}{note}")
    else:
        why = views.no_auc(summary) or "not measured"
        st.markdown(f"What a black box would see more: not measured. {plain(sentence(why))}{note}")
    length = views.known(summary["auc"].get("length"))
    if length:
        st.markdown(
            "Knowing only which response is longer, and by how much, gives an AUC of "
            f"**{thousandths(length.value)} ({between(length.low, length.high, thousandths)})**; "
            f".5 is a coin toss.{note}"
        )


def _rules(found: Rules, note: str) -> None:
    """Show the labels as rules."""
    st.markdown(f"{plain(found.words)}{note}")
    for rule in found.rules:
        held = f"in {rule.pairs:,} of these pairs"
        won = "" if rule.won is None else f", preferred in **{share(rule.won)}**"
        st.markdown(f"- {plain(rule.sentence)} *{held}{won}*")


def distributions(opened: Opened, standing: Standing) -> None:
    """Show how labels and lengths are distributed, once that is asked for."""
    components.folded(
        "lengths", "Labels and lengths", ":material/bar_chart:",
        lambda: _distributions(opened, standing),
    )  # fmt: skip


def _distributions(opened: Opened, standing: Standing) -> None:
    st.markdown(badge(standing))
    with editing.curation(opened.run) as c:
        pairs = c.pairs.filter("kept") if standing.curated else None
    kind = (standing.curated,)
    left, right = st.columns(2, gap="large")
    with left:
        counts = components.cached(opened, "labels", lambda: label_counts(opened.run, pairs), kind)
        st.altair_chart(run_charts.labels(counts))
    with right:
        lengths = components.cached(
            opened, "lengths", lambda: length_counts(opened.run, pairs=pairs), kind
        )
        if lengths.is_empty():
            st.caption("No pair has a label that decides between two responses.")
        else:
            st.altair_chart(run_charts.lengths(lengths))
