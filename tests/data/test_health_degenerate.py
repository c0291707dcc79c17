"""A subset that one thing decides is named, also where the whole looks balanced."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.health_pairs import checked, clean_pairs, exchanged, look, sentence
from wimhf.base import ReadConfig
from wimhf.data import read_pairs
from wimhf.data.health import Item
from wimhf.data.health.degenerate import check_degenerate
from wimhf.data.health.item import Checked
from wimhf.data.health.shortcuts import check_shortcuts
from wimhf.data.pairs import Pair
from wimhf.data.splits import pair_components

CASES = Path(__file__).resolve().parents[1] / "fixtures" / "cases"


def found(pairs: list[Pair], **given: object) -> Item:
    return look(pairs, check_degenerate, **given)["degenerate_subsets"]


def in_subsets(pairs: list[Pair], count: int) -> list[Pair]:
    return [replace(pair, subset=f"s{i % count}") for i, pair in enumerate(pairs)]


def longer_wins(n: int, name: str, *, longer: bool = True, share: float = 1.0, seed: int = 0) -> (
    list[Pair]
):  # fmt: skip
    rng = np.random.default_rng(seed)
    pairs = []
    for i in range(n):
        long, short = sentence(rng, 60), sentence(rng, 30)
        wins = (rng.random() < share) == longer
        first, second = (long, short) if rng.random() < 0.5 else (short, long)
        label = float((first == long) == wins)
        pairs.append(Pair(f"{name} {i}", first, second, label, subset=name))
    return pairs


def test_opposite_subsets_are_named_though_the_whole_is_balanced() -> None:
    pairs = [
        *longer_wins(80, "easy"), *longer_wins(80, "hard", longer=False, seed=1),
        *in_subsets(clean_pairs(300), 4),
    ]  # fmt: skip
    assert look(pairs, check_shortcuts)["length"].severity != "serious"
    item = found(pairs)
    assert (item.severity, item.count, item.of, item.unit) == ("warning", 2, 6, "subsets")
    assert "in easy the longer response wins 80 of 80 pairs (AUC of length 1.000)" in item.said
    assert "in hard the shorter response wins 80 of 80 pairs (AUC of length .000)" in item.said
    assert item.rows.tolist() == list(range(160))
    assert {one["subset"]: one["more_wins"] for one in item.figures["found"]} == {
        "easy": True, "hard": False,
    }  # fmt: skip
    assert item.advice


@pytest.mark.parametrize(("share", "told"), [(0.97, True), (0.75, False)])
def test_it_has_to_decide_nearly_everything(share: float, told: bool) -> None:
    pairs = [*longer_wins(120, "easy", share=share), *in_subsets(clean_pairs(300), 4)]
    assert (found(pairs).severity == "warning") == told


def test_one_mark_that_decides_a_subset_is_named() -> None:
    rng = np.random.default_rng(2)
    mine = [
        replace(p, subset="mine", response_a=f"**note** {p.response_a}", label=1.0)
        for p in clean_pairs(60, 5)
    ]
    mine = exchanged(mine, rng.random(60) < 0.5)
    item = found([*in_subsets(clean_pairs(300), 3), *mine])
    assert "in mine the response that, more than the other, uses bold" in item.said
    assert "wins 60 of 60 pairs" in item.said


def test_a_part_of_the_source_is_a_subset_where_no_column_names_one() -> None:
    pairs = [
        *longer_wins(80, "easy"), *longer_wins(80, "hard", longer=False, seed=1), *clean_pairs(200)
    ]  # fmt: skip
    data = checked([replace(pair, subset=None) for pair in pairs])
    parts = pl.Series("source", ["a.jsonl"] * 80 + ["b.jsonl"] * 80 + ["c.jsonl"] * 200)
    (item,) = check_degenerate(replace(data, pairs=data.pairs.with_columns(parts)))
    assert "in a.jsonl the longer response wins 80 of 80" in item.said
    assert item.count == 2


def test_the_order_decides_a_subset_where_it_has_a_meaning() -> None:
    mine = [replace(p, subset="mine", label=1.0) for p in clean_pairs(60, 5)]
    pairs = [*in_subsets(clean_pairs(300), 3), *mine]
    assert "in mine the first listed response wins 60 of 60" in found(pairs).said
    assert found(pairs, sides_drawn=True).severity == "ok"
    turned = exchanged(pairs, [True] * len(pairs))
    assert found(turned).to_dict() == found(pairs).to_dict()


def test_what_decides_the_whole_is_told_elsewhere() -> None:
    pairs = [*longer_wins(100, "one"), *longer_wins(100, "two", seed=1)]
    assert found(pairs).severity == "ok"
    assert look(pairs, check_shortcuts)["length"].severity == "serious"


def test_random_labels_raise_no_alarm_over_many_subsets() -> None:
    """In 30 data sets of up to 150 subsets: 1 % of data sets may, by the level."""
    alarms = 0
    for seed in range(30):
        count = [5, 40, 150][seed % 3]
        pairs = in_subsets(clean_pairs(count * (21 if seed % 2 else 30), seed), count)
        alarms += found(pairs).severity != "ok"
    assert alarms <= 1


def test_one_prompt_is_one_piece_of_evidence() -> None:
    rng = np.random.default_rng(0)
    mine = [
        Pair("the same", sentence(rng, 60), sentence(rng, 30), 1.0, subset="mine")
        for _ in range(80)
    ]
    assert found([*in_subsets(clean_pairs(300), 3), *mine]).severity == "ok"
    apart = [replace(p, prompt="") for p in mine]  # without prompts every pair stands alone
    assert found([*in_subsets(clean_pairs(300), 3), *apart]).severity == "warning"


@pytest.mark.parametrize("pairs", [
    clean_pairs(60), [replace(p, subset="one") for p in clean_pairs(60)],
    in_subsets(clean_pairs(60), 30), [replace(p, label=None) for p in longer_wins(60, "a")],
], ids=["no subsets", "one subset", "tiny subsets", "unlabelled"])  # fmt: skip
def test_too_little_is_not_looked_at(pairs: list[Pair]) -> None:
    item = found(pairs)
    assert item.severity == "ok"
    assert item.said.startswith("Not looked for")


def test_subsets_that_length_decides_in_opposite_directions() -> None:
    source = read_pairs(ReadConfig(source=str(CASES / "B10b_subset_length_240.jsonl.gz")))
    data = Checked(source.pairs, source.rejects, source.n_rows,
                   pair_components(source.pairs)[0], source.sides_drawn)  # fmt: skip
    (item,) = check_degenerate(data)
    assert item.severity == "warning"
    aucs = {one["subset"]: one["auc"] for one in item.figures["found"] if one["cue"] == "length"}
    assert aucs == {"alpaca-easy": pytest.approx(1.0), "adver-neighbor": pytest.approx(0.0)}
