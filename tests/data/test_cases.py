"""Files in the shapes of public reports, each with its right answer; skipped where they are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wimhf.base.config import ReadConfig
from wimhf.data.formats import Source, read_pairs
from wimhf.errors import InputError
from wimhf.pipeline import inspect

CASES = Path(__file__).parents[3] / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="shared/cases is not here")
Sides = tuple[int, int, int, int]


def source(name: str, **settings: Any) -> Source:
    (path,) = CASES.glob(f"{name}_*")
    return read_pairs(ReadConfig(source=str(path), **settings))


def sides(read: Source) -> Sides:
    """Count who wins as the source lists them: first, second, tie, no label."""
    found: Counter[float | None] = Counter(
        None if label is None else 1 - label if swapped else label
        for label, swapped in zip(read.pairs["label"], read.pairs["swapped"], strict=True)
    )
    return found[1.0], found[0.0], found[0.5], found[None]


RIGHT: dict[str, Sides] = {
    "B02b": (40, 0, 0, 0), "B04": (40, 0, 0, 0), "B05": (40, 0, 0, 0), "B06": (40, 0, 0, 0),
    "B13": (40, 0, 0, 0), "B13b": (26, 0, 0, 14), "B14b": (40, 0, 0, 0), "B16": (40, 0, 0, 0),
    "B16b": (40, 0, 0, 0), "B16e": (40, 0, 0, 0), "B17b": (20, 20, 0, 0), "B17c": (20, 20, 0, 0),
    "B17d": (20, 20, 0, 0), "B18": (40, 0, 0, 0), "B18b": (40, 0, 0, 0), "B22b": (40, 0, 0, 0),
    "B26": (120, 0, 0, 0), "B27": (40, 0, 0, 0), "B28": (40, 0, 0, 0), "B29": (40, 0, 0, 0),
    "B36": (20, 20, 0, 0), "B38": (120, 0, 0, 0), "B39": (40, 0, 0, 0), "B40": (40, 0, 0, 0),
    "F01": (240, 0, 0, 0), "F02a": (40, 0, 0, 0), "F04": (90, 0, 0, 0), "F05": (20, 0, 0, 0),
    "F07b": (40, 0, 0, 0), "F09": (40, 0, 0, 0), "F12": (20, 10, 10, 0), "F18": (360, 0, 0, 0),
    "F20": (40, 0, 0, 0), "F21": (40, 0, 0, 0), "F22": (40, 0, 0, 0), "F22d": (40, 0, 0, 0),
    "F24": (40, 0, 0, 0), "F27": (40, 0, 0, 0), "F44": (30, 0, 10, 0), "B15": (20, 20, 0, 0),
    "B10b": (240, 0, 0, 0), "B20b": (400, 0, 0, 0),
}  # fmt: skip


@pytest.mark.parametrize(("name", "right"), RIGHT.items(), ids=RIGHT)
def test_every_file_gives_its_pairs(name: str, right: Sides) -> None:
    read = source(name)
    assert sides(read) == right
    assert not len(read.rejects)


def only(read: Source, column: str) -> list[Any]:
    values: list[Any] = read.pairs[column].to_list()
    return values


def turns_of(read: Source) -> list[str]:
    return [text or "" for text in read.pairs["turns"]]


def begins(text: str) -> Callable[[str], bool]:
    return lambda prompt: prompt.startswith(text)


PROMPTS: dict[str, str] = {
    "B02b": "User: Weather for pruning a rose bush today?\n\nAssistant: [tool call] get_weather(",
    "B04": "What should I know about pruning a rose bush?",
    "B14b": "What should I know about pruning a rose bush?",
    "B28": "User: What should I know about pruning a rose bush?\n\nAssistant: Let us think. Step 1",
    "B38": "System: Answer in one short sentence.\n\nUser: What should I know",
    "F01": "What should I know about pruning a rose bush?",
    "F07b": "What should I know about pruning a rose bush?",
    "F12": "What should I know about pruning a rose bush?",
    "F20": "Answer the question about pruning a rose bush.\nWhat should I know",
    "F21": "User: What should I know about pruning a rose bush?\n\nAssistant: For planning",
    "F22": "System: You are a careful helper. Answer in two sentences.\n\nUser: What should I know",
    "F22d": "System: You are a pirate. Speak like one.\n\nUser: What should I know",
    "F27": "What should I know about pruning a rose bush?",
}


@pytest.mark.parametrize(("name", "start"), PROMPTS.items(), ids=PROMPTS)
def test_the_prompt_is_what_comes_before_the_answers(name: str, start: str) -> None:
    assert only(source(name), "prompt")[0].startswith(start)


def test_no_prompt_is_guessed_of_prose() -> None:
    read = source("B29")
    assert set(only(read, "prompt")) == {""}
    assert all(text.startswith("Ahoy!") for text in only(read, "response_a"))


def test_a_prompt_that_is_there_twice_is_told_once() -> None:
    assert all(prompt.count("What should I know") == 1 for prompt in only(source("B27"), "prompt"))


def test_missing_scores_weights_and_annotators_are_missing() -> None:
    assert source("B13").pairs["strength"].null_count() == 20
    weights = Counter(only(source("B13b"), "weight"))
    assert weights[1.0] > 0
    named = source("B36").pairs["annotator"]
    assert (named.null_count(), named.drop_nulls().n_unique()) == (10, 3)


def test_scores_against_the_label_are_counted() -> None:
    read = source("F44")
    assert (read.pairs["strength"] < 0).sum() == 10


def test_another_system_prompt_is_another_prompt() -> None:
    (path,) = CASES.glob("B39_*")
    items = {item.id: item for item in inspect(path).health.items}
    assert {items[name].count for name in ("duplicates", "contradictions")} == {0}


def test_unread_columns_and_images_are_named() -> None:
    read = source("B22b")
    assert list(read.notes.unread) == ["images"]
    (path,) = CASES.glob("B22b_*")
    items = {item.id: item for item in inspect(path).health.items}
    assert "images" in items["media"].said


def test_groups_count_their_rows_and_a_prompt_counts_once() -> None:
    read = source("F04")
    assert (read.n_read, read.n_rows, len(read.pairs)) == (60, 15, 90)
    assert read.pairs["weight"].sum() == pytest.approx(15)
    assert source("F01").pairs["weight"].sum() == pytest.approx(40)


@pytest.mark.parametrize(("which", "count"), [("all", 360), ("adjacent", 120), ("best", 120)])
def test_lists_of_better_and_worse_answers(which: str, count: int) -> None:
    assert len(source("F18", pairs=which).pairs) == count


@pytest.mark.parametrize(("which", "count"), [("all", 240), ("adjacent", 120), ("best", 120)])
def test_ranked_answers(which: str, count: int) -> None:
    assert len(source("F01", pairs=which).pairs) == count


def test_one_answer_a_row_is_said_and_the_pairs_are_offered() -> None:
    with pytest.raises(InputError, match=r"one response per row.*nothing to compare"):
        source("B11")
    with pytest.raises(InputError, match=r"KTO.*nothing to compare.*--format one-a-row.*20 pairs"):
        source("F16")
    assert len(source("F16", format="one-a-row").pairs) == 20
