"""A planted flaw is found in the rows that have it, and clean pairs have none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.health_pairs import (
    FLAWS,
    Flaw,
    checked,
    clean_pairs,
    contradict,
    first_words,
    look,
    plant,
)
from wimhf.data.health import Item, check_health
from wimhf.data.pairs import Pair

N = 1200


def looked_at(pairs: list[Pair], **given: Any) -> dict[str, Item]:
    return look(pairs, cut=first_words(pairs), **given)


def scored(n: int = N) -> list[Pair]:
    """Return clean pairs in which the better response has the higher score."""
    return [replace(pair, strength=1.0) for pair in clean_pairs(n)]


def test_nothing_is_wrong_with_clean_pairs() -> None:
    found = looked_at(scored())
    assert {item.id: item.said for item in found.values() if item.severity != "ok"} == {}
    assert {id for id in FLAWS if found[id].count != 0 or found[id].rows.size} == set()
    assert all(not item.advice for item in found.values())
    assert found["languages"].figures["mix"].keys() == {"English"}


@pytest.mark.parametrize(
    ("id", "count"), [(id, count) for id, flaw in FLAWS.items() for count in flaw.grades]
)
def test_a_planted_flaw_is_found_in_its_rows_and_graded(id: str, count: int) -> None:
    flaw, pairs = FLAWS[id], scored()
    rows = plant(flaw.plant, pairs, count)
    item = looked_at(pairs)[id]
    assert item.rows.tolist() == rows
    assert item.count == len(rows)
    assert item.share == pytest.approx(len(rows) / (item.of or 0))
    assert item.said.startswith(f"{len(rows):,} of {item.of:,} pairs (")
    assert item.severity == flaw.grades[count]
    assert bool(item.advice) == (item.severity != "ok")


@pytest.mark.parametrize(("id", "flaw"), FLAWS.items(), ids=FLAWS)
def test_a_planted_flaw_raises_only_what_it_brings_with_it(id: str, flaw: Flaw) -> None:
    pairs = scored()
    plant(flaw.plant, pairs, 1)
    wrong = {item.id for item in looked_at(pairs).values() if item.severity != "ok"}
    assert wrong == flaw.brings | ({id} if flaw.grades[1] != "ok" else set())


def test_the_panel_counts_its_findings_and_names_the_pairs_behind_them() -> None:
    pairs = scored(60)
    plant(contradict, pairs, 2)
    data = checked(pairs)
    health = check_health(data)
    told = health.to_dict()
    assert sum(told["counts"].values()) == len(health.items)
    behind = health.pairs(data.pairs["pair_id"])
    for item in health.items:
        part = behind.filter(item=item.id)
        assert part["pair"].to_list() == item.rows.tolist()
        assert part["pair_id"].to_list() == data.pairs["pair_id"].gather(item.rows).to_list()
