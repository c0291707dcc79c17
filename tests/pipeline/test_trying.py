"""Own concepts before they are added: what is shown is what is kept."""

import pytest

from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.base import LlmConfig
from wimhf.errors import ConfigError
from wimhf.pipeline import Named, add_written, pairs_to_mark, question_demand, try_written
from wimhf.run.run import Run


def test_what_words_would_tell_apart_is_what_they_do(toy_run: Run) -> None:  # noqa: F811
    tried = try_written(toy_run, ["great"], [r"wonder\w+"])
    run = add_written(toy_run, Named("praises", "praises", "does not"), ["great"], [r"wonder\w+"])
    counted = next(one for one in run.concepts.counted if one.concept.id == "praises")
    assert tried.labelled == counted.differ > 0
    column = run.sparse_codes.column(run.concept_numbers["praises"])
    assert [column[row] > 0 for row in tried.examples] == list(tried.a_has_more)
    component = run.pair_table["component"].gather(tried.examples)
    assert component.n_unique() == len(tried.examples) == 3
    assert try_written(run, ["nobody says this"]).examples == ()
    with pytest.raises(ConfigError, match="no Rust regex"):
        try_written(run, [], ["("])


def test_every_pair_is_served_once_and_narrowed_by_words(toy_run: Run) -> None:  # noqa: F811
    rows = pairs_to_mark(toy_run).tolist()
    assert sorted(rows) == list(range(len(toy_run.pair_table)))
    texts = toy_run.pair_table.select("response_a", "response_b").rows()
    wanted = [row for row in rows if any("great" in text.lower() for text in texts[row])]
    assert pairs_to_mark(toy_run, " GREAT ").tolist() == wanted


def test_a_demand_above_the_budget_says_so(toy_run: Run) -> None:  # noqa: F811
    assert question_demand(toy_run, LlmConfig(model="m"), 20).within
    demand = question_demand(toy_run, LlmConfig(model="m", max_calls=5), 20)
    assert not demand.within
    assert "asking about 20 pairs takes up to 40 calls to m" in demand.words


def test_what_the_labels_do_with_words_is_what_they_do_with_the_added_concept(
    toy_run: Run,  # noqa: F811
) -> None:
    praise = try_written(toy_run, ["great"]).effect
    refusal = try_written(toy_run, ["sorry"]).effect
    assert praise.effect is not None
    assert refusal.effect is not None
    assert praise.effect > 0 > refusal.effect
    assert try_written(toy_run, ["nobody says this"]).effect.effect is None
