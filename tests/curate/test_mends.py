"""What is offered of findings is what rules understand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.health_pairs import clean_pairs, look
from wimhf.curate import offers
from wimhf.curate.mends import LOOKED_AT, MENDS
from wimhf.curate.rules.written import rule


@pytest.mark.parametrize("finding", list(MENDS))
def test_every_mend_is_a_rule_that_selects_by_its_finding(finding: str) -> None:
    for mend in MENDS[finding]:
        written = mend.rule(finding)
        assert rule(written).to_dict() == written
        assert mend.words


def test_every_mended_finding_is_one_that_the_examination_makes() -> None:
    pairs = [replace(pair, annotator=f"who {n % 3}") for n, pair in enumerate(clean_pairs(60))]
    known = set(look(pairs))
    assert set(MENDS) <= known
    assert set(LOOKED_AT) <= known


def test_offers_count_the_pairs_behind_each_finding() -> None:
    found = offers(["ties", "private", "ties", "refusals"])
    assert {name: one.pairs for name, one in found.items()} == {
        "ties": 2, "private": 1, "refusals": 1
    }  # fmt: skip
    assert found["refusals"].mends == ()
    assert found["private"].look == "look at personal data one by one"
