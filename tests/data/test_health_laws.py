"""Laws of the whole panel: sides and order change nothing, figures are JSON, nothing raises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.health_pairs import (
    FLAWS,
    SPOKEN,
    checked,
    clean_pairs,
    exchanged,
    first_words,
    judged,
    look,
    plant,
)
from wimhf.data.health import Health, Item, check_health
from wimhf.data.pairs import Pair, RowReject, reject_table

RESAMPLED = {"length", "formatting"}
"""Their intervals are drawn, so that they move a little with the order of the rows."""
NAMES_ONE_OF_TWINS = {"duplicates", "near_duplicates"}
"""Of equal pairs, the later ones are behind these."""


def flawed_pairs(n: int = 400) -> list[Pair]:
    """Draw pairs with every flaw, annotators who disagree, and subsets."""
    rng = np.random.default_rng(3)
    pairs = []
    for i, pair in enumerate(clean_pairs(n)):
        bold, text = rng.random() < 0.5, pair.response_a
        given = {
            "strength": float(rng.integers(1, 4)),
            "subset": "ab"[i % 2],
            "annotator": f"annotator {i % 3}",
            "response_a": f"**note**\n\n- {text} {text}" if bold else text,
            "label": float(bold) if rng.random() < 0.4 else float(rng.choice([0.25, 1.0, 1.0])),
        }
        pairs.append(replace(pair, **given))
    for seed, flaw in enumerate(FLAWS.values()):
        plant(flaw.plant, pairs, 5, seed)
    sure = {f"annotator {i}": 0.9 for i in range(4)}
    pairs += judged(40, sure | {"annotator 4": 0.3}, seed=9)
    return exchanged(pairs, rng.random(len(pairs)) < 0.5)


def panel(pairs: list[Pair], **given: Any) -> dict[str, Item]:
    rejects = reject_table([(1, RowReject("empty response", "response A has no text"))])
    known: dict[str, Any] = {"cut": first_words(pairs), "rejects": rejects} | given
    return look(pairs, **known)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every number and text of nested figures under its path."""
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from leaves(inside, f"{path}/{name}")
    elif isinstance(value, list):
        for number, inside in enumerate(value):
            yield from leaves(inside, f"{path}/{number}")
    else:
        yield path, value


def same_finding(one: Item, other: Item) -> None:
    """Check that two findings are one, figures up to rounding."""
    for name in ("id", "title", "severity", "count", "of", "unit", "advice"):
        assert (one.id, getattr(one, name)) == (one.id, getattr(other, name))
    if one.count is not None:
        assert one.said == other.said
    figures = dict(leaves(one.figures))
    assert figures == pytest.approx(dict(leaves(other.figures)), abs=1e-6)


def sound(health: Health, n: int) -> None:
    """Check what holds of any findings: strict JSON, rows that exist, shares of one at most."""
    told = health.to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert len({item.id for item in health.items}) == len(health.items)
    for item in health.items:
        assert item.severity in ("ok", "note", "warning", "serious")
        assert item.said
        rows = item.rows.tolist()
        assert rows == sorted(set(rows))
        assert not rows or 0 <= rows[0] <= rows[-1] < n
        if item.count is not None and item.of is not None:
            assert 0 <= item.count <= item.of
            assert item.unit != "pairs" or len(rows) in (0, item.count)


# -- exchanging sides, and the order of rows ------------------------------------------------------


def test_the_flawed_pairs_have_every_flaw() -> None:
    found = panel(flawed_pairs())
    wrong = {item.id for item in found.values() if item.severity != "ok"}
    assert wrong >= (FLAWS.keys() - {"refusals", "broken"}) | RESAMPLED | {"left_out", "prompts"}
    assert wrong >= {"position", "agreement", "far_annotators"}
    assert all(found[id].count for id in ("refusals", "broken"))


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_exchanging_the_responses_of_any_pairs_changes_no_finding(share: float) -> None:
    pairs = flawed_pairs()
    turned = exchanged(pairs, np.random.default_rng(1).random(len(pairs)) < share)
    together = checked(pairs).component
    before, after = (panel(given, component=together) for given in (pairs, turned))
    assert before.keys() == after.keys()
    for id, item in before.items():
        same_finding(item, after[id])
        assert item.rows.tolist() == after[id].rows.tolist()


def test_the_order_of_rows_only_reorders_the_rows_behind_a_finding() -> None:
    pairs = flawed_pairs()
    order = np.random.default_rng(2).permutation(len(pairs))
    moved = [pairs[i] for i in order]
    before, after = panel(pairs), panel(moved)
    contents = [
        table.pairs["pair_id"].str.head(16).to_numpy() for table in (checked(pairs), checked(moved))
    ]
    for id, item in before.items():
        other = after[id]
        assert (id, item.count, item.of) == (id, other.count, other.of)
        if id in NAMES_ONE_OF_TWINS:
            assert len(item.rows) == len(other.rows)
        else:
            assert item.rows.tolist() == sorted(order[other.rows].tolist())
        if id == "duplicates":
            assert sorted(contents[0][item.rows]) == sorted(contents[1][other.rows])
        if id not in RESAMPLED:
            same_finding(item, other)
    for id in RESAMPLED:
        values = [found[id].figures["auc"]["value"] for found in (before, after)]
        assert values[0] == pytest.approx(values[1], abs=1e-9 if id == "length" else 0.03)


def test_the_same_pairs_have_the_same_findings() -> None:
    pairs = flawed_pairs()
    one, other = (panel(pairs) for _ in range(2))
    assert [i.to_dict() for i in one.values()] == [i.to_dict() for i in other.values()]


# -- hostile data ---------------------------------------------------------------------------------

ODD = ["🦩👩‍🔬", "שלום \u202eעולם", "a\x00b", "\u2028\u0085x", "e\u0301" * 50, "<script>", "..."]
BASE = clean_pairs(60)
HOSTILE: dict[str, list[Pair]] = {
    "one pair": BASE[:1],
    "two pairs": BASE[:2],
    "all ties": [replace(p, label=0.5) for p in BASE],
    "all unlabelled": [replace(p, label=None) for p in BASE],
    "one label": BASE[:1] + [replace(p, label=None) for p in BASE[1:]],
    "all on one side": [replace(p, label=1.0) for p in BASE],
    "all fractions": [replace(p, label=0.3) for p in BASE],
    "all identical": [replace(BASE[0], annotator=f"annotator {i % 4}") for i in range(60)],
    "responses identical": [replace(p, response_b=p.response_a) for p in BASE],
    "one response": [replace(p, response_a="the same") for p in BASE],
    "one prompt": [replace(p, prompt="the same") for p in BASE],
    "no prompts": [replace(p, prompt="") for p in BASE],
    "odd texts": [
        Pair(ODD[i % 7], ODD[i % 6], ODD[i % 5] + ODD[i % 4], float(i % 2), annotator=ODD[i % 3])
        for i in range(60)
    ],
    "very long": [replace(BASE[0], response_a="word " * 20_000), *BASE[1:]],
    "very long without spaces": [replace(BASE[0], response_b="a" * 100_000), *BASE[1:]],
    "no words": [replace(p, response_a="🦩" * (i + 1), prompt="") for i, p in enumerate(BASE)],
    "one annotator": [replace(p, annotator="ada") for p in BASE],
    "an annotator of one pair": [replace(BASE[0], annotator="ada"), *BASE[1:]],
    "annotators without labels": [replace(p, annotator="ada", label=None) for p in BASE],
    "ties by many": [replace(p, label=0.5) for p in judged(30, dict.fromkeys("abc", 0.9))],
    "scores of ties": [replace(p, strength=-1.0, label=0.5) for p in BASE],
    "one subset": [replace(p, subset="") for p in BASE],
}


@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize("pairs", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pairs_are_examined_like_any(pairs: list[Pair], drawn: bool) -> None:
    data = checked(pairs, cut=first_words(pairs), sides_drawn=drawn)
    health = check_health(data)
    sound(health, len(pairs))
    behind = health.pairs(data.pairs["pair_id"])
    assert len(behind) == sum(len(item.rows) for item in health.items)


def test_an_annotator_column_of_nulls_names_no_annotator() -> None:
    data = checked(BASE)
    empty = pl.lit(None, pl.String).alias("annotator")
    health = check_health(replace(data, pairs=data.pairs.with_columns(empty)))
    sound(health, len(BASE))
    assert health.groups["Annotators"][0].said == "No labelled pair names its annotator"


def test_every_row_left_out_is_still_an_examination() -> None:
    rejects = reject_table([(i, RowReject("no label")) for i in range(99)])
    sound(check_health(checked(BASE[:1], rejects=rejects, n_rows=100)), 1)


TEXTS = st.one_of(
    st.text(alphabet="ab .,\n*-`@0é中あא🦩", max_size=12),
    st.sampled_from(["I can't help.", "a@b.org", " ".join(SPOKEN * 2), "the and", "👩‍🔬"]),
)


def small_pair(values: dict[str, Any]) -> Pair | None:
    try:
        return Pair(**values)
    except RowReject:
        return None


PAIRS = st.fixed_dictionaries(
    {
        "prompt": TEXTS,
        "response_a": TEXTS,
        "response_b": TEXTS,
        "label": st.sampled_from([0.0, 1.0, 0.5, 0.25, None]),
        "annotator": st.sampled_from([None, "ada", "bob", "unit", ""]),
        "subset": st.sampled_from([None, "x", "y"]),
        "strength": st.sampled_from([None, -1.0, 0.0, 2.5]),
        "swapped": st.booleans(),
    }
).map(small_pair)
TABLES = st.lists(st.tuples(PAIRS, st.booleans()), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(TABLES, st.booleans())
def test_small_tables_keep_the_laws(rows: list[tuple[Pair | None, bool]], drawn: bool) -> None:
    kept = [(pair, turn) for pair, turn in rows if pair is not None]
    if not kept:
        return
    pairs, turns = (list(column) for column in zip(*kept, strict=True))
    together = {"component": checked(pairs).component, "sides_drawn": drawn}
    before = panel(pairs, **together)
    sound(Health({"all": list(before.values())}), len(pairs))
    after = panel(exchanged(pairs, turns), **together)
    for id, item in before.items():
        same_finding(item, after[id])
        assert item.rows.tolist() == after[id].rows.tolist()
