"""Strings that give the label away are found whatever they are, and ordinary words are not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.health_pairs import clean_pairs, exchanged, look, sentence
from wimhf.base import ReadConfig
from wimhf.data import read_pairs
from wimhf.data.health import Item
from wimhf.data.health.item import Checked
from wimhf.data.health.marker_search import find_markers
from wimhf.data.health.markers import check_markers
from wimhf.data.pairs import Pair
from wimhf.data.splits import pair_components

CASES = Path(__file__).resolve().parents[1] / "fixtures" / "cases"
Mark = Callable[[str, int], str]


def marked(
    mark: Mark, share: float = 1.0, *, winner: bool = True, n: int = 300, seed: int = 3
) -> list[Pair]:
    """Put a mark into one side of a share of clean pairs."""
    rng = np.random.default_rng(seed)
    pairs = []
    for number, pair in enumerate(clean_pairs(n, seed)):
        one = replace(pair, label=1.0)
        if rng.random() < share:
            side = "response_a" if winner else "response_b"
            one = replace(one, **{side: mark(getattr(one, side), number)})
        pairs.append(one)
    return exchanged(pairs, rng.random(n) < 0.5)


def found(pairs: list[Pair]) -> Item:
    return look(pairs, check_markers)["markers"]


def middle(text: str, mark: str) -> str:
    words = text.split(" ")
    return " ".join([*words[: len(words) // 2], mark, *words[len(words) // 2 :]])


MARKS: dict[str, tuple[Mark, str]] = {
    "a tag at the end": (lambda t, _: f"{t}<|im_end|>", "ends with “<|im_end|>”"),
    "a tag at the end of a line": (lambda t, _: f"{t}\n</s>", "</s>"),
    "a tag at the start": (lambda t, _: f"[INST]{t}", "starts with “[INST]”"),
    "a word at the start": (lambda t, _: f"Sure: {t}", "Sure"),
    "a role": (lambda t, _: f"Assistant: {t}", "starts with “Assistant"),
    "a signature": (lambda t, _: f"{t}\n\nKind regards, Botley", "Kind regards, Botley”"),
    "a tag in the middle": (lambda t, _: middle(t, "<sep>"), "holds “<sep>”"),
    "words in the middle": (lambda t, _: middle(t, "as said and as was"), "as said and as was"),
    "a mark of many signs": (lambda t, _: middle(t, "[[ v 2 ]]"), "[[ v 2 ]]"),
    "thoughts": (lambda t, n: f"<think>{sentence(np.random.default_rng(n), 9)}</think>{t}",
                 "starts with “<think>”"),
    "a space at the end": (lambda t, _: f"{t} ", "ends with “ ” (a space)"),
    "two spaces at the end": (lambda t, _: f"{t}  ", "“  ” (2 spaces)"),
    "a space at the start": (lambda t, _: f" {t}", "starts with “ ” (a space)"),
    "a line at the end": (lambda t, _: f"{t}\n", "ends with “\\n”"),
    "a tab": (lambda t, _: middle(t, "\t"), "\\t"),
    "two spaces in the middle": (lambda t, _: middle(t, ""), "“  ” (2 spaces)"),
    "a space that does not break": (lambda t, _: t.replace(" ", "\u00a0", 1), "\\xa0"),
    "a space without width": (lambda t, _: middle(t, "of\u200bit"), "\\u200b"),
    "a dash": (lambda t, _: middle(t, "\u2014"), "“\u2014”"),
    "a picture": (lambda t, _: f"{t} 🦩", "🦩"),
    "another script": (lambda t, _: middle(t, "完了"), "“完了”"),
    "a stop that is missing": (lambda t, _: t.removesuffix("."), "ends with “.”"),
}  # fmt: skip


@pytest.mark.parametrize("winner", [True, False])
@pytest.mark.parametrize(("mark", "said"), MARKS.values(), ids=MARKS)
def test_a_planted_mark_is_named_with_its_counts(mark: Mark, said: str, winner: bool) -> None:
    item = found(marked(mark, winner=winner))
    assert item.severity == "serious"
    assert item.advice
    assert said in item.said
    missing = said == "ends with “.”"
    side = "preferred" if winner != missing else "other"
    assert item.said.startswith(f"The {side} response")
    assert "in 300 of 300 decided pairs" in item.said
    one, *others = item.figures["found"]
    assert (one["with"], one["against"], one["side"]) == (300, 0, side)
    assert ["think>" in other["string"] for other in others] == [True] * ("<think>" in said)
    assert item.rows.tolist() == list(range(300))


@pytest.mark.parametrize(("share", "severity"), [(0.96, "serious"), (0.8, "ok"), (0.5, "ok")])
def test_it_has_to_be_in_nearly_all_pairs(share: float, severity: str) -> None:
    item = found(marked(lambda t, _: f"{t}</s>", share))
    assert item.severity == severity
    if severity == "serious":
        assert item.count == len(item.rows) == item.figures["found"][0]["with"]
        assert 0.93 < (item.share or 0) < 0.99


def test_a_mark_on_either_side_is_told_once_each() -> None:
    pairs = [
        replace(p, response_a=f"{p.response_a}<|im_end|>", response_b=f"<bos> {p.response_b}",
                label=1.0)
        for p in clean_pairs(200)
    ]  # fmt: skip
    strings = {one["string"]: one["side"] for one in found(pairs).figures["found"]}
    assert strings == {"“<|im_end|>”": "preferred", "“<bos>”": "other"}


def test_sides_and_the_order_of_rows_change_nothing() -> None:
    pairs = marked(MARKS["a tag in the middle"][0], 0.95)
    before = found(pairs)
    turned = found(exchanged(pairs, [True] * len(pairs)))
    assert turned.to_dict() == before.to_dict()
    order = np.random.default_rng(2).permutation(len(pairs))
    assert found([pairs[i] for i in order]).to_dict() == before.to_dict()


def test_a_mark_of_one_subset_is_named_with_it() -> None:
    plain = [replace(p, subset=f"s{i % 3}") for i, p in enumerate(clean_pairs(300))]
    mine = [replace(p, subset="mine") for p in marked(MARKS["a tag at the end"][0], n=60, seed=8)]
    item = found([*plain, *mine])
    assert "of subset mine" in item.said
    assert item.rows.tolist() == list(range(300, 360))
    assert [one["subset"] for one in item.figures["found"]] == ["mine"]


# -- what is no mark ------------------------------------------------------------------------------


def test_clean_pairs_have_none_whatever_the_seed() -> None:
    for seed in range(25):
        assert found(clean_pairs(60, seed)).severity == "ok"
        subsets = [
            replace(p, subset=f"s{i % 12}") for i, p in enumerate(clean_pairs(300, 100 + seed))
        ]
        assert found(subsets).severity == "ok"


@pytest.mark.parametrize("share", [0.6, 0.8])
def test_a_word_that_labels_often_prefer_is_none(share: float) -> None:
    pairs = marked(lambda t, _: middle(t, "certainly"), share)
    assert found(pairs).severity == "ok"


def test_words_that_a_short_answer_lacks_are_none() -> None:
    """Of a long winner and a short loser every word and mark tells the winner: that is length."""
    rng = np.random.default_rng(0)
    short = ["Yes.", "No.", "I doubt it.", "Maybe so.", "It is.", "Not at all.", "Perhaps."]
    pairs = [
        Pair(f"q{i}", sentence(rng, 60).replace(" and ", ", and "), str(rng.choice(short)), 1.0)
        for i in range(200)
    ]
    assert found(pairs).severity == "ok"
    tagged = [replace(p, response_a=f"{p.response_a}</s>") for p in pairs]
    assert "</s>" in found(tagged).said


def test_one_prompt_judged_often_is_one_piece_of_evidence() -> None:
    rng = np.random.default_rng(1)
    best = sentence(rng)
    pairs = [Pair("the same", best, sentence(rng), 1.0) for _ in range(80)]
    item = found(pairs)
    assert (item.severity, item.said[:14]) == ("ok", "Not looked for")


def test_pairs_without_a_decided_label_are_not_looked_at() -> None:
    pairs = marked(MARKS["a tag at the end"][0])
    for label in (0.5, None):
        item = found([replace(p, label=label) for p in pairs])
        assert item.said.startswith("Not looked for")
    mixed = [replace(p, label=None) if i % 3 else p for i, p in enumerate(pairs)]
    assert "in 100 of 100 decided pairs" in found(mixed).said


def test_a_mark_that_looks_private_is_not_repeated() -> None:
    item = found(marked(lambda t, _: f"{t} Write to ada@mail.example.org"))
    assert item.severity == "serious"
    assert "ada@mail" not in str(item.to_dict())
    assert "looks like personal data" in item.said


# -- a chat template, and time ---------------------------------------------------------------------


def test_the_end_of_turn_of_a_chat_template_is_named() -> None:
    source = read_pairs(ReadConfig(source=str(CASES / "B20b_eos_marker_400.jsonl.gz")))
    data = Checked(source.pairs, source.rejects, source.n_rows,
                   pair_components(source.pairs)[0], source.sides_drawn)  # fmt: skip
    (item,) = check_markers(data)
    assert item.severity == "serious"
    assert item.said == (
        "The preferred response ends with “<|im_end|>” in 400 of 400 decided pairs, the other one "
        "in 0"
    )


def test_long_texts_and_long_marks_take_seconds() -> None:
    rng = np.random.default_rng(0)
    texts = [(f"{sentence(rng, 2_000)}\n{'mark ' * 60}", sentence(rng, 2_000)) for _ in range(400)]
    before = time.monotonic()
    (one, *_) = find_markers(texts)
    assert one.text.count("mark") >= 30
    assert time.monotonic() - before < 20
