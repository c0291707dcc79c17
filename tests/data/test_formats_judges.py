from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.family_rows import ALPACA, AUTO_J, PANDALM, Row, only, rejected
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.families.alpaca import AlpacaEval
from wimhf.data.formats.families.auto_j import AutoJ
from wimhf.data.formats.families.pandalm import PandaLM
from wimhf.data.formats.family import Family
from wimhf.data.pairs import Pair, RowReject

DATA = Path(__file__).parents[3] / "shared" / "data"


def published(name: str) -> list[Row]:
    """Load the rows of a published file, or skip the test."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{path} is not on this machine")
    if path.suffix == ".parquet":
        return pl.read_parquet(path).to_dicts()
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".jsonl" in path.suffixes:
        return [json.loads(line) for line in text.decode().split("\n") if line]
    rows: list[Row] = json.loads(text)
    return rows


def read(family: Family, rows: list[Row]) -> tuple[list[Pair], Counter[str]]:
    """Parse rows that must be the family's; return the pairs and the rejects' reasons."""
    assert family.matches(Sample.of(rows[:200]))
    pairs: list[Pair] = []
    reasons: Counter[str] = Counter()
    for row in rows:
        try:
            parsed = family.parse(row)
        except RowReject as reject:
            parsed = [reject]
        for one in parsed:
            if isinstance(one, Pair):
                pairs.append(one)
            else:
                reasons[one.reason] += 1
    return pairs, reasons


# -- AlpacaEval --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preference", "label"),
    [
        (1, 1.0), (2, 0.0), (1.5, 0.5), (0, 0.5), (0.0, 0.5), ("1", 1.0), ("1.25", 0.75),
        (1.0000005, 0.9999995),
    ],
)  # fmt: skip
def test_alpaca_preferences(preference: object, label: float) -> None:
    pair = only(AlpacaEval(), ALPACA | {"preference": preference})
    assert pair.label == pytest.approx(label, abs=1e-12)


@settings(deadline=None)
@given(st.floats(1, 2))
def test_alpaca_keeps_the_fraction(preference: float) -> None:
    label = only(AlpacaEval(), ALPACA | {"preference": preference}).label
    assert label is not None
    assert label + (preference - 1) == pytest.approx(1)


@pytest.mark.parametrize(
    ("preference", "reason"),
    [
        (None, "failed judgement"), ("", "failed judgement"), (float("nan"), "failed judgement"),
        (3, "label out of range"), (0.5, "label out of range"), (-1, "label out of range"),
        ("2.1", "label out of range"), ("output_1", "label is not understood"),
        (True, "label is not understood"), ([1], "label is not understood"),
        (float("inf"), "label is not understood"), (10**400, "label is not understood"),
    ],
)  # fmt: skip
def test_alpaca_preferences_that_are_none(preference: object, reason: str) -> None:
    assert rejected(AlpacaEval(), ALPACA | {"preference": preference}).reason == reason


def test_alpaca_without_a_preference_is_a_failed_judgement() -> None:
    row = {name: value for name, value in ALPACA.items() if name != "preference"}
    assert rejected(AlpacaEval(), row).reason == "failed judgement"


def test_alpaca_keeps_what_the_source_says_about_a_pair() -> None:
    assert only(AlpacaEval(), ALPACA) == Pair(
        prompt="Name some actors who began on Broadway.",
        response_a="Several actors did.",
        response_b=" There are many.",
        label=0.75,
        annotator="weighted_alpaca_eval_gpt4_turbo",
        model_a="gpt4_1106_preview",
        model_b="phi-2-sft",
        subset="helpful_base",
    )


def test_alpaca_generator_may_be_unnumbered() -> None:
    row = {name.replace("generator_1", "generator"): value for name, value in ALPACA.items()}
    assert only(AlpacaEval(), row) == only(AlpacaEval(), ALPACA)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"output_1": None}, "missing output_1"),
        ({"output_2": ""}, "empty response"),
        ({"output_2": ["x"]}, "output_2 is not text"),
        ({"instruction": 3}, "instruction is not text"),
        ({"instruction": None}, "missing instruction"),
    ],
)
def test_alpaca_rejects(change: Row, reason: str) -> None:
    assert rejected(AlpacaEval(), ALPACA | change).reason == reason


def test_alpaca_annotations_as_published() -> None:
    rows = published("alpaca_eval_annotations_phi2sft.json.gz")
    pairs, reasons = read(AlpacaEval(), rows)
    assert (len(pairs), len(reasons)) == (805, 0)
    labels = [pair.label for pair in pairs if pair.label is not None]
    assert labels == pytest.approx([2 - row["preference"] for row in rows], abs=1e-12)
    assert sum(0 < label < 1 for label in labels) > 500
    assert len({pair.subset for pair in pairs}) == 5
    assert {(pair.model_a, pair.model_b) for pair in pairs} == {("gpt4_1106_preview", "phi-2-sft")}


def test_alpaca_annotations_of_29_models() -> None:
    pairs, reasons = read(AlpacaEval(), published("alpaca_eval_29_models.parquet"))
    assert (len(pairs), len(reasons)) == (23_341, 0)
    assert len({pair.prompt for pair in pairs}) == 805
    assert len({pair.model_b for pair in pairs}) == 29
    assert sum(pair.label == 0.5 for pair in pairs) == 75


# -- Auto-J ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "label"),
    [(0, 1.0), (1, 0.0), (2, 0.5), ("0", 1.0), (" 1 ", 0.0), (2.0, 0.5), (None, None), ("", None)],
)
def test_auto_j_labels(value: object, label: float | None) -> None:
    assert only(AutoJ(), AUTO_J | {"label": value}).label == label


@pytest.mark.parametrize(
    "value", [3, -1, 0.5, True, False, "first", "inf", float("inf"), [0], {"label": 0}, 10**400]
)
def test_auto_j_labels_that_are_none(value: object) -> None:
    assert rejected(AutoJ(), AUTO_J | {"label": value}).reason == "label is not understood"


def test_auto_j_keeps_what_the_source_says_about_a_pair() -> None:
    assert only(AutoJ(), AUTO_J) == Pair(
        prompt="Summarize the post.",
        response_a=" A friend told me.",
        response_b=" I told a friend.",
        label=0.0,
        subset="post_summarization",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"response 1": None}, "missing response 1"),
        ({"response 2": "\n"}, "empty response"),
        ({"response 2": {"text": "x"}}, "response 2 is not text"),
        ({"prompt": ["q"]}, "prompt is not text"),
    ],
)
def test_auto_j_rejects(change: Row, reason: str) -> None:
    assert rejected(AutoJ(), AUTO_J | change).reason == reason


def test_auto_j_as_published() -> None:
    rows = published("auto_j_pairwise.jsonl")
    pairs, reasons = read(AutoJ(), rows)
    assert len(rows) == 1392
    assert reasons == {"empty response": 1}
    assert Counter(pair.label for pair in pairs) == {1.0: 519, 0.0: 499, 0.5: 373}
    assert len({pair.subset for pair in pairs}) == 58


# -- PandaLM -----------------------------------------------------------------------------------


def annotations(row: Row) -> list[Any]:
    """Return each annotator's label, or the reason why there is none."""
    return [one.label if isinstance(one, Pair) else one.reason for one in PandaLM().parse(row)]


def test_pandalm_has_a_pair_per_annotator() -> None:
    pairs = PandaLM().parse(PANDALM)
    assert annotations(PANDALM) == [0.0, 1.0, 0.5]
    assert [pair.annotator for pair in pairs if isinstance(pair, Pair)] == [
        "annotator1", "annotator2", "annotator3",
    ]  # fmt: skip
    assert pairs[0] == Pair(
        prompt="Make the sentence concise.\n\nIf you have any questions about my rate, ask.",
        response_a="Ask about my rate.",
        response_b="Ask.",
        label=0.0,
        annotator="annotator1",
        model_a="bloom-7b",
        model_b="llama-7b",
    )


def test_pandalm_may_have_any_number_of_annotators_in_any_order() -> None:
    row = {name: value for name, value in PANDALM.items() if not name.startswith("annotator")}
    more = {f"annotator{n}": n % 3 for n in (10, 2, 1)}
    pairs = PandaLM().parse(row | more | {"annotator": 1, "annotator_x": 2})
    assert [(pair.annotator, pair.label) for pair in pairs if isinstance(pair, Pair)] == [
        ("annotator1", 1.0), ("annotator2", 0.0), ("annotator10", 1.0),
    ]  # fmt: skip
    assert len(pairs) == 3


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "missing annotation"), ("", "missing annotation"),
        (3, "label is not understood"), ("response1", "label is not understood"),
        (True, "label is not understood"), (0.5, "label is not understood"),
        ([1], "label is not understood"), (float("inf"), "label is not understood"),
    ],
)  # fmt: skip
def test_pandalm_rejects_one_annotation_alone(value: object, reason: str) -> None:
    assert annotations(PANDALM | {"annotator2": value}) == [0.0, reason, 0.5]


@pytest.mark.parametrize("value", [None, ""])
def test_pandalm_nobody_annotated(value: object) -> None:
    nothing = {f"annotator{n}": value for n in (1, 2, 3)}
    pair = only(PandaLM(), PANDALM | nothing)
    assert (pair.label, pair.annotator) == (None, None)


@pytest.mark.parametrize("given", ["", "  \n", None])
def test_pandalm_without_an_input_asks_the_instruction(given: object) -> None:
    pairs = PandaLM().parse(PANDALM | {"input": given})
    assert {pair.prompt for pair in pairs if isinstance(pair, Pair)} == {
        "Make the sentence concise."
    }


@pytest.mark.parametrize("key", [None, "bloom-7b", "a_b_c", 7, ["a", "b"]])
def test_pandalm_models_are_named_where_the_key_names_two(key: object) -> None:
    pairs = PandaLM().parse(PANDALM | {"cmp_key": key})
    assert {pair.model_a for pair in pairs if isinstance(pair, Pair)} == {None}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"response1": True}, "response1 is not text"),
        ({"response2": None}, "missing response2"),
        ({"response2": " "}, "empty response"),
        ({"instruction": None}, "missing instruction"),
        ({"input": ["x"]}, "input is not text"),
    ],
)
def test_pandalm_rejects(change: Row, reason: str) -> None:
    assert rejected(PandaLM(), PANDALM | change).reason == reason


def test_pandalm_as_published() -> None:
    rows = published("pandalm_three_annotators.json")
    pairs, reasons = read(PandaLM(), rows)
    assert len(rows) == 999
    # 54 rows have an empty response; in 6 a response became a JSON boolean
    assert reasons == {"empty response": 54, "response1 is not text": 4, "response2 is not text": 2}
    assert len(pairs) == 3 * (999 - 54 - 6)
    assert Counter(pair.annotator for pair in pairs) == {
        f"annotator{n}": len(pairs) // 3 for n in (1, 2, 3)
    }
    labels = [row[f"annotator{n}"] for row in rows for n in (1, 2, 3)]
    assert len(labels) == 2997
    told = [annotations(row | {"response1": "x", "response2": "y"}) for row in rows]
    assert Counter(label for row in told for label in row) == {
        1.0: labels.count(1), 0.0: labels.count(2), 0.5: labels.count(0),
    }  # fmt: skip
