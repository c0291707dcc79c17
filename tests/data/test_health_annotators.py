"""Agreement by its definition and its published example; who votes at random is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.health_pairs import clean_pairs, judged, look
from wimhf.data.health import Item
from wimhf.data.health.annotators import check_annotators, krippendorff
from wimhf.data.pairs import Pair

Ints = NDArray[np.int64]
OBSERVERS = """
    1 2 3 3 2 1 4 1 2 . . .
    1 2 3 3 2 2 4 1 2 5 . 3
    . 3 3 3 2 3 4 2 2 5 1 .
    1 2 3 3 2 4 4 1 2 5 1 .
"""
"""Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C."""
FIVE = dict.fromkeys(["ada", "bob", "cyd", "dot", "eve"], 0.95)


def look_at(pairs: list[Pair], **given: Any) -> dict[str, Item]:
    return look(pairs, check_annotators, **given)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def alpha_by_definition(unit: Ints, vote: Ints) -> float:
    """Return 1 - observed / expected disagreement, over all ordered pairs of pairable votes."""
    inside = [vote[unit == u] for u in np.unique(unit)]
    inside = [votes for votes in inside if len(votes) > 1]
    values = np.concatenate(inside)
    observed = sum(
        sum(a != b for a, b in permutations(votes.tolist(), 2)) / (len(votes) - 1)
        for votes in inside
    ) / len(values)
    apart = sum(a != b for a, b in permutations(values.tolist(), 2))
    return 1 - float(observed) / (apart / (len(values) * (len(values) - 1)))


def kappa_by_definition(one: list[int], other: list[int]) -> float:
    a, b = np.array(one), np.array(other)
    chance = sum(float((a == c).mean() * (b == c).mean()) for c in {*one, *other})
    return (float((a == b).mean()) - chance) / (1 - chance)


# -- Krippendorff's alpha -------------------------------------------------------------------------


def test_alpha_of_the_published_example() -> None:
    lines = [line.split() for line in OBSERVERS.strip().splitlines()]
    votes = [(u, int(v) - 1) for line in lines for u, v in enumerate(line) if v != "."]
    unit, vote = np.array(votes, dtype=np.int64).T
    assert krippendorff(unit, vote, rng()).value == pytest.approx(0.743, abs=5e-4)
    assert alpha_by_definition(unit, vote) == pytest.approx(0.743, abs=5e-4)


@pytest.mark.parametrize("seed", range(5))
def test_alpha_agrees_with_its_definition_on_random_votes(seed: int) -> None:
    draw = np.random.default_rng(seed)
    unit = draw.integers(40, size=90)
    vote = np.where(draw.random(90) < 0.6, unit % 4, draw.integers(4, size=90))
    found = krippendorff(unit, vote, draw)
    assert found.value == pytest.approx(alpha_by_definition(unit, vote))
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


def test_alpha_of_perfect_and_of_random_votes() -> None:
    unit, truth = np.repeat(np.arange(400), 3), np.random.default_rng(1).integers(3, size=400)
    perfect = krippendorff(unit, np.repeat(truth, 3), rng())
    assert (perfect.value, perfect.low, perfect.high) == (1.0, 1.0, 1.0)
    chance = krippendorff(unit, np.random.default_rng(2).integers(3, size=1200), rng())
    assert chance.low is not None
    assert chance.high is not None
    assert chance.low < 0 < chance.high


# -- the findings ---------------------------------------------------------------------------------


def votes_by_text(pairs: list[Pair]) -> Iterator[tuple[str, str, int]]:
    """Yield what was judged, by whom, and 2 where the lesser text won, 1 for a tie, 0 else."""
    for p in pairs:
        low_won = p.label if p.response_a <= p.response_b else 1 - (p.label or 0.0)
        yield p.prompt, str(p.annotator), int(np.sign((low_won or 0.0) - 0.5)) + 1


def test_agreement_is_measured_on_what_won_and_not_on_which_side_it_stood() -> None:
    pairs = judged(60, {"ada": 0.9, "bob": 0.8, "cyd": 0.7})
    pairs = [replace(p, label=0.5) if i % 17 == 0 else p for i, p in enumerate(pairs)]
    units, names, votes = zip(*votes_by_text(pairs), strict=True)
    number = np.unique(units, return_inverse=True)[1]
    figures = look_at(pairs)["agreement"].figures
    assert figures["shared_pairs"] == 60
    assert figures["alpha"]["value"] == pytest.approx(
        alpha_by_definition(number, np.array(votes, dtype=np.int64))
    )
    by = {name: [v for n, v in zip(names, votes, strict=True) if n == name] for name in set(names)}
    kappas = [kappa_by_definition(by[a], by[b]) for a, b in combinations(sorted(by), 2)]
    assert figures["kappa"] == pytest.approx(np.mean(kappas))


def test_kappa_weighs_two_annotators_by_the_pairs_they_share() -> None:
    pairs = judged(90, {"ada": 0.9, "bob": 0.8, "cyd": 0.7}, turned=False)
    kept = [p for i, p in enumerate(pairs) if not (p.annotator == "cyd" and i // 3 >= 30)]
    votes: dict[str, dict[str, int]] = {}
    for unit, name, vote in votes_by_text(kept):
        votes.setdefault(name, {})[unit] = vote
    parts = []
    for a, b in combinations(sorted(votes), 2):
        both = sorted(votes[a].keys() & votes[b].keys())
        one, other = ([votes[name][unit] for unit in both] for name in (a, b))
        parts.append((kappa_by_definition(one, other), len(both)))
    assert sorted(weight for _, weight in parts) == [30, 30, 90]
    expected = sum(k * w for k, w in parts) / 150
    assert look_at(kept)["agreement"].figures["kappa"] == pytest.approx(expected)


def test_annotators_who_agree_are_in_order() -> None:
    found = look_at(judged(100, FIVE))
    assert {item.severity for item in found.values()} == {"ok"}
    assert found["annotators"].figures == {
        "annotators": 5, "median": 100.0, "fewest": 100, "most": 100, "under_10": 0,
    }  # fmt: skip
    assert (found["far_annotators"].count, found["far_annotators"].of) == (0, 5)


@pytest.mark.parametrize(("chance", "severity"), [(0.86, "note"), (0.7, "warning")])
def test_low_agreement_is_graded(chance: float, severity: str) -> None:
    item = look_at(judged(400, dict.fromkeys("abc", chance)))["agreement"]
    assert item.severity == severity
    assert item.figures["alpha"]["value"] == pytest.approx((2 * chance - 1) ** 2, abs=0.08)


def test_who_votes_at_random_is_named_with_all_their_labels() -> None:
    pairs = judged(120, FIVE | {"zoe": 0.5})
    item = look_at(pairs)["far_annotators"]
    assert (item.severity, item.count, item.of, item.unit) == ("warning", 1, 6, "annotators")
    assert "zoe (" in item.said
    assert item.figures["rates"][0]["annotator"] == "zoe"
    assert item.rows.tolist() == [i for i, p in enumerate(pairs) if p.annotator == "zoe"]


def test_an_annotator_who_judges_a_pair_again_has_one_vote_of_it() -> None:
    """The majority of their labels, whatever their order."""
    pairs = judged(60, FIVE)
    again = [replace(p, label=1.0 - (p.label or 0.0)) for p in pairs if p.annotator == "ada"]
    votes = [replace(p, label=0.5) if p.annotator == "ada" else p for p in pairs]
    expected = look_at(votes)
    for given in ([*pairs, *again], [*again, *pairs]):
        found = look_at(given)
        assert found["agreement"].figures == expected["agreement"].figures
        assert found["far_annotators"].count == 1
        assert found["far_annotators"].rows.tolist() == [
            i for i, p in enumerate(given) if p.annotator == "ada"
        ]
        assert found["annotators"].figures["most"] == 120


def test_rates_of_agreement_are_those_of_all_pairs_of_votes() -> None:
    pairs = judged(40, {"ada": 0.9, "bob": 0.8, "cyd": 0.6})
    votes = list(votes_by_text(pairs))
    for rate in look_at(pairs)["far_annotators"].figures["rates"]:
        agree = [
            vote == other_vote
            for unit, name, vote in votes
            for other_unit, other, other_vote in votes
            if unit == other_unit and name == rate["annotator"] != other
        ]
        assert rate["agreement"] == pytest.approx(np.mean(agree))
        assert rate["pairs"] == 40


def test_one_who_gave_most_labels_and_many_who_gave_few_are_noted() -> None:
    pairs = clean_pairs(100)
    one = [replace(p, annotator="ada" if i < 60 else "bob") for i, p in enumerate(pairs)]
    many = [replace(p, annotator=f"annotator {i // 5}") for i, p in enumerate(pairs)]
    assert look_at(one)["annotators"].severity == "note"
    found = look_at(many)["annotators"]
    assert (found.severity, found.figures["under_10"]) == ("note", 20)


def test_annotators_who_share_too_little_are_not_compared() -> None:
    found = look_at(judged(19, FIVE))
    for id in ("agreement", "far_annotators"):
        assert found[id].said.startswith("Not ")
        assert found[id].severity == "ok"
    found = look_at(judged(30, {"ada": 0.9, "bob": 0.9}))
    assert found["agreement"].figures["shared_pairs"] == 30
    assert found["far_annotators"].said.startswith("Not ")


def test_where_every_vote_is_the_same_agreement_is_not_measured() -> None:
    pairs = [replace(p, label=0.5) for p in judged(40, FIVE)]
    item = look_at(pairs)["agreement"]
    assert item.said.startswith("Not measured")
    assert item.severity == "ok"


@pytest.mark.parametrize("name", ["unit", "row", "vote", "annotator", "", "🦩"])
def test_an_annotator_may_have_any_name(name: str) -> None:
    pairs = judged(60, {"ada": 0.9, "bob": 0.9, name: 0.9})
    named = [replace(p, annotator="cyd" if p.annotator == name else p.annotator) for p in pairs]
    one, other = look_at(pairs)["agreement"], look_at(named)["agreement"]
    assert one.figures == other.figures


def test_a_pair_that_thousands_judged_is_compared_in_no_time() -> None:
    """Comparing each with each would take a table of 10^9 rows."""
    pair, others = clean_pairs(1)[0], judged(40, FIVE)
    crowd = [
        replace(pair, annotator=f"annotator {i}", label=float(i % 4 > 0)) for i in range(30_000)
    ]
    found = look_at([*crowd, *others])
    assert found["far_annotators"].of == 5
    assert found["annotators"].figures["annotators"] == 30_005
