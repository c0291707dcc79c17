from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wimhf.base.config import ReadConfig
from wimhf.data.formats import FORMATS, Source, read_pairs
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.families.hh import HhTranscripts
from wimhf.data.formats.families.native import Native
from wimhf.data.formats.families.trl import TrlPreference
from wimhf.data.formats.family import Family
from wimhf.data.pairs import Pair, RowReject
from wimhf.errors import InputError

Row = dict[str, Any]
HH_TEST = Path(__file__).parents[3] / "shared" / "data" / "hh_rlhf_harmless_test.jsonl.gz"
NATIVE: Row = {"prompt": "p", "response_a": "x", "response_b": "y", "label": 1}


def read(folder: Path, rows: Iterable[Row], **settings: Any) -> Source:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_pairs(ReadConfig(source=str(path), **settings))


def turns(*contents: str, system: str | None = None) -> list[dict[str, str]]:
    """Build a conversation in which user and assistant take turns."""
    start = [] if system is None else [{"role": "system", "content": system}]
    roles = ("user", "assistant")
    return start + [{"role": roles[n % 2], "content": text} for n, text in enumerate(contents)]


def won_and_lost(pair: Pair) -> tuple[str, str]:
    """Return the response that the label names, then the other one."""
    first, second = pair.response_a, pair.response_b
    return (first, second) if pair.label == 1.0 else (second, first)


def only(family: Family, row: Row) -> Pair:
    """Return the one pair of a row."""
    (pair,) = family.parse(row)
    assert isinstance(pair, Pair)
    return pair


def trl(**row: Any) -> Pair:
    return only(TrlPreference(), row)


def hh(chosen: str, rejected: str) -> Pair:
    return only(HhTranscripts(), {"chosen": chosen, "rejected": rejected})


def reason_of(name: str, row: Row) -> str:
    family = next(found for found in FORMATS if found.name == name)
    with pytest.raises(RowReject) as caught:
        family.parse(row)
    return caught.value.reason


# -- native ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (1, 1.0), (0, 0.0), (0.5, 0.5), (0.73, 0.73), ("1", 1.0), ("0.25", 0.25), (" 1 ", 1.0),
        ("A", 1.0), ("b", 0.0), ("Tie", 0.5), (" tie ", 0.5), (True, 1.0), (False, 0.0),
        ("true", 1.0), ("FALSE", 0.0), (None, None), ("", None), (" ", None), ("nan", None),
        (float("nan"), None), ("None", None), ("NA", None), ("model_a", 1.0), ("Model B", 0.0),
        ("A>B", 1.0), ("B>>A", 0.0), ("A=B", 0.5), ("[[B]]", 0.0), ("left", 1.0), ("both_bad", 0.5),
        ("response_b", 0.0), ("tie (bothbad)", 0.5), ("A is better", 1.0), ("response 2", 0.0),
    ],
)  # fmt: skip
def test_native_labels(value: object, label: float | None) -> None:
    assert only(Native(), NATIVE | {"label": value}).label == label


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("maybe", "label is not understood"), ("1/2", "label is not understood"),
        ([], "label is not understood"), ({"a": 1}, "label is not understood"),
        (float("inf"), "label is not understood"), (10**400, "label is not understood"),
        (2, "label out of range"), (-1, "label out of range"),
    ],
)  # fmt: skip
def test_native_labels_that_are_none(value: object, reason: str) -> None:
    assert reason_of("native", NATIVE | {"label": value}) == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"response_a": ""}, "empty response"),
        ({"response_b": "  \n"}, "empty response"),
        ({"response_a": None}, "missing response_a"),
        ({"response_b": 3}, "response_b is not text"),
        ({"response_b": ["y"]}, "response_b is not text"),
        ({"prompt": {"texts": "p"}}, "prompt has a turn without a role"),
        ({"prompt": 7}, "prompt is not a conversation"),
        ({"weight": "heavy"}, "weight is not a number"),
        ({"weight": -1}, "weight out of range"),
        ({"strength": float("inf")}, "strength is not a number"),
        ({"prompt": "\ud800"}, "text is not valid Unicode"),
        ({"annotator": "\ud800"}, "text is not valid Unicode"),
    ],
)
def test_native_rejects(change: Row, reason: str) -> None:
    assert reason_of("native", NATIVE | change) == reason


def test_native_keeps_what_the_source_says_about_a_pair(tmp_path: Path) -> None:
    more = {
        "annotator": 17, "weight": "2.5", "strength": 3, "model_a": "one", "model_b": "two",
        "subset": "s", "conversation_id": 4,
    }  # fmt: skip
    row = read(tmp_path, [NATIVE | more]).pairs.to_dicts()[0]
    assert {name: row[name] for name in more} == {
        "annotator": "17", "weight": 2.5, "strength": 3.0, "model_a": "one", "model_b": "two",
        "subset": "s", "conversation_id": "4",
    }  # fmt: skip


def test_native_needs_only_two_responses(tmp_path: Path) -> None:
    source = read(tmp_path, [{"response_a": "x", "response_b": "y"}])
    assert source.pairs["label"].to_list() == [None]
    assert source.pairs["prompt"].to_list() == [""]


def test_native_columns_may_be_in_upper_case(tmp_path: Path) -> None:
    lower = read(tmp_path, [NATIVE, NATIVE | {"label": 0}])
    upper = read(
        tmp_path, [{name.title(): value for name, value in NATIVE.items()}, NATIVE | {"label": 0}]
    )
    assert upper.pairs.equals(lower.pairs)


@settings(deadline=None, max_examples=40)
@given(st.text("abc", min_size=1), st.text("abc", min_size=1), st.sampled_from([0, 0.3, 0.5, 1]))
def test_native_exchanged_is_the_same_pair(first: str, second: str, label: float) -> None:
    row = {"prompt": "p", "response_a": first, "response_b": second, "label": label}
    other = {"prompt": "p", "response_a": second, "response_b": first, "label": 1 - label}
    one, two = Native().parse(row)[0], Native().parse(other)[0]
    assert (one.response_a, one.response_b, one.label) == (first, second, label)
    assert (two.exchanged().response_a, two.exchanged().response_b) == (first, second)
    assert two.exchanged().label == pytest.approx(label)


def test_native_exchanged_keeps_ids(tmp_path: Path) -> None:
    rows = [NATIVE | {"prompt": f"p{n // 2}"} for n in range(6)]
    other = [
        row | {"response_a": row["response_b"], "response_b": row["response_a"], "label": 0}
        for row in rows
    ]
    ids = read(tmp_path, rows).pairs["pair_id"].to_list()
    assert read(tmp_path, other).pairs["pair_id"].to_list() == ids
    assert len(set(ids)) == 6


# -- TRL preference ----------------------------------------------------------------------------

TRL_ROWS: dict[str, Row] = {
    "strings": {"prompt": "q", "chosen": "good", "rejected": "bad"},
    "implicit strings": {"chosen": "Human: q\n\nAssistant: good",
                         "rejected": "Human: q\n\nAssistant: bad"},
    "conversations": {
        "prompt": turns("q"),
        "chosen": turns("q", "good")[1:],
        "rejected": turns("q", "bad")[1:],
    },
    "implicit conversations": {"chosen": turns("q", "good"), "rejected": turns("q", "bad")},
    "prompt twice": {
        "prompt": "q", "chosen": turns("q", "good"), "rejected": turns("q", "bad"),
    },
    "conversational prompt twice": {
        "prompt": turns("q"), "chosen": turns("q", "good"), "rejected": turns("q", "bad"),
    },
    "prompt and strings": {"prompt": turns("q"), "chosen": "good", "rejected": "bad"},
    "empty prompt column": {
        "prompt": None, "chosen": turns("q", "good"), "rejected": turns("q", "bad"),
    },
}  # fmt: skip


@pytest.mark.parametrize("row", TRL_ROWS.values(), ids=TRL_ROWS)
def test_trl_reads_every_spelling_of_one_pair_alike(row: Row) -> None:
    pair = trl(**row)
    assert pair.prompt == "q"
    assert won_and_lost(pair) == ("good", "bad")
    assert pair == trl(**TRL_ROWS["strings"])


SYSTEM = {"system": "be brief"}


@pytest.mark.parametrize(
    "row",
    [
        {"chosen": turns("q", "good", **SYSTEM), "rejected": turns("q", "bad", **SYSTEM)},
        {
            "prompt": "q",
            "chosen": turns("q", "good", **SYSTEM),
            "rejected": turns("q", "bad", **SYSTEM),
        },
        {
            "prompt": turns("q", **SYSTEM),
            "chosen": turns("q", "good"),
            "rejected": turns("q", "bad"),
        },
        {
            "prompt": turns("q", **SYSTEM),
            "chosen": turns("q", "good")[1:],
            "rejected": turns("q", "bad")[1:],
        },
    ],
    ids=["implicit", "prompt twice", "system turn in the prompt only", "explicit"],
)
def test_trl_system_turns_are_kept_once(row: Row) -> None:
    pair = trl(**row)
    assert pair.turns == turns("q", **SYSTEM)
    assert pair.prompt == "System: be brief\n\nUser: q"
    assert won_and_lost(pair) == ("good", "bad")


def test_trl_conversations_split_after_the_last_common_turn() -> None:
    pair = trl(chosen=turns("q", "r", "s", "good"), rejected=turns("q", "r", "s", "bad"))
    assert pair.turns == turns("q", "r", "s")
    assert pair.prompt == "User: q\n\nAssistant: r\n\nUser: s"
    assert won_and_lost(pair) == ("good", "bad")


def test_trl_implicit_strings_are_not_cut_at_a_shared_paragraph() -> None:
    texts = "Name a bird.\n\nThe great tit.\nIt sings.", "Name a bird.\n\nThe great auk."
    pair = trl(chosen=texts[0], rejected=texts[1])
    assert (pair.prompt, won_and_lost(pair)) == ("", texts)


def test_trl_implicit_strings_are_cut_at_the_mark_of_an_answer_and_it_is_said() -> None:
    pair = trl(chosen="Name a bird.\nAnswer: the tit", rejected="Name a bird.\nAnswer: the auk")
    assert (pair.prompt, won_and_lost(pair)) == ("Name a bird.", ("the tit", "the auk"))
    assert [kind for kind, _ in pair.remarks] == ["prompt guessed"]


def test_trl_strings_keep_a_first_line_that_both_answers_share() -> None:
    pair = trl(chosen="Sure, a list:\n1. apple", rejected="Sure, a list:\n1. pear")
    assert pair.prompt == ""
    assert won_and_lost(pair) == ("Sure, a list:\n1. apple", "Sure, a list:\n1. pear")


def test_trl_strings_without_a_shared_line_have_no_prompt() -> None:
    pair = trl(chosen="The great tit.", rejected="The great auk.")
    assert (pair.prompt, won_and_lost(pair)) == ("", ("The great tit.", "The great auk."))


@pytest.mark.parametrize(
    ("scores", "label", "strength"),
    [
        ({"score_chosen": 4, "score_rejected": 4}, 0.5, 0.0),
        ({"score_chosen": "4.5", "score_rejected": 4}, None, 0.5),
        ({"score_chosen": 4}, None, None),
        ({"margin": 2, "score_chosen": 4, "score_rejected": 3}, None, 2.0),
        ({"score_chosen": None, "score_rejected": None}, None, None),
    ],
)
def test_trl_scores_give_ties_and_strength(
    scores: Row, label: float | None, strength: float | None
) -> None:
    pair = trl(prompt="q", chosen="good", rejected="bad", **scores)
    assert pair.strength == strength
    if label is None:
        assert won_and_lost(pair) == ("good", "bad")
    else:
        assert pair.label == label


def test_trl_chosen_equal_to_rejected_is_a_pair() -> None:
    pair = trl(prompt="q", chosen="same", rejected="same")
    assert pair.response_a == pair.response_b == "same"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"chosen": None, "rejected": "x"}, "missing chosen"),
        ({"chosen": "x", "rejected": None}, "missing rejected"),
        ({"chosen": "x"}, "missing rejected"),
        ({"chosen": "x", "rejected": 3}, "rejected is not text"),
        ({"chosen": turns("q", "a"), "rejected": "x"}, "rejected is not a conversation"),
        ({"chosen": "x", "rejected": turns("q", "a")}, "rejected is not text"),
        ({"chosen": [], "rejected": []}, "chosen is not a conversation"),
        ({"chosen": ["q"], "rejected": ["q"]}, "chosen has a turn without a role"),
        (
            {"chosen": [{"role": "assistant", "content": None}], "rejected": turns("q", "a")},
            "conversations part before the last response",
        ),
        (
            {"chosen": turns("q", "a", "r"), "rejected": turns("q", "a", "s")},
            "last turn is not the assistant's",
        ),
        (
            {"chosen": turns("q", "a"), "rejected": turns("q", "a", "r", "b")},
            "conversations part before the last response",
        ),
        (
            {"chosen": turns("q", "a"), "rejected": turns("Q", "b")},
            "conversations part before the last response",
        ),
        ({"prompt": 3, "chosen": "x", "rejected": "y"}, "prompt is not a conversation"),
        ({"prompt": "q", "chosen": "x", "rejected": ""}, "empty response"),
        ({"chosen": turns("q", "a"), "rejected": turns("q", " ")}, "empty response"),
        (
            {"prompt": "q", "chosen": "x", "rejected": "y", "score_chosen": "high"},
            "score_chosen is not a number",
        ),
    ],
)
def test_trl_rejects(row: Row, reason: str) -> None:
    assert reason_of("trl", row) == reason


# -- HH transcripts ----------------------------------------------------------------------------


def test_hh_splits_at_the_last_assistant_turn() -> None:
    start = "\n\nHuman: q\n\nAssistant: r\n\nHuman: s"
    pair = hh(f"{start}\n\nAssistant: good\n\nreally", f"{start}\n\nAssistant: bad")
    assert pair.turns == turns("q", "r", "s")
    assert won_and_lost(pair) == ("good\n\nreally", "bad")


def test_hh_with_one_turn_has_its_text_as_prompt() -> None:
    pair = hh("\n\nHuman: q\n\nAssistant: good", "\n\nHuman: q\n\nAssistant: bad")
    assert pair.prompt == "q"
    assert pair.turns is None
    assert won_and_lost(pair) == ("good", "bad")


@pytest.mark.parametrize(
    ("chosen", "rejected", "reason"),
    [
        (
            "\n\nHuman: q\n\nAssistant: a\n\nHuman: r\n\nAssistant: b",
            "\n\nHuman: q\n\nAssistant: c\n\nHuman: s\n\nAssistant: d",
            "conversations part before the last response",
        ),
        (
            "\n\nHuman: q\n\nAssistant: a\n\nHuman: r\n\nAssistant: b",
            "\n\nHuman: q\n\nAssistant: c",
            "conversations part before the last response",
        ),
        ("\n\nHuman: q\n\nAssistant: a", "\n\nHuman: q\n\nAssistant:", "empty response"),
        (
            "\n\nHuman: q\n\nAssistant: a\n\nHuman: r",
            "\n\nHuman: q\n\nAssistant: a\n\nHuman: s",
            "last turn is not the assistant's",
        ),
        ("no turns", "\n\nHuman: q\n\nAssistant: a", "not a transcript"),
        ("before\n\nHuman: q\n\nAssistant: a", "\n\nHuman: q\n\nAssistant: a", "not a transcript"),
    ],
)
def test_hh_rejects(chosen: str, rejected: str, reason: str) -> None:
    assert reason_of("hh", {"chosen": chosen, "rejected": rejected}) == reason


def test_hh_harmless_test_split_as_published() -> None:
    if not HH_TEST.is_file():
        pytest.skip(f"{HH_TEST} is not on this machine")
    source = read_pairs(ReadConfig(source=str(HH_TEST)))
    assert (source.format, source.n_rows, len(source.pairs)) == ("hh", 2312, 2303)
    assert source.reject_counts == {
        "conversations part before the last response": 5,
        "empty response": 4,
    }
    assert 0.45 < source.pairs["label"].mean() < 0.55  # type: ignore[operator]


# -- the two families that list the winner apart ----------------------------------------------


@settings(deadline=None, max_examples=40)
@given(st.text("abc", min_size=1), st.text("abc", min_size=1), st.booleans())
def test_the_label_names_the_chosen_response(good: str, bad: str, conversation: bool) -> None:
    def row(chosen: str, rejected: str) -> Row:
        if conversation:
            return {"chosen": turns("q", chosen), "rejected": turns("q", rejected)}
        return {"prompt": "q", "chosen": chosen, "rejected": rejected}

    pair, mirrored = trl(**row(good, bad)), trl(**row(bad, good))
    assert won_and_lost(pair) == (good, bad)
    assert won_and_lost(mirrored) == (bad, good)
    assert (pair.response_a, pair.response_b) == (mirrored.response_a, mirrored.response_b)


def test_the_draw_is_balanced_in_what_is_read(tmp_path: Path) -> None:
    rows = [{"prompt": f"{n}", "chosen": f"yes {n}", "rejected": f"no {n}"} for n in range(1000)]
    pairs = read(tmp_path, rows).pairs
    # 1,000 fair draws lie within 4 standard deviations of one half
    assert abs(pairs["label"].mean() - 0.5) < 0.064  # type: ignore[operator]
    # where the label is 0, the source's first response, the chosen one, is B
    assert (pairs["swapped"] == (pairs["label"] == 0)).all()


@pytest.mark.parametrize("found", FORMATS, ids=lambda found: found.name)
def test_every_family_says_what_it_expects_and_what_the_label_favours(found: Any) -> None:
    assert found.expects
    assert "side" in found.polarity or "label" in found.polarity


# -- detection, renaming, counting ------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (NATIVE, "native"),
        ({"Response_A": "x", "RESPONSE_B": "y"}, "native"),
        ({"chosen": "x", "rejected": "y"}, "trl"),
        ({"chosen": turns("q", "a"), "rejected": turns("q", "b")}, "trl"),
        (
            {
                "chosen": "\n\nHuman: q\n\nAssistant: a",
                "rejected": "\n\nHuman: q\n\nAssistant: b",
            },
            "hh",
        ),
        (
            {
                "prompt": "q",
                "chosen": "\n\nHuman: q\n\nAssistant: a",
                "rejected": "\n\nHuman: q\n\nAssistant: b",
            },
            "trl",
        ),
    ],
)
def test_detection_sees_columns_and_shapes(tmp_path: Path, row: Row, name: str) -> None:
    path = tmp_path / "trl_hh_native_ultrafeedback.jsonl"
    path.write_text(json.dumps(row))
    assert read_pairs(ReadConfig(source=str(path))).format == name


def test_two_formats_that_fit_are_named_and_one_may_be_chosen(tmp_path: Path) -> None:
    row = NATIVE | {"chosen": "x", "rejected": "y"}
    with pytest.raises(InputError, match=r"more than one format.*native: .*trl: "):
        read(tmp_path, [row])
    assert read(tmp_path, [row], format="trl").format == "trl"


@pytest.mark.parametrize("name", ["native", "trl", "hh"])
def test_a_few_odd_cells_do_not_hide_the_family(tmp_path: Path, name: str) -> None:
    good: dict[str, Row] = {
        "native": NATIVE,
        "trl": {"prompt": "q", "chosen": "x", "rejected": "y"},
        "hh": {
            "chosen": "\n\nHuman: q\n\nAssistant: a",
            "rejected": "\n\nHuman: q\n\nAssistant: b",
        },
    }
    odd: list[Row] = [
        good[name] | {column: value}
        for column in ("response_a", "chosen")
        if column in good[name]
        for value in (3, None, {"a": 1}, True, [])
    ]
    source = read(tmp_path, [*odd[:2], *[good[name]] * 7, *odd[2:]])
    assert source.format == name
    assert (len(source.pairs), len(source.rejects)) == (7, 5)


def test_the_format_can_be_given(tmp_path: Path) -> None:
    rows = [NATIVE | {"chosen": "left", "rejected": "right"}]
    pair = read(tmp_path, rows, format="trl").pairs.to_dicts()[0]
    assert {pair["response_a"], pair["response_b"]} == {"left", "right"}
    with pytest.raises(InputError, match="'nonsense' is unknown; known: native"):
        read(tmp_path, rows, format="nonsense")


def test_columns_can_be_named(tmp_path: Path) -> None:
    names = {"prompt": "question", "response_a": "left", "response_b": "right", "label": "won"}
    rows = [{names[name]: value for name, value in NATIVE.items()}]
    source = read(tmp_path, rows, columns=names)
    assert source.pairs.equals(read(tmp_path, [NATIVE]).pairs)


def test_naming_columns_leaves_the_kept_source_rows_as_they_were(tmp_path: Path) -> None:
    rows = [{"left": "x", "right": "y", "id": n} for n in range(3)]
    source = read(tmp_path, rows, columns={"response_a": "left", "response_b": "right"})
    assert [json.loads(text) for text in source.rows["row"]] == rows


def test_columns_can_be_exchanged(tmp_path: Path) -> None:
    columns = {"response_a": "response_b", "response_b": "response_a"}
    pair = read(tmp_path, [NATIVE], columns=columns).pairs.to_dicts()[0]
    assert (pair["response_a"], pair["response_b"]) == ("y", "x")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"response_a": "nowhere"}, ["nowhere", "question", "left"]),
        ({"promt": "question"}, ["promt", "prompt", "response_a"]),
        ({"prompt": 3}, ["3", "question"]),
    ],
)
def test_a_wrong_map_says_what_there_is(
    tmp_path: Path, columns: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, [{"question": "q", "left": "x", "right": "y"}], columns=columns)
    assert all(word in str(caught.value) for word in words)


def test_unknown_columns_are_named_in_one_short_line(tmp_path: Path) -> None:
    rows = [{"left": "x", "ri\nght": "y", "z" * 5000: 1}]
    with pytest.raises(InputError) as caught:
        read(tmp_path, rows)
    text = str(caught.value)
    assert "left" in text
    assert "ri ght" in text
    assert "--map" in text
    assert "\n" not in text
    assert len(text) < 1000


def test_a_source_without_a_usable_pair_says_why(tmp_path: Path) -> None:
    rows = [NATIVE | {"response_a": ""}] * 3 + [NATIVE | {"label": "x"}]
    with pytest.raises(
        InputError, match=r"among 4 rows.*empty response \(3\), label is not understood"
    ):
        read(tmp_path, rows)


def test_rows_in_are_pairs_and_rejects(tmp_path: Path) -> None:
    bad = [{"response_a": ""}, {"label": 7}, {"response_b": None}, {"response_a": ""}]
    rows = [NATIVE | (bad[n // 3] if n % 3 == 1 else {}) for n in range(12)]
    source = read(tmp_path, rows)
    assert source.reject_counts == {
        "empty response": 2, "label out of range": 1, "missing response_b": 1
    }  # fmt: skip
    accounted = source.pairs["source_row"].to_list() + source.rejects["source_row"].to_list()
    assert sorted(accounted) == list(range(12))
    assert source.n_rows == len(source.rows) == 12
    assert [json.loads(text) for text in source.rows["row"]] == rows


def test_limit_reads_the_first_rows(tmp_path: Path) -> None:
    rows = [NATIVE | {"prompt": f"p{n}"} for n in range(9)]
    assert read(tmp_path, rows, limit=4).pairs["prompt"].to_list() == ["p0", "p1", "p2", "p3"]
    assert read(tmp_path, rows, limit=99).n_rows == 9


def test_a_sample_ignores_nulls() -> None:
    sample = Sample.of([{"a": 1}, {"a": None, "b": 2}, {}])
    assert sample.columns == {"a", "b"}
    assert sample.values("a") == [1]
