"""Labels: what is missing, tied or one-sided, and what follows the order, a score or a shortcut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.health_pairs import clean_pairs, look, plant, turn_responses_only
from wimhf.data.health.labels import check_labels
from wimhf.data.health.shortcuts import check_shortcuts
from wimhf.data.pairs import Pair, RowReject, reject_table


@pytest.mark.parametrize(("count", "severity"), [(0, "ok"), (1, "note"), (13, "warning")])
def test_rows_left_out_are_counted_once_each_with_their_reasons(count: int, severity: str) -> None:
    twice = [(row, RowReject("empty response", "secret words")) for row in range(count)] * 2
    rejects = reject_table([*twice, *((row, RowReject("no label")) for row in range(count))])
    item = look(clean_pairs(40), check_labels, rejects=rejects, n_rows=613)["left_out"]
    assert (item.count, item.of, item.unit, item.severity) == (count, 613, "rows", severity)
    counts = {"empty response": 2 * count, "no label": count} if count else {}
    assert item.figures["reasons"] == counts
    assert "secret words" not in str(item.to_dict())


def test_few_labels_are_noted_and_said() -> None:
    item = look(clean_pairs(499), check_labels)["unlabelled"]
    assert (item.severity, item.count) == ("note", 0)
    assert "499" in item.said
    assert look(clean_pairs(500), check_labels)["unlabelled"].severity == "ok"


def test_fractions_are_counted_and_are_no_ties() -> None:
    pairs = [replace(pair, label=0.75) if i < 7 else pair for i, pair in enumerate(clean_pairs(60))]
    item = look(pairs, check_labels)["ties"]
    assert (item.count, item.figures["fractional"], item.severity) == (0, 7, "ok")
    assert "7 labels are fractions" in item.said


@pytest.mark.parametrize("label", [0.0, 1.0, 0.9])
def test_labels_that_all_name_one_side_are_serious(label: float) -> None:
    found = look([replace(pair, label=label) for pair in clean_pairs(60)], check_labels)
    assert found["balance"].severity == "serious"
    assert found["balance"].share == float(label > 0.5)
    assert found["position"].said == "Not measured: the labels do not differ"


@pytest.mark.parametrize("wins", [19, 20, 80, 81])
def test_lopsided_labels_are_a_warning(wins: int) -> None:
    pairs = [replace(pair, label=float(i < wins)) for i, pair in enumerate(clean_pairs(100))]
    item = look([*pairs, *(replace(p, label=0.5) for p in clean_pairs(9, 1))], check_labels)
    assert item["balance"].severity == ("ok" if 20 <= wins <= 80 else "warning")
    assert item["balance"].share == wins / 100


def test_a_handful_of_labels_on_one_side_may_be_chance() -> None:
    assert look(clean_pairs(1), check_labels)["balance"].severity == "ok"


def placed(share: float, n: int, seed: int) -> list[Pair]:
    """Let the first response win so often; six pairs share a prompt and sway together."""
    rng = np.random.default_rng(seed)
    sway = rng.choice([-0.25, 0.25], size=n)
    return [
        replace(pair, prompt=f"question {i // 6}", label=float(rng.random() < share + sway[i // 6]))
        for i, pair in enumerate(clean_pairs(n, seed))
    ]


@pytest.mark.parametrize("share", [0.5, 0.65])
def test_the_interval_of_position_bias_covers_the_planted_value(share: float) -> None:
    covered = 0
    for seed in range(120):
        figures = look(placed(share, 180, seed), check_labels)["position"].figures
        covered += figures["low"] <= 100 * share <= figures["high"]
    assert 109 <= covered < 120  # .95 of 120 is 114, with a standard error of 2.4


def test_position_bias_follows_the_source_and_not_the_table() -> None:
    pairs = placed(0.8, 600, 0)
    turned = [p.exchanged() if i % 2 else p for i, p in enumerate(pairs)]
    for given in (pairs, turned):
        found = look(given, check_labels)
        assert found["position"].severity == "serious"
        assert found["position"].figures["first_wins"] == pytest.approx(80, abs=5)
        assert found["balance"].share == pytest.approx(0.8, abs=0.05)


def test_more_pairs_of_the_same_bias_are_never_graded_milder() -> None:
    grades = []
    for n in (60, 240, 960):
        pairs = [replace(p, label=float(i % 8 < 5)) for i, p in enumerate(clean_pairs(n))]
        grades.append(look(pairs, check_labels)["position"].severity)
    order = ["ok", "note", "warning", "serious"]
    assert grades == sorted(grades, key=order.index)
    assert grades[-1] == "warning"


def test_what_depends_on_order_is_not_measured_where_the_order_is_the_label() -> None:
    pairs = [replace(pair, label=1.0) for pair in clean_pairs(60)]
    plant(turn_responses_only, pairs, 3)
    drawn = [p.exchanged() if i % 2 else p for i, p in enumerate(pairs)]
    found = look(drawn, sides_drawn=True)
    for id in ("balance", "position", "swapped"):
        assert (found[id].severity, found[id].count) == ("ok", None)
        assert "the source" in found[id].said.lower()
    assert found["contradictions"].count == 6


def test_a_score_conflicts_only_with_a_decided_label() -> None:
    pairs = [replace(pair, strength=-1.0) for pair in clean_pairs(40)]
    pairs[0] = replace(pairs[0], label=0.5)
    pairs[1] = replace(pairs[1], label=None)
    pairs[2] = replace(pairs[2], strength=None)
    pairs[3] = replace(pairs[3], strength=0.0)
    item = look(pairs, check_labels)["score_conflicts"]
    assert item.rows.tolist() == list(range(4, 40))
    assert (item.count, item.of, item.figures["equal"]) == (36, 37, 1)


# -- shortcuts ------------------------------------------------------------------------------------


def lengths(pair: Pair) -> int:
    return len(pair.response_a.split()) - len(pair.response_b.split())


def test_planted_length_is_measured_in_the_subset_that_has_it() -> None:
    pairs = [replace(p, subset="ab"[i % 2]) for i, p in enumerate(clean_pairs(800))]
    pairs = [replace(p, label=float(lengths(p) > 0)) if p.subset == "b" else p for p in pairs]
    item = look(pairs, check_shortcuts)["length"]
    by = {one["subset"]: one for one in item.figures["by_subset"]}
    assert {name: one["pairs"] for name, one in by.items()} == {"a": 400, "b": 400}
    assert by["a"]["auc"]["low"] < 0.5 < by["a"]["auc"]["high"]
    assert by["b"]["auc"]["low"] > 0.95
    assert item.figures["auc"]["low"] > 0.6
    assert item.severity == "warning"
    assert item.said.startswith("The longer response wins more")
    assert "the farthest is b" in item.said


def test_the_auc_of_length_is_the_chance_that_the_winner_is_longer() -> None:
    """Over both orientations, by its definition."""
    pairs = clean_pairs(300)
    pairs = [replace(p, label=0.5) if i % 10 == 0 else p for i, p in enumerate(pairs)]
    leads = [
        np.log1p(len(won.split())) - np.log1p(len(lost.split()))
        for p in pairs
        if p.label != 0.5
        for won, lost in [(p.response_a, p.response_b)[:: 1 if p.label else -1]]
    ]
    won, lost = np.array(leads)[:, None], -np.array(leads)[None, :]
    auc = np.mean((won > lost) + 0.5 * (won == lost))
    assert look(pairs, check_shortcuts)["length"].figures["auc"]["value"] == pytest.approx(auc)


@pytest.mark.parametrize("winner", ["longer", "shorter"])
def test_a_preference_for_length_names_its_direction(winner: str) -> None:
    pairs = [
        replace(p, label=float((lengths(p) > 0) == (winner == "longer"))) for p in clean_pairs()
    ]
    item = look(pairs, check_shortcuts)["length"]
    assert item.severity == "serious"
    assert item.said.startswith(f"The {winner} response wins more")


def test_a_length_that_never_wins_is_as_serious_as_one_that_always_does() -> None:
    pairs = [
        replace(p, response_b=f"{p.response_a} {p.response_b}", label=1.0) for p in clean_pairs(80)
    ]
    item = look(pairs, check_shortcuts)["length"]
    assert item.figures["auc"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert item.severity == "serious"
    assert item.said.startswith("The shorter response wins more")


def test_a_subset_column_that_names_no_groups_divides_nothing() -> None:
    pairs = [replace(pair, subset=f"row {i}") for i, pair in enumerate(clean_pairs())]
    assert look(pairs, check_shortcuts)["length"].figures["by_subset"] == []


def test_where_length_says_nothing_no_winner_is_named() -> None:
    item = look(clean_pairs(), check_shortcuts)["length"]
    assert item.severity == "ok"
    assert "wins more" not in item.said


def test_planted_bold_is_found_by_formatting_and_not_by_length() -> None:
    rng, pairs = np.random.default_rng(0), []
    for pair in clean_pairs():
        bold, plain = f"**note** {pair.response_a}", f"note {pair.response_b}"
        wins = float(rng.random() < 0.9)
        pairs.append(replace(pair, response_a=bold, response_b=plain, label=wins))
    pairs = [p.exchanged() if rng.random() < 0.5 else p for p in pairs]
    found = look(pairs, check_shortcuts)
    assert found["formatting"].severity == "serious"
    assert found["formatting"].figures["auc"]["value"] == pytest.approx(0.9, abs=0.05)
    assert found["length"].severity == "ok"


def test_formatting_that_does_not_differ_is_not_called_absent() -> None:
    pairs = [
        replace(p, response_a=f"**note** {p.response_a}", response_b=f"**note** {p.response_b}")
        for p in clean_pairs(60)
    ]
    item = look(pairs, check_shortcuts)["formatting"]
    assert item.severity == "ok"
    assert item.said == "The two responses are formatted alike in every pair"


def test_formatting_that_predicts_nothing_is_no_finding() -> None:
    """Out of fold a balanced column predicts worse than chance, which is no preference."""
    pairs = [
        replace(p, response_a=f"**note** {p.response_a}", label=float(i % 2))
        for i, p in enumerate(clean_pairs(60))
    ]
    items = [look(pairs, check_shortcuts, seed=seed)["formatting"] for seed in range(8)]
    assert min(item.figures["auc"]["high"] for item in items) < 0.45
    assert {(item.severity, item.advice) for item in items} == {("ok", "")}


@pytest.mark.parametrize("label", [0.5, None])
def test_shortcuts_without_decided_labels_are_not_measured(label: float | None) -> None:
    pairs = [replace(p, label=label, response_a=f"**{i}**") for i, p in enumerate(clean_pairs(60))]
    for item in look(pairs, check_shortcuts).values():
        assert item.said.startswith("Not measured")
        assert item.severity == "ok"


def test_a_model_that_is_always_first_explains_its_lead() -> None:
    pairs = [replace(p, label=1.0, model_a="ours", model_b=f"m{n % 9}", swapped=False)
             for n, p in enumerate(clean_pairs(90))]  # fmt: skip
    pairs[3:12] = [replace(p, label=0.0) for p in pairs[3:12]]
    found = look(pairs, check_labels)["position"]
    assert found.severity == "note"
    assert found.said.endswith("it is ours's in every pair")
