"""Repeats: exact, near, contradictory, turned, and pairs that compare a response with itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.health_pairs import clean_pairs, differ_late, first_words, look, plant, sentence
from wimhf.data.health.duplicates import check_duplicates
from wimhf.data.pairs import Pair


def test_two_annotators_of_one_pair_repeat_nothing_and_may_differ() -> None:
    pairs = [replace(pair, annotator="ada") for pair in clean_pairs(60)]
    others = [replace(p, annotator="bob", label=1 - (p.label or 0)) for p in pairs[:20]]
    found = look([*pairs, *others], check_duplicates)
    for id in ("duplicates", "near_duplicates", "swapped"):
        assert (id, found[id].count) == (id, 0)
    differing = found["contradictions"]
    assert (differing.count, differing.severity) == (40, "note")
    assert differing.figures == {"same_annotator": 0}
    assert look([*pairs, *pairs[:20]], check_duplicates)["duplicates"].count == 20


def test_twins_that_agree_when_turned_are_counted_and_are_no_flaw() -> None:
    pairs = clean_pairs(60)
    for row in (11, 21, 31):
        pairs[row] = replace(pairs[row - 1].exchanged(), swapped=False)
    found = look(pairs, check_duplicates)
    assert found["swapped"].figures == {"agreeing": 6}
    assert (found["swapped"].count, found["swapped"].severity) == (0, "ok")
    assert found["contradictions"].count == 0
    assert found["duplicates"].rows.tolist() == [11, 21, 31]


def test_a_tie_contradicts_nothing() -> None:
    pairs = clean_pairs(60)
    pairs[11] = replace(pairs[10], label=0.5)
    pairs[21] = replace(pairs[20], label=None)
    found = look(pairs, check_duplicates)
    assert found["contradictions"].count == found["swapped"].count == 0


def test_pairs_that_differ_in_case_alone_are_not_cut_too() -> None:
    pairs = clean_pairs(60)
    text = pairs[3].response_a * 3
    pairs[3] = replace(pairs[3], response_a=text, response_b=text[:-4] + text[-4:].upper())
    found = look(pairs, check_duplicates, cut=first_words(pairs))
    assert found["identical"].rows.tolist() == [3]
    assert found["identical_after_cut"].rows.tolist() == []


def test_without_an_encoder_or_a_limit_nothing_is_cut() -> None:
    pairs = clean_pairs(60)
    plant(differ_late, pairs, 5)
    cut = first_words(pairs)
    for given in (None, replace(cut, limit=None)):
        item = look(pairs, check_duplicates, cut=given)["identical_after_cut"]
        assert (item.count, item.severity) == (None, "ok")
        assert item.said.startswith("Not looked at")


def test_shared_prompts_are_counted_but_for_empty_ones() -> None:
    pairs = clean_pairs(60)
    pairs = [replace(p, prompt=("", "same", p.prompt)[min(i // 5, 2)]) for i, p in enumerate(pairs)]
    item = look(pairs, check_duplicates)["prompts"]
    assert (item.count, item.of, item.severity) == (5, 60, "note")
    assert item.figures == {"unique": 51, "largest": 5}


def test_different_answers_to_one_long_prompt_are_no_repeats() -> None:
    rng = np.random.default_rng(0)
    prompt = sentence(rng, 400)
    pairs = [Pair(prompt, sentence(rng, 20), sentence(rng, 20), 1.0) for _ in range(40)]
    assert look(pairs, check_duplicates)["near_duplicates"].count == 0


def test_the_same_answers_to_different_prompts_are_no_repeats() -> None:
    pairs = [Pair(p.prompt, "Yes, of course.", "No, never.", 1.0) for p in clean_pairs(40)]
    assert look(pairs, check_duplicates)["near_duplicates"].count == 0


def test_the_same_answers_to_a_prompt_in_other_words_are_repeats() -> None:
    rng = np.random.default_rng(0)
    answers = sentence(rng, 80), sentence(rng, 80)
    pairs = [Pair("What is a kettle?", *answers, 1.0), Pair("what's a kettle", *answers, 1.0)]
    found = look(pairs, check_duplicates)
    assert found["near_duplicates"].rows.tolist() == [1]
    assert found["duplicates"].count == 0


def test_a_near_repeat_is_found_on_either_side() -> None:
    pairs = clean_pairs(40)
    first = pairs[7].exchanged()
    text = first.response_a.replace(first.response_a.split()[9], "something", 1)
    pairs.append(Pair(first.prompt, text, first.response_b, 1.0))
    assert look(pairs, check_duplicates)["near_duplicates"].rows.tolist() == [40]
