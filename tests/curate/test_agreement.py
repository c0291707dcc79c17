"""The meter of agreement counts decisions, and advises to stop only where it surely must."""

from __future__ import annotations

import pytest

from wimhf.curate import agreement_of, between_people
from wimhf.ui.words.raters import agreement_sentence, between_lines, stop_advice


def said(flips: int, keeps: int, who: str = "kim") -> dict[str, dict[str, str]]:
    words = ["flip"] * flips + ["keep"] * keeps
    return {f"p{n}": {who: word} for n, word in enumerate(words)}


CHANCES = {f"p{n}": 0.8 for n in range(200)}


@pytest.mark.parametrize(
    ("flips", "keeps", "stop"), [(5, 25, True), (24, 6, False), (0, 29, False), (20, 15, True)]
)
def test_it_advises_to_stop_after_thirty_where_the_promise_is_out_of_reach(
    flips: int, keeps: int, stop: bool
) -> None:
    found = agreement_of(said(flips, keeps), CHANCES)
    assert (found.agreed, found.decided) == (flips, flips + keeps)
    assert found.promised == pytest.approx(0.8)
    assert found.stop == stop
    assert bool(stop_advice(found)) == stop
    assert ("promised" in agreement_sentence(found)) == (flips + keeps >= 30)


def test_ties_dropped_pairs_and_other_people_are_not_counted() -> None:
    opinions = {"p0": {"kim": "tie", "robin": "flip"}, "p1": {"kim": "drop"}, "p2": {"kim": "keep"},
                "elsewhere": {"kim": "flip"}}  # fmt: skip
    assert agreement_of(opinions, CHANCES, "kim").decided == 1
    assert agreement_of(opinions, CHANCES).decided == 2
    assert agreement_of({}, CHANCES).promised is None
    assert agreement_sentence(agreement_of({}, CHANCES)) == "Nothing is kept or flipped yet."


def test_two_people_agree_as_often_as_they_say_the_same() -> None:
    opinions = {"p0": {"a": "flip", "b": "flip"}, "p1": {"a": "keep", "b": "flip", "c": "keep"}}
    found = {(one.one, one.other): (one.alike, one.both) for one in between_people(opinions)}
    assert found == {("a", "b"): (1, 2), ("a", "c"): (1, 1), ("b", "c"): (0, 1)}
    assert between_lines(between_people(opinions))[0] == "a and b said the same of 1 of 2 pairs"
    assert "1 pair" in between_lines(between_people(opinions))[1]
