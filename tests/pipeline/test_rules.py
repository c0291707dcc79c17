"""Rules beside the sparse model: read as sentences, judged on pairs they did not see."""

from concurrent.futures import Future

import numpy as np

from tests.conftest import ToyEncoder
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.base import Config, silent
from wimhf.pipeline.stages.context import StageContext
from wimhf.pipeline.stages.rules import _sentence, learn_rules
from wimhf.run import Run, rules_of
from wimhf.ui.cli.analyze_shown import findings_of
from wimhf.ui.report import render_report


def learned(run: Run, **asked: int) -> Run:
    config = Config.from_dict(run.config.to_dict() | {"rules": asked})
    run.manifest.data["config"] = config.to_dict()
    outputs, facts = learn_rules(StageContext(run, config, silent, ToyEncoder()))
    run.finish("rules", "hash", outputs, facts, {})
    return run


def test_without_being_asked_for_there_are_none(toy_run: Run) -> None:  # noqa: F811
    assert rules_of(toy_run) is None
    assert findings_of(toy_run)["rules"] is None
    assert "The labels as rules" not in render_report(toy_run)


def test_rules_read_as_sentences_and_stand_beside_the_sparse_model(
    toy_run: Run,  # noqa: F811
) -> None:
    found = rules_of(learned(toy_run, clauses=12))
    assert found is not None
    assert found.auc is not None
    assert found.auc > 0.6
    assert found.auc_features is not None
    assert found.pairs <= (toy_run.pair_table["split"] == "test").sum()
    assert 0 < len(found.rules) <= 12
    assert sum(rule.votes for rule in found.rules) <= 12
    for rule in found.rules:
        assert rule.sentence.startswith("The response is preferred that ")
        assert rule.won is None or 0 <= rule.won <= 1
    page = render_report(toy_run)
    assert "The labels as rules" in page
    assert found.words in page
    assert findings_of(toy_run)["rules"]["auc"] == found.auc  # type: ignore[index]


def test_a_rule_has_few_conditions(toy_run: Run) -> None:  # noqa: F811
    learned(toy_run, clauses=8, literals=2)
    card = toy_run.folder.read_json("rules.json")
    assert max(len(row["has"] + row["lacks"]) for row in card["rules"]) <= 2


def test_a_sentence_says_what_is_there_and_what_is_not() -> None:
    assert _sentence(["says “yes”"], []) == "The response is preferred that says “yes”."
    assert _sentence(["apologises", "asks back"], ["refuses", "lists", "warns"]) == (
        "The response is preferred that apologises and asks back and is not the one that refuses, "
        "lists or warns."
    )


def test_too_few_labels_are_said(toy_run: Run) -> None:  # noqa: F811
    pairs = toy_run.pair_table
    few = np.where(np.arange(len(pairs)) < 10, 1.0, np.nan)
    other: Future[object] = Future()
    other.set_result(pairs.with_columns(label=few).fill_nan(None))
    toy_run._saved["pairs.parquet"] = other
    found = rules_of(learned(toy_run, clauses=8))
    assert found is not None
    assert found.auc is None
    assert "too few" in found.words
