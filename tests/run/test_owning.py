"""Owning a feature: names, notes, mutes, pins, poles and merges stay with the run."""

import re
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.conftest import ToyEncoder
from tests.rewritten import record
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.curate import Curation, open_curation
from wimhf.errors import EditError
from wimhf.run.run import Run
from wimhf.ui.report import render_report
from wimhf.ui.words.findings import is_expressed


@pytest.fixture
def curation(toy_run: Run) -> Curation:  # noqa: F811
    return open_curation(toy_run, "ann")


def row(curation: Curation, feature: int) -> dict[str, Any]:
    return curation.run.features.row(by_predicate=pl.col("feature") == feature, named=True)


def test_unowned_features_are_as_found(curation: Curation) -> None:
    found, shown = curation.run.features_as_found, curation.run.features
    assert shown.select(found.columns).equals(found)
    assert not shown["muted"].any()


def test_a_name_is_its_authors_and_unproven(curation: Curation) -> None:
    before = row(curation, 1)
    curation.own(1, name="  says   sorry ", short="sorry")
    after = row(curation, 1)
    assert (after["description"], after["short"], after["author"]) == ("says sorry", "sorry", "ann")
    assert after["found"] == before["description"]
    assert after["fidelity"] is None
    assert after["understood"]
    assert after["effect"] == before["effect"]
    assert curation.facts.feature("Says Sorry").feature == 1
    assert before["description"] in (row(curation, 1)["found"], None)
    curation.own("says sorry", name=None)
    assert row(curation, 1) == before


def test_flipping_the_pole_mirrors_every_sign_and_twice_is_nothing(curation: Curation) -> None:
    before = row(curation, 0)
    curation.own(0, flipped=True)
    after = row(curation, 0)
    assert after["description"] == before["opposite"]
    assert after["opposite"] == before["description"]
    assert after["pole"] == -before["pole"]
    assert after["effect"] == -before["effect"]
    assert (after["effect_low"], after["effect_high"]) == (
        -before["effect_high"], -before["effect_low"],
    )  # fmt: skip
    assert after["win_rate"] == pytest.approx(100 - before["win_rate"])
    pairs = curation.run.pairs(0)
    curation.undo()
    again = curation.run.pairs(0)
    assert pairs["more"].to_list() == again["less"].to_list()
    assert row(curation, 0) == before


def test_a_flipped_feature_gives_the_same_rule_from_the_other_pole(curation: Curation) -> None:
    here = curation.select({"when": {"feature": 0, "rewarded": True}, "then": "flip"})
    curation.own(0, flipped=True)
    there = curation.select({"when": {"feature": 0, "rewarded": False}, "then": "flip"})
    assert here["pair_id"].to_list() == there["pair_id"].to_list()


def test_reasons_of_a_tried_pair_do_not_depend_on_the_pole(curation: Curation) -> None:
    from wimhf.run.trial import try_pair

    a, b = "sorry unable decline water", "great brilliant wonderful train"
    told = []
    for flipped in (None, True):
        if flipped:
            for number in range(8):
                curation.own(number, flipped=True)
        table = try_pair(curation.run, "p", a, b, ToyEncoder()).features.sort("feature")
        told.append(table.filter(pl.col("feature") < 8))  # those that were turned
    assert np.allclose(told[0]["code"], -told[1]["code"])
    assert told[0]["more_side"].to_list() != told[1]["more_side"].to_list()
    counts = [[len(reasons) for reasons in table["because"].to_list()] for table in told]
    assert counts[0] == counts[1]
    assert any(counts[0])


def test_a_muted_feature_says_nothing_anywhere(curation: Curation) -> None:
    strongest = curation.run.features.sort("q")["feature"][0]
    assert is_expressed(row(curation, strongest))
    curation.own(strongest, muted=True)
    assert not is_expressed(row(curation, strongest))
    assert curation.run.features["feature"][-1] == strongest
    assert all(a["feature"] != strongest for a in curation.run.preference["alerts"])
    with pytest.raises(EditError, match="muted"):
        curation.preview({"when": {"feature": strongest}, "then": "drop"})
    curation.own(strongest, muted=None, pinned=True)
    assert curation.run.features["feature"][0] == strongest


def test_merged_features_are_one_everywhere(curation: Curation) -> None:
    a, b = 0, 3
    facts = curation.facts
    apart = facts.code(a) != 0, facts.code(b) != 0
    count = len(curation.run.features)
    curation.own(b, merged_into=a)
    whole = curation.facts.code(a)
    assert np.array_equal(curation.facts.code(b), whole)
    assert (whole != 0).sum() >= max(mask.sum() for mask in apart)
    assert len(curation.run.features) == count - 1
    merged = row(curation, a)
    assert merged["members"] == [b]
    assert merged["prevalence"] == pytest.approx((whole != 0).mean())
    found = curation.preview({"when": {"feature": b, "rewarded": True}, "then": "flip"})
    assert b not in found.effects["feature"].to_list()
    curation.undo()
    assert len(curation.run.features) == count


def test_a_merge_is_measured_as_a_feature_of_the_sum_would_be(curation: Curation) -> None:
    """Two ways to one number: the run's own table, and the what-if of the merged column."""
    from wimhf.stats.whatif import Labels, state_effects

    curation.own(3, merged_into=0)
    numbers, measured = curation.state.columns
    anew = state_effects(
        measured, numbers, Labels.of(curation.pairs), np.arange(len(curation.pairs))
    ).features
    both = curation.run.features.join(anew, on="feature", suffix="_anew")
    pairs = both.select("effect", "effect_anew").drop_nulls()
    assert np.allclose(pairs[:, 0], pairs[:, 1], atol=1e-4)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"name": ""}, "0 characters"), ({"name": "x" * 501}, "501 characters"),
        ({"name": 4}, "expected str"), ({"muted": "yes"}, "expected bool"),
        ({"colour": "red"}, "has no colour"), ({}, "no such thing"),
        ({"merged_into": 2}, "into itself"), ({"merged_into": 77}, "no one feature 77"),
        ({"muted": None}, "is so already"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_of_a_feature(
    curation: Curation, said: dict[str, Any], told: str
) -> None:
    with pytest.raises(EditError, match=told):
        curation.own(2, **said)
    assert not curation.run.log.path.exists()


def test_merges_do_not_run_in_circles(curation: Curation) -> None:
    curation.own(1, merged_into=2)
    with pytest.raises(EditError, match="merge into 2 instead"):
        curation.own(3, merged_into=1)
    with pytest.raises(EditError, match="take them out first"):
        curation.own(2, merged_into=4)


def test_what_is_said_stays_when_features_are_described_again(curation: Curation) -> None:
    from wimhf.pipeline.analysis import describe_run

    curation.own(1, name="my name", note="my note")
    run = describe_run(curation.run, describe={"max_terms": 2})
    owned = run.features.row(by_predicate=pl.col("feature") == 1, named=True)
    assert (owned["description"], owned["note"], owned["author"]) == ("my name", "my note", "ann")
    page = render_report(run)
    for words in ("my name", "Note: my note", "Named by ann; found as"):
        assert words in page


def test_the_report_tells_what_people_did(curation: Curation) -> None:
    curation.own(4, pinned=True)
    curation.own(2, muted=True)
    curation.own(3, merged_into=0)
    page = render_report(curation.run)
    cards = [
        int(number) for number in re.findall(r'<details class="card[^>]*id="feature-(\d+)"', page)
    ]
    assert (cards[0], cards[-1]) == (4, 2)
    assert 3 not in cards
    assert "Merged with feature 3:" in page
    assert "Muted: it is left out" in page


def test_a_name_never_becomes_markup(curation: Curation) -> None:
    curation.own(0, name="<script>alert(1)</script>", note="<b>bold</b>")
    page = render_report(curation.run)
    assert "<script>alert(1)" not in page
    assert "<b>bold</b>" not in page


def test_another_dictionary_keeps_no_names(curation: Curation) -> None:
    curation.own(1, name="my name")
    outputs = curation.run.manifest.stages["dictionary"]["outputs"]
    outputs["dictionary.safetensors"]["sha256"] = "0" * 64
    assert "my name" not in curation.run.features["description"].to_list()


def code_of(curation: Curation, feature: int) -> np.ndarray:
    return curation.facts.code(feature)


def test_turning_the_head_turns_the_whole_and_a_turned_member_counts_turned(
    curation: Curation,
) -> None:
    curation.own(6, merged_into=5)
    plain = code_of(curation, 5)
    effect = row(curation, 5)["effect"]
    curation.own(5, flipped=True)
    assert np.array_equal(code_of(curation, 5), -plain)
    assert row(curation, 5)["effect"] == pytest.approx(-effect)
    curation.undo()
    curation.undo()
    curation.own(6, flipped=True)
    curation.own(6, merged_into=5)
    other = code_of(curation, 5)
    apart = [np.abs(plain + sign * other) for sign in (1, -1)]
    assert all(each.max() > 0 for each in apart)
    curation.own(5, flipped=True)
    assert np.array_equal(code_of(curation, 5), -other)


def test_a_merge_after_turning_the_head_keeps_what_was_seen(curation: Curation) -> None:
    """Merging adds the poles as they are described at that moment."""
    curation.own(5, flipped=True)
    seen = curation.facts.code(5), curation.facts.code(6)
    curation.own(6, merged_into=5)
    scaled = [code / np.sqrt(np.square(code).mean()) for code in seen]
    assert np.allclose(code_of(curation, 5), scaled[0] + scaled[1], atol=1e-5)


def test_what_was_measured_alone_is_not_told_of_a_merge(curation: Curation) -> None:
    curation.own(3, merged_into=0)
    merged = row(curation, 0)
    assert merged["fidelity"] is None
    assert "so not measured" in merged["reason"]
    with pytest.raises(EditError, match="is merged into 0"):
        curation.own(3, name="hidden")
    curation.own(3, merged_into=None)
    assert row(curation, 0)["fidelity"] is not None


def test_names_that_would_hide_a_feature_are_refused(curation: Curation) -> None:
    with pytest.raises(EditError, match="taken for a number"):
        curation.own(1, name="5")
    curation.own(1, name="says sorry")
    with pytest.raises(EditError, match="feature 1 has it"):
        curation.own(2, name="Says Sorry")


def test_every_way_to_a_features_code_is_the_same(curation: Curation) -> None:
    """What rules select by, what the run shows and what the app draws, turned and merged."""
    from wimhf.run import feature_codes

    curation.own(6, flipped=True)
    curation.own(6, merged_into=5)
    curation.own(7, merged_into=5)
    curation.own(5, flipped=True)
    curation.own(1, flipped=True)
    for feature in (0, 1, 5):
        dense = code_of(curation, feature)
        sparse = curation.run.code(feature)
        again = np.zeros(len(dense))
        again[sparse["pair"].to_numpy()] = sparse["value"].to_numpy()
        assert np.allclose(again, dense, atol=1e-5)
        pairs = curation.run.pairs(feature)
        drawn = feature_codes(curation.run, feature)
        assert len(pairs) == len(drawn) == np.count_nonzero(again)
        shown = dict(zip(drawn["pair"].to_list(), drawn["more_side"].to_list(), strict=True))
        assert all((dense[pair] > 0) == (side == "A") for pair, side in shown.items())
        places = curation.facts.places
        for pair_id, side in pairs.select("pair_id", "more_side").iter_rows():
            assert (dense[places[pair_id]] > 0) == (side == "A")


def test_an_alert_that_was_found_stays_when_its_feature_is_merged(curation: Curation) -> None:
    run = curation.run
    alert = {"feature": 3, "concept": "x", "rewards": "y"}
    run.folder.write_json(
        "preference.json", run.folder.read_json("preference.json") | {"alerts": [alert]}
    )
    record(run, "preference")
    curation.own(3, merged_into=0)
    assert [one["feature"] for one in run.preference["alerts"]] == [0]
    curation.own(0, muted=True)
    assert run.preference["alerts"] == []
