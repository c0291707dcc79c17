"""Changes to a run's own concepts in the background: made, refused, gone on with."""

import pytest

from tests.pipeline.test_jobs import ended, wait
from tests.pipeline.test_own_concepts import NAMED
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.base import silent
from wimhf.errors import ConfigError
from wimhf.pipeline import examples_change, removal, start_change, words_change
from wimhf.pipeline.concept_jobs import make_change
from wimhf.run.opening import open_run
from wimhf.run.own_concepts import own_ids
from wimhf.run.run import Run


def test_a_change_is_made_in_a_process_of_its_own(toy_run: Run) -> None:  # noqa: F811
    job = start_change(toy_run, words_change(NAMED, ["great", "brilliant"], []))
    assert (job.change or {})["id"] == "praises_you"
    assert wait(toy_run.path, ended).status == "done"
    assert "praises_you" in open_run(toy_run.path).concept_numbers
    start_change(toy_run, removal("praises_you"))
    assert wait(toy_run.path, ended).status == "done"
    assert own_ids(toy_run) == set()
    start_change(toy_run, examples_change(NAMED, {}, "ann"))
    state = wait(toy_run.path, ended)
    assert (state.status, "0 pairs are marked" in (state.error or "")) == ("failed", True)
    assert open_run(toy_run.path).manifest.done("preference")


def test_what_was_begun_is_gone_on_with(toy_run: Run) -> None:  # noqa: F811
    change = words_change(NAMED, ["great"], [])
    whole = make_change(toy_run, change, silent).features
    with pytest.raises(ConfigError, match="has an own concept"):
        make_change(toy_run, change, silent)
    toy_run.manifest.mark_stale(["concepts", "preference"])
    run = open_run(toy_run.path)
    assert make_change(run, change, silent, again=True).features.equals(whole)
    assert make_change(run, change, silent, again=True).features.equals(whole)
    make_change(run, removal("praises_you"), silent)
    make_change(run, removal("praises_you"), silent, again=True)
    with pytest.raises(ConfigError, match="cannot be 'hope'"):
        make_change(run, {"do": "hope", "id": "x"}, silent)
