"""The figures of a feature: effect alone and beside others, proof of its name, sizes."""

from __future__ import annotations

import streamlit as st

from wimhf.run import code_counts, proven_clauses
from wimhf.ui.app import components, concept_card, run_charts, run_rows
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.feature_codes import codes_of
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import (
    between,
    chance,
    counted,
    decimal,
    plain,
    points,
    sentence,
    share,
)
from wimhf.ui.words.judged import Figure, judged
from wimhf.ui.words.views import divided_by


def figures(opened: Opened, feature: ShownFeature) -> None:
    """Show what was measured of a feature."""
    active = counted(feature.n_active or 0, "labelled pair")
    components.tiles([
        ("Effect alone, points", points(feature.effect),
         between(feature.effect_low, feature.effect_high) or feature.effect_reason or ""),
        ("Beside the other findings", points(feature.joint_effect), _beside(feature)),
        ("Without controls", points(feature.raw_effect),
         "The same without control for length" if feature.equal_length else "The same here"),
        ("Prevalence", share(feature.prevalence), f"{active} in which it is active"),
        concept_card.tile(opened.run, feature) if feature.is_concept else
        ("Fidelity", decimal(feature.fidelity),
         between(feature.fidelity_low, feature.fidelity_high, decimal) or feature.why),
    ])  # fmt: skip
    left, right = st.columns([2, 3], gap="large")
    with left:
        if feature.is_concept:
            concept_card.proof(opened.run, feature)
        components.facts(_facts(opened, feature))
        for one in _judged(opened, feature):
            st.caption(f"{one.title}: {one.hint}.")
    with right:
        _charts(opened, feature)


def _beside(feature: ShownFeature) -> str:
    if feature.joint_effect is None:
        return "It is none of them"
    ends = between(feature.joint_low, feature.joint_high)
    return f"{ends}; alone it shows nothing" if feature.suppressed else ends


def _facts(opened: Opened, feature: ShownFeature) -> list[tuple[str, str]]:
    facts = [
        ("q", chance(feature.q)),
        *([("Power", feature.unseen)] if feature.unseen else []),
        ("Selected in random halves", share(feature.selection_frequency)),
        ("Described by", feature.author or "–"),
    ]
    if feature.is_concept:
        facts.append(("Id, for rules", feature.id or "–"))
    else:
        known = decimal(feature.known_share)
        if feature.known_as and feature.known_share is not None:
            known += f" (most: {feature.known_as})"
        facts += [
            *_clauses(opened, feature),
            ("Names the right side", share(feature.sign_accuracy)),
            ("Variance the name accounts for", share(feature.accounts)),
            ("Known share", known),
            ("Stability over seeds", decimal(feature.stability)),
        ]
    facts += [(one.title, one.said) for one in _judged(opened, feature)]
    return [*facts, ("Named before", feature.found)] if feature.found else facts


def _judged(opened: Opened, feature: ShownFeature) -> list[Figure]:
    """Return what a language model or another encoder makes of its name."""
    return components.cached(opened, "judged", lambda: judged(opened.run))(feature)


def _clauses(opened: Opened, feature: ShownFeature) -> list[tuple[str, str]]:
    """Return how far each clause of its name goes with it on held-out pairs."""
    clauses = proven_clauses(opened.run, feature.feature)
    return [(f"Goes with it: {one.words}", decimal(one.correlation)) for one in clauses]


def _charts(opened: Opened, feature: ShownFeature) -> None:
    by = divided_by(opened.summary["subsets"]["by"])
    tab_effects, tab_sizes = st.tabs([f"Effect by {plain(by)}", "Size of the feature"])
    with tab_effects:
        _subsets(opened, feature)
    with tab_sizes:
        codes = codes_of(opened, feature)
        if len(codes):
            st.altair_chart(run_charts.codes(code_counts(codes)))
        else:
            st.caption("The feature is active in no pair.")


def _subsets(opened: Opened, feature: ShownFeature) -> None:
    reason = opened.summary["subsets"]["reason"]
    effects = None if reason else run_rows.subset_effects(opened.run, feature.feature)
    if effects is None or effects.is_empty():
        st.caption(plain(sentence(reason or "It could be estimated in no subset")))
        return
    st.altair_chart(run_charts.subsets(effects))
    if feature.heterogeneity_p is not None:
        flips = "; it flips: one subset rewards what another penalises" if feature.flips else ""
        st.caption(plain(sentence(
            f"Equal effects in all: p {chance(feature.heterogeneity_p)}{flips}"
        )))  # fmt: skip
