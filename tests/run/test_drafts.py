"""Drafts of marks: kept at once, taken back in order, damaged ones refused."""

import pytest

from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.errors import RunError
from wimhf.run.drafts import DRAFTS, PASSED, Draft, forget_draft, keep_draft, mark_pair, read_drafts
from wimhf.run.own_concepts import own_ids
from wimhf.run.run import Run


def test_marks_are_kept_at_once_and_taken_back(toy_run: Run) -> None:  # noqa: F811
    keep_draft(toy_run, Draft("warm", "is warm", "is cold", "Warm"))
    for pair_id, mark in (("p", "A"), ("q", PASSED), ("r", "neither"), ("p", "B")):
        mark_pair(toy_run, "warm", pair_id, mark)
    draft = read_drafts(toy_run)["warm"]
    assert list(draft.given) == ["q", "r", "p"]  # the last one last
    assert (draft.marks, draft.sided) == ({"r": "neither", "p": "B"}, 1)
    assert mark_pair(toy_run, "warm", "p", None).marks == {"r": "neither"}
    keep_draft(toy_run, Draft("warm", "is warmer", "is cold"))
    assert read_drafts(toy_run)["warm"].marks == {"r": "neither"}
    assert own_ids(toy_run) == set()
    forget_draft(toy_run, "warm")
    assert read_drafts(toy_run) == {}
    with pytest.raises(RunError, match="has no marks for 'warm'"):
        mark_pair(toy_run, "warm", "p", "A")


def test_damaged_drafts_and_unknown_marks_are_refused(toy_run: Run) -> None:  # noqa: F811
    keep_draft(toy_run, Draft("warm", "is warm", "is cold"))
    with pytest.raises(RunError, match="a mark cannot be 'C'"):
        mark_pair(toy_run, "warm", "p", "C")
    (toy_run.path / DRAFTS / "warm.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match="is damaged"):
        read_drafts(toy_run)
