"""Changed labels in the source's own rows: read back as they were asked for, or refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import answer_rows, choice_rows, family_rows
from tests.choice_rows import COMPARATOR, COMPARISON, UTTERANCES, utterance
from tests.family_rows import CELLS, Row, as_csv, only, turns
from wimhf.base.config import ReadConfig
from wimhf.data.formats import FORMATS, read_pairs
from wimhf.data.formats.family import CannotHold, Family, Relabel, first_label, same_label
from wimhf.data.formats.ranks import levelled, levels
from wimhf.data.formats.relabel import changes_to, rewritten, saved_row
from wimhf.data.formats.sides import Apart
from wimhf.data.pairs import Pair, RowReject

BY_NAME = {family.name: family for family in FORMATS}
Case = tuple[Family, Row]


def unfolded(family: Family, rows: Sequence[Row]) -> list[Row]:
    """Return the rows as they are saved with a run."""
    found = family.unfold(list(enumerate(rows))).rows
    return [row for _, row in found if isinstance(row, dict)]


CASES: dict[str, Case] = {
    name: (BY_NAME[family], row) for name, (family, row) in family_rows.ROWS.items()
} | {
    f"{name} {number}": (BY_NAME[family], row)
    for name, (family, rows) in (choice_rows.SOURCES | answer_rows.SOURCES).items()
    for number, row in enumerate(unfolded(BY_NAME[family], rows))
}  # fmt: skip
COLUMNS: dict[str, set[str]] = {
    "native": {"label"},
    "trl": {"chosen", "rejected"},
    "hh": {"chosen", "rejected"},
    "ultrafeedback": {
        "chosen", "rejected", "messages", "score_chosen", "score_rejected", "chosen-rating",
        "rejected-rating", "chosen-model", "rejected-model",
    },
    "tulu": {
        "chosen", "rejected", "chosen_rating", "rejected_rating", "chosen_model", "rejected_model",
    },
    "arena": {"winner"},
    "arena-55k": {"winner_model_a", "winner_model_b", "winner_tie"},
    "alpaca-eval": {"preference"},
    "auto-j": {"label"},
    "pandalm": {"annotator1", "annotator2", "annotator3"},
    "prism": {"utterances", "conversation_history"},
    "community-alignment": {"second_turn_preferred_response"},
    "shp": {"labels"},
    "helpsteer3": {"overall_preference", "individual_preference"},
    "helpsteer2": {"preference_strength"},
    "pku-saferlhf": {"better_response_id", "safer_response_id"},
    "openai-summaries": {"choice"},
    "openai-dpo": {"preferred_output", "non_preferred_output"},
    "argilla": {"ranking.responses"},
    "annotated-pairs": {"annotations"},
    "llm-comparator": {"score"},
    "answers": {
        "answers", "ratings", "completions", "ranking", "output", "scores", "score_1", "score_2",
        "score_3",
    },
    "lists-apart": {"chosen", "rejected"},
    "picked": {"chosen", "winner"},
    "one-a-row": {"utterances"},
    "oasst": {"prompt", "utterances"},
    "ms-swift": {"messages", "rejected_response", "rejected_messages"},
}  # fmt: skip
"""The columns that a label may change; in those of PRISM, more is tested."""
NOT_FLIPPED = {
    "ultrafeedback averaged 0", "community-alignment 0", "rm-bench 0", "reward-bench 2 0",
}  # fmt: skip
"""A model is known of one side only; and several responses, of which some are preferred."""
NO_TIES = {
    "trl", "hh", "tulu", "openai-dpo", "shp", "pku-saferlhf", "openai-summaries",
    "community-alignment", "annotated-pairs", "lists-apart", "ms-swift", "picked",
}  # fmt: skip
BOTH_KINDS = pytest.mark.parametrize("spelled", [dict, as_csv], ids=["values", "text"])
EVERY = pytest.mark.parametrize("name", CASES)


def labels(family: Family, row: Row) -> dict[int, float | None]:
    """Return the labels of a row by the place of each pair."""
    try:
        parsed = family.parse(row)
    except RowReject:
        return {}
    return {at: first_label(one) for at, one in enumerate(parsed) if isinstance(one, Pair)}


def flips(family: Family, row: Row) -> list[Relabel]:
    """Return the flip of every pair of a row."""
    said = labels(family, row).items()
    return [Relabel(at, None if first is None else 1.0 - first) for at, first in said]


def told(family: Family, row: Row) -> list[Any]:
    """Return everything about the pairs but labels, on sides that do not depend on them."""
    found: list[Any] = []
    for one in family.parse(row):
        if isinstance(one, Pair):
            found.append(replace(one, label=None, strength=None, swapped=False))
        else:
            found.append(one.reason)
    return found


def sided(family: Family, row: Row) -> list[float | None]:
    """Return the labels of side A."""
    return [one.label for one in family.parse(row) if isinstance(one, Pair)]


def types(value: Any) -> Any:
    """Return the types within a value; whole numbers and fractions are told apart."""
    if isinstance(value, dict):
        return {name: types(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted(map(str, map(types, value)))
    return type(value)


def test_every_family_has_a_row_here() -> None:
    assert {family.name for family, _ in CASES.values()} == set(BY_NAME) == set(COLUMNS)


@EVERY
@BOTH_KINDS
def test_no_change_is_the_row_itself(name: str, spelled: Any) -> None:
    family, row = CASES[name][0], spelled(CASES[name][1])
    same = [Relabel(at, first) for at, first in labels(family, row).items()]
    assert same
    assert rewritten(family, row, []) == row
    assert list(rewritten(family, row, same).items()) == list(row.items())


@EVERY
@BOTH_KINDS
def test_flipping_mirrors_the_labels_and_nothing_else(name: str, spelled: Any) -> None:
    family, row = CASES[name][0], spelled(CASES[name][1])
    before = json.dumps(row)
    if name in NOT_FLIPPED:
        with pytest.raises(CannotHold, match="write --to native"):
            rewritten(family, row, flips(family, row))
        return
    found = rewritten(family, row, flips(family, row))
    assert json.dumps(row) == before
    assert told(family, found) == told(family, row)
    mirrored = [None if label is None else 1 - label for label in sided(family, row)]
    assert sided(family, found) == pytest.approx(mirrored)
    assert list(found) == list(row)
    assert {column for column in row if found[column] != row[column]} <= COLUMNS[family.name]
    assert types(found) == types(row)


@EVERY
@BOTH_KINDS
def test_flipping_twice_is_the_row_again(name: str, spelled: Any) -> None:
    family, row = CASES[name][0], spelled(CASES[name][1])
    if name in NOT_FLIPPED:
        return
    once = rewritten(family, row, flips(family, row))
    # where sides are drawn, 0 is a flip of whatever the row says
    again = [Relabel(0, 0.0)] if isinstance(family, Apart) else flips(family, once)
    assert rewritten(family, once, again) == row


@EVERY
@BOTH_KINDS
def test_a_tie_is_held_or_refused(name: str, spelled: Any) -> None:
    family, row = CASES[name][0], spelled(CASES[name][1])
    ties = [Relabel(at, 0.5) for at in labels(family, row)]
    if family.name in NO_TIES and name != "tulu 405b 0":
        with pytest.raises(CannotHold, match="write --to native") as caught:
            rewritten(family, row, ties)
        assert "\n" not in str(caught.value)
        return
    if name in ("argilla best first 0", "output best first 0"):
        with pytest.raises(CannotHold, match="best first"):
            rewritten(family, row, ties)
        return
    found = rewritten(family, row, ties)
    assert set(labels(family, found).values()) == {0.5}
    assert told(family, found) == told(family, row)


ANY_LABELS = st.none() | st.sampled_from([0.0, 0.5, 1.0, 0.25, 0.9])


@EVERY
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_whatever_is_asked_is_said_or_refused(name: str, data: st.DataObject) -> None:
    family, row = CASES[name]
    row = as_csv(row) if data.draw(st.booleans()) else row
    said = labels(family, row)
    asked = data.draw(st.dictionaries(st.sampled_from(sorted(said)), ANY_LABELS))
    try:
        found = rewritten(family, row, [Relabel(at, first) for at, first in asked.items()])
    except CannotHold:
        return
    assert told(family, found) == told(family, row)
    turned = [one.swapped for one in family.parse(row) if isinstance(one, Pair)]
    for place, (label, swapped) in enumerate(zip(sided(family, found), turned, strict=True)):
        first = label if label is None or not swapped else 1.0 - label
        assert same_label(first, (said | asked)[place])


def odd_cells(cell: Any) -> st.SearchStrategy[Any]:
    """Draw whatever a cell may hold, or the cell with something inside it changed."""
    inner: st.SearchStrategy[Any] = st.nothing()
    if isinstance(cell, dict) and cell:
        inner = st.sampled_from(sorted(cell)).flatmap(
            lambda name: odd_cells(cell[name]).map(lambda value: {**cell, name: value})
        )
    if isinstance(cell, list) and cell:
        inner = st.integers(0, len(cell) - 1).flatmap(
            lambda at: odd_cells(cell[at]).map(lambda value: [*cell[:at], value, *cell[at + 1 :]])
        )
    return inner | CELLS if inner.is_empty else inner | inner | CELLS | inner.map(json.dumps)


@pytest.mark.parametrize("family", FORMATS, ids=lambda family: family.name)
@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_odd_rows_raise_nothing_else(family: Family, data: st.DataObject) -> None:
    known = [row for other, row in CASES.values() if other is family]
    row = dict(data.draw(st.sampled_from(known)))
    for name in data.draw(st.sets(st.sampled_from(sorted(row)), max_size=2)):
        row[name] = data.draw(odd_cells(row[name]))
    before = repr(row)
    said = labels(family, row)
    if not said:
        return
    asked = data.draw(st.dictionaries(st.sampled_from(sorted(said)), ANY_LABELS))
    try:
        found = rewritten(family, row, [Relabel(at, first) for at, first in asked.items()])
    except CannotHold:
        found = row
    assert repr(row) == before
    assert list(found) == list(row)


def test_what_is_no_pair_of_the_row_is_refused() -> None:
    for family, row in CASES.values():
        with pytest.raises(CannotHold, match="no such pair as number 100"):
            rewritten(family, row, [Relabel(99, 1.0)])
    family, row = CASES["pandalm"]
    with pytest.raises(CannotHold, match="no such pair as number 1"):
        rewritten(family, row, [Relabel(0, 1.0, "annotator2")])


# -- single families ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "first", "new"),
    [
        (1, 0.0, 0), (1, 0.5, 0.5), (1, 0.3, 0.3), (True, 0.0, False), (1.0, 0.0, 0.0),
        ("1", 0.0, "0"), ("1.0", 0.0, "0.0"), ("1", 0.5, "0.5"), ("A", 0.0, "B"), ("a", 0.5, "tie"),
        ("True", 0.0, "False"), ("TIE", 1.0, "A"), (0, None, None), ("1", None, ""), (None, 1.0, 1),
        ("", 0.0, "0"),
    ],
)  # fmt: skip
def test_a_label_keeps_its_spelling(old: object, first: float | None, new: object) -> None:
    row = {"LABEL": old, "response_a": "x", "response_b": "y"}
    found = rewritten(BY_NAME["native"], row, [Relabel(0, first)])["LABEL"]
    assert (found, type(found)) == (new, type(new))


@pytest.mark.parametrize(("old", "first"), [(True, 0.5), ("true", 0.5), ("a", 0.3)])
def test_a_label_of_words_or_truth_holds_no_more(old: object, first: float) -> None:
    row = {"label": old, "response_a": "x", "response_b": "y"}
    with pytest.raises(CannotHold):
        rewritten(BY_NAME["native"], row, [Relabel(0, first)])


@pytest.mark.parametrize(
    ("old", "first", "new"),
    [
        (1.25, 0.0, 2.0), (1.25, 0.25, 1.75), (1.5, 0.5, 1.5), (0, 0.5, 0), (0.0, 0.5, 0.0),
        (1, 0.5, 0), (2, 1.0, 1), (1.0, 0.5, 1.5), ("2", 0.5, "0"), ("2.0", 0.5, "1.5"), 
        (0, 1.0, 1), (2, 0.25, 1.75),
    ],
)  # fmt: skip
def test_alpaca_preferences(old: object, first: float, new: object) -> None:
    row = family_rows.ALPACA | {"preference": old}
    found = rewritten(BY_NAME["alpaca-eval"], row, [Relabel(0, first)])["preference"]
    assert (found, type(found)) == (new, type(new))


@pytest.mark.parametrize(
    ("old", "first", "new"),
    [
        ("model_a", 0.0, "model_b"), ("Model B ", 1.0, "Model A "), ("both_bad", 0.5, "both_bad"),
        ("tie (bothbad)", 1.0, "model_a"), ("model_a", 0.5, "tie"), ("model_a", None, ""),
        (None, 1.0, "model_a"),
    ],
)  # fmt: skip
def test_arena_winners(old: object, first: float | None, new: object) -> None:
    row = family_rows.ARENA | {"winner": old}
    assert rewritten(BY_NAME["arena"], row, [Relabel(0, first)])["winner"] == new


@pytest.mark.parametrize(
    ("old", "new"),
    [((1, 0, 0), (0, 0, 1)), (("True", "False", "False"), ("False", "False", "True")),
     ((True, False, False), (False, False, True)), ((None, None, None), (0, 0, 1)),
     (("1", "0", ""), ("0", "0", "1"))],
)  # fmt: skip
def test_kaggle_outcomes(old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
    names = ("winner_model_a", "winner_model_b", "winner_tie")
    row = family_rows.KAGGLE | dict(zip(names, old, strict=True))
    found = rewritten(BY_NAME["arena-55k"], row, [Relabel(0, 0.5)])
    assert tuple(found[name] for name in names) == new


@pytest.mark.parametrize(
    ("old", "first", "new"),
    [
        (-2, 0.0, 2),
        (-2.0, 0.5, 0.0),
        ("-3", 0.0, "3"),
        (0, 1.0, -1),
        (None, 0.0, 1),
        (2, None, None),
    ],
)
def test_helpsteer_strengths(old: object, first: float | None, new: object) -> None:
    row = family_rows.HELPSTEER2 | {"preference_strength": old}
    found = rewritten(BY_NAME["helpsteer2"], row, [Relabel(0, first)])["preference_strength"]
    assert (found, type(found)) == (new, type(new))
    assert str(found) != "-0.0"


def test_a_side_takes_everything_with_it() -> None:
    found = rewritten(BY_NAME["ultrafeedback"], choice_rows.CLEANED, [Relabel(0, 0.0)])
    assert (found["chosen-model"], found["chosen-rating"]) == ("bard", 3.75)
    assert (found["rejected-model"], found["rejected-rating"]) == ("gpt-4", 5.0)
    found = rewritten(BY_NAME["ultrafeedback"], choice_rows.ULTRAFEEDBACK, [Relabel(0, 0.0)])
    assert found["messages"] == found["chosen"] == turns("q", "bad")


def test_a_column_of_one_side_stops_a_flip_unless_it_is_empty() -> None:
    with pytest.raises(CannotHold, match=r"chosen_model is about one side.*no rejected_model"):
        rewritten(BY_NAME["trl"], family_rows.TRL | {"chosen_model": "x"}, [Relabel(0, 0.0)])
    found = rewritten(BY_NAME["trl"], family_rows.TRL | {"chosen_model": None}, [Relabel(0, 0.0)])
    assert (found["chosen"], found["rejected"]) == ("bad", "good")


def test_scores_say_a_tie_and_no_decision_of_one() -> None:
    row = family_rows.TRL | {"score_chosen": 3, "score_rejected": "1.5"}
    tie = rewritten(BY_NAME["trl"], row, [Relabel(0, 0.5)])
    assert tie == row | {"score_rejected": "3.0"}
    with pytest.raises(CannotHold, match="equal scores are a tie"):
        rewritten(BY_NAME["trl"], tie, [Relabel(0, 1.0)])


def test_an_annotation_of_one_annotator_changes() -> None:
    found = rewritten(BY_NAME["pandalm"], family_rows.PANDALM, [Relabel(2, 1.0, "annotator3")])
    assert found == family_rows.PANDALM | {"annotator3": 1}
    safe = rewritten(BY_NAME["pku-saferlhf"], choice_rows.SAFE, [Relabel(1, None, "safer")])
    assert safe == choice_rows.SAFE | {"safer_response_id": -1}
    vote = rewritten(BY_NAME["annotated-pairs"], COMPARISON, [Relabel(1, 1.0, "bf731c7f")])
    assert vote["annotations"] == COMPARISON["annotations"] | {"bf731c7f": {"pref": "a"}}
    with pytest.raises(CannotHold, match="holds no code for a tie"):
        rewritten(BY_NAME["pku-saferlhf"], choice_rows.SAFE, [Relabel(0, 0.5)])


def test_prism_writes_an_order_of_scores() -> None:
    family = BY_NAME["prism"]
    row, other = unfolded(family, UTTERANCES)
    # places: best-fair, best-also fair, best-worst, fair-also fair, fair-worst, also fair-worst
    decided = rewritten(family, row, [Relabel(3, 1.0)])
    assert [one["score"] for one in decided["utterances"]] == [90, 65, 40, 1]
    assert [one["if_chosen"] for one in decided["utterances"]] == [True, False, False, False]
    tied = rewritten(family, other, [Relabel(0, 0.5)])
    assert [one["score"] for one in tied["utterances"]] == [50, 50]
    with pytest.raises(CannotHold, match="contradict each other"):
        rewritten(family, row, [Relabel(2, 0.0)])


def test_prism_without_scores_moves_the_choice() -> None:
    family = BY_NAME["prism"]
    (row,) = unfolded(family, [utterance(0, "x", None), utterance(1, "y", None)])
    found = rewritten(family, row, [Relabel(0, 0.0)])
    assert [one["if_chosen"] for one in found["utterances"]] == [False, True]
    with pytest.raises(CannotHold):
        rewritten(family, row, [Relabel(0, 0.5)])


def test_community_alignment_writes_a_last_turn_of_two() -> None:
    family, row = BY_NAME["community-alignment"], choice_rows.COMMUNITY
    found = rewritten(family, row, [Relabel(3, 0.0)])
    assert found == row | {"second_turn_preferred_response": "B"}
    two = row | {"first_turn_response_c": None, "first_turn_response_d": None}
    with pytest.raises(CannotHold, match="the prompt of pair 2"):
        rewritten(family, two, [Relabel(0, 1.0)])


def test_argilla_writes_ranks_and_orders() -> None:
    family = BY_NAME["argilla"]
    found = rewritten(family, choice_rows.ARGILLA, [Relabel(0, 0.0, "u1")])["ranking.responses"]
    assert [entry["rank"] for entry in found[0]] == [1, 3, 2]
    assert found[1:] == choice_rows.ARGILLA["ranking.responses"][1:]
    order = rewritten(family, choice_rows.BEST_FIRST, [Relabel(0, 1.0)])["ranking.responses"]
    assert order == [["response-1", "response-2"]]


def test_responses_that_are_the_same_cannot_be_told_apart() -> None:
    row = family_rows.TRL | {"rejected": "good"}
    with pytest.raises(CannotHold):
        rewritten(BY_NAME["trl"], row, [Relabel(0, 0.0)])


class Careless(family_rows.Native):
    """A family that writes the wrong label."""

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        return {**row, "label": 0.75}


def test_no_family_writes_a_wrong_label() -> None:
    with pytest.raises(CannotHold, match=r"would have a label of 0.75 instead of a label of 0;"):
        rewritten(Careless(), family_rows.NATIVE, [Relabel(0, 0.0)])


# -- orders -------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 3), min_size=2, max_size=5))
def test_levels_are_those_of_an_order(order: list[int]) -> None:
    n = len(order)
    wanted = {
        (i, j): 0.5 if order[i] == order[j] else float(order[i] < order[j])
        for i in range(n) for j in range(i + 1, n)
    }  # fmt: skip
    ranked = sorted(set(order))
    assert levels(n, wanted) == [ranked.index(one) for one in order]


@given(st.lists(st.integers(1, 100), min_size=2, max_size=6), st.data())
def test_scores_in_another_order_stay_on_the_scale(scores: list[int], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(scores))))
    found = levelled(scores, order, 1, 100)
    assert sorted(range(len(scores)), key=lambda at: -found[at]) == [
        order.index(level) for level in range(len(scores))
    ]
    assert all(1 <= score <= 100 and float(score).is_integer() for score in found)
    if len(set(scores)) == len(scores):
        assert sorted(found) == sorted(scores)


def test_a_full_scale_has_no_room() -> None:
    with pytest.raises(CannotHold, match="no room"):
        levelled([1, 1, 2, 3], [0, 1, 2, 3], 1, 3)


# -- folding ------------------------------------------------------------------------------------


def folded(family: Family, rows: Sequence[Row | RowReject], columns: dict[str, str]) -> list[Any]:
    """Unfold and fold, all of it saved as JSON in between."""
    found = family.unfold(list(enumerate(rows)), columns)
    layout = json.loads(json.dumps(found.layout))
    return family.fold([row for _, row in found.rows], layout)


@pytest.mark.parametrize(("name", "rows"), choice_rows.SOURCES.values(), ids=choice_rows.SOURCES)
@BOTH_KINDS
def test_folding_undoes_unfolding(name: str, rows: list[Row], spelled: Any) -> None:
    given_rows = [spelled(row) for row in rows] * 2
    found = folded(BY_NAME[name], given_rows, {})
    assert [list(row.items()) for row in found] == [list(row.items()) for row in given_rows]


SOME_ROWS = st.lists(
    st.sampled_from([*UTTERANCES, *choice_rows.SOURCES["prism conversations"][1], {"odd": 1}])
    | st.builds(lambda: RowReject("odd"))
    | st.sampled_from([COMPARATOR, {"examples": [1, {}, None]}, {"examples": "[]", "models": 2}])
    | st.just({"comparisons": [COMPARISON], "last": 1}),
    max_size=8,
)


@pytest.mark.parametrize("name", ["prism", "llm-comparator", "annotated-pairs", "native"])
@settings(deadline=None, max_examples=60)
@given(rows=SOME_ROWS)
def test_folding_undoes_unfolding_whatever_the_rows(name: str, rows: list[Any]) -> None:
    assert folded(BY_NAME[name], rows, {}) == rows


def test_folding_brings_changes_back() -> None:
    family = BY_NAME["prism"]
    rows = [UTTERANCES[4], UTTERANCES[0], UTTERANCES[5], UTTERANCES[1]]
    found = family.unfold(list(enumerate(rows)))
    changed = [rewritten(family, row, [Relabel(0, 0.0)]) for _, row in found.rows]
    back = family.fold(changed, found.layout)
    assert [row["score"] for row in back] == [20, 40, 50, 90]
    assert [row | {"score": 0} for row in back] == [row | {"score": 0} for row in rows]


# -- columns of the user's own names ------------------------------------------------------------


def read_back(path: Path, columns: dict[str, str], family: str) -> tuple[Any, list[Any]]:
    """Read a file; return the source and its saved rows."""
    source = read_pairs(ReadConfig(source=str(path), columns=columns, format=family))
    return source, [saved_row(text) for text in source.rows["row"]]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("native", {"label": "who", "response_a": "left", "response_b": "right"}),
        ("trl", {"chosen": "better", "rejected": "worse"}),
        ("55k", {"winner_model_a": "won", "winner_tie": "drawn"}),
        ("helpsteer3 individual", {"individual_preference": "votes"}),
        ("prism utterances 0", {"score": "points", "model_response": "text", "turn": "round"}),
        ("prism conversations 0", {"conversation_history": "said"}),
        ("annotated-pairs rows 0", {"annotations": "votes"}),
        ("llm-comparator rows 0", {"score": "lead"}),
    ],
)
def test_changes_go_into_columns_of_other_names(name: str, columns: dict[str, str]) -> None:
    family, row = CASES[name]
    other = {ours: theirs for ours, theirs in columns.items()}

    def theirs(one: Row) -> Row:
        named = {other.get(column, column): value for column, value in one.items()}
        if family.name == "prism" and "utterances" in one:
            return one | {"utterances": [theirs(inner) for inner in one["utterances"]]}
        return named

    named = theirs(row)
    found = rewritten(family, named, flips(family, row), columns)
    assert found == theirs(rewritten(family, row, flips(family, row)))
    assert list(found) == list(named)


def test_a_shadowed_column_stays() -> None:
    row = {"response_a": "x", "response_b": "y", "label": "note", "won": 1}
    found = rewritten(BY_NAME["native"], row, [Relabel(0, 0.0)], {"label": "won"})
    assert found == row | {"won": 0}


def test_one_column_cannot_hold_two_labels() -> None:
    row = family_rows.KAGGLE | {"winner_model_a": 0, "winner_model_b": 1, "one": 0}
    columns = {"winner_model_a": "one", "winner_tie": "one"}
    with pytest.raises(CannotHold, match="pair 1 of the row would no longer be one"):
        rewritten(BY_NAME["arena-55k"], row, [Relabel(0, 0.5)], columns)


def test_rows_are_saved_under_their_own_names(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    names = {"score": "points", "turn": "round", "conversation_id": "talk"}
    rows = [{names.get(k, k): v for k, v in row.items()} for row in UTTERANCES]
    path.write_text("\n".join(map(json.dumps, rows)))
    source, saved = read_back(path, names, "prism")
    assert [one["utterances"][0] for one in saved] == [rows[0], rows[4]]
    assert BY_NAME["prism"].fold(saved, source.layouts["rows.jsonl"]) == rows
    assert source.pairs["label"].to_list() == [1, 1, 1, 0.5, 1, 1, 1]


def test_a_document_is_saved_under_its_own_names(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    document = {"cases": COMPARATOR["examples"], "makers": COMPARATOR["models"], "v": 1}
    path.write_text(json.dumps(document))
    columns = {"examples": "cases", "models": "makers"}
    source, saved = read_back(path, columns, "llm-comparator")
    assert source.headers == {"rows.json": {"makers": document["makers"], "v": 1}}
    assert source.pairs["model_a"].to_list() == ["Gemma 1.1"] * 2
    assert BY_NAME["llm-comparator"].fold(saved, source.layouts["rows.json"]) == [document]


# -- from the pair table ------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_the_pair_tables_labels_are_no_change(name: str) -> None:
    family, row = CASES[name]
    table = [vars(one) for one in family.parse(row) if isinstance(one, Pair)]
    assert rewritten(family, row, changes_to(family, row, table)) is row


def test_curated_labels_of_one_annotator_find_their_places() -> None:
    family, row = CASES["pandalm"]
    (pair,) = [vars(one) for one in family.parse(row) if vars(one)["annotator"] == "annotator2"]
    changes = changes_to(family, row, [pair | {"label": 0.0}], label="annotator2")
    assert rewritten(family, row, changes) == row | {"annotator2": 2}
    with pytest.raises(CannotHold, match="3 pairs and 1 were given"):
        changes_to(family, row, [pair])


def test_a_curated_label_is_turned_to_the_sources_order() -> None:
    for chosen, rejected in (("good", "bad"), ("bad", "good"), ("one", "two"), ("two", "one")):
        row = {"prompt": "q", "chosen": chosen, "rejected": rejected}
        pair = only(BY_NAME["trl"], row)
        assert pair.label is not None
        changes = changes_to(BY_NAME["trl"], row, [vars(pair) | {"label": 1.0 - pair.label}])
        assert rewritten(BY_NAME["trl"], row, changes)["chosen"] == rejected


@given(CELLS)
def test_a_saved_row_is_a_row_or_a_reject(value: Any) -> None:
    found = saved_row(json.dumps(value))
    assert isinstance(found, (dict, RowReject))


# -- parts --------------------------------------------------------------------------------------


def test_parts_with_drawn_sides_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(family_rows.NATIVE))
    (tmp_path / "b.jsonl").write_text(json.dumps(family_rows.TRL))
    both = read_pairs(
        ReadConfig(source=str(tmp_path / "a.jsonl"), also=(str(tmp_path / "b.jsonl"),))
    )
    assert both.drawn_parts == ("b.jsonl",)
    assert both.sides_drawn
    assert not read_pairs(ReadConfig(source=str(tmp_path / "a.jsonl"))).sides_drawn


def test_an_error_names_the_source_that_it_is_about(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(family_rows.NATIVE))
    (tmp_path / "b.jsonl").write_text('{"odd": 1}')
    with pytest.raises(Exception, match=r"columns of .*b\.jsonl \(odd\)"):
        read_pairs(ReadConfig(source=str(tmp_path / "a.jsonl"), also=(str(tmp_path / "b.jsonl"),)))


def test_the_split_that_was_taken_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("datasets")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "prefs").mkdir()
    for split in ("train", "test"):
        (tmp_path / "prefs" / f"{split}.jsonl").write_text(json.dumps(family_rows.NATIVE))
    events: list[Any] = []
    read_pairs(ReadConfig(source=f"hf:{tmp_path / 'prefs'}"), events.append)
    (said,) = [event.message for event in events if event.message]
    assert "names no split: train was taken; there are also test" in said
    assert said.endswith(f"as in hf:{tmp_path / 'prefs'}:test")


def test_the_hub_is_asked_for_a_version_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    from wimhf.data.formats import hub

    asked: list[str] = []

    class Answer:
        sha = "c0ffee"

    def dataset_info(self: object, path: str, timeout: int) -> Answer:
        asked.append(path)
        return Answer()

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", dataset_info)
    hub._asked_commit.cache_clear()
    try:
        assert hub.revision("hf:some/data") == hub.revision("hf:some/data")
        assert hub.revision("hf:some/data:test") == "hf:some/data:test c0ffee"
    finally:
        hub._asked_commit.cache_clear()
    assert asked == ["some/data"]
