"""Where somebody stands in a check: nothing twice, nothing lost."""

from typing import Any, cast

import pytest

pytest.importorskip("streamlit", reason="the app is not installed")

from wimhf.concepts import Concept
from wimhf.curate import Check
from wimhf.run import HIT, MISS, Answer
from wimhf.ui.app.check_queue import key_of, queue_of

CONCEPT = Concept("warm", "is warm", "is cold", words=("dear",))
CHECKS = [Check(CONCEPT, kind, row, f"p{row}", "", "", "", "A", None)
          for row, kind in enumerate((HIT, HIT, MISS))]  # fmt: skip


def said(answer: bool | None, time: str = "1") -> Answer:
    return Answer(time, "kim", "warm", "", "", "", answer)


def at(**words: Any) -> str | None:
    found = queue_of(CHECKS, **words).at
    return None if found is None else found.pair_id


def test_pairs_come_once_in_order_and_an_undone_one_first() -> None:
    keys = [key_of(check) for check in CHECKS]
    answers = {keys[0]: said(True)}
    assert at(answers={}) == "p0"
    assert at(answers=answers) == "p1"
    assert at(answers=answers, again=keys[0]) == "p0"
    assert dict(queue_of(CHECKS, answers).answered) == {HIT: 1, MISS: 0}
    assert dict(queue_of(CHECKS, answers, keys[0]).answered) == {HIT: 0, MISS: 0}


def test_skipped_ones_come_back_when_asked_for_the_oldest_first() -> None:
    times = ("3", "2", "1")
    answers = {key_of(c): said(None, t) for c, t in zip(CHECKS, times, strict=True)}
    assert at(answers=answers) is None
    assert at(answers=answers, with_skipped=True) == "p2"
    assert queue_of(CHECKS, cast("dict[tuple[str, str], Answer]", answers)).skipped == 3
