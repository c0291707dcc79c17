"""Pairs as edits leave them, and what makes two of them the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import strategies as st

from wimhf.base.config import ReadConfig
from wimhf.data.formats import read_pairs
from wimhf.data.formats.conversations import prompt_text
from wimhf.data.pairs import Pair, content_hash, pair_table, uncurated

TURNS = [
    {"role": "system", "content": "Be brief.\nAlways."},
    {"role": "user", "content": "مرحبا بك"},
    {"role": "assistant", "content": "Hello 🙂"},
    {"role": "user", "content": '=SUM(A1) "quoted", and\r\nlines'},
]
BUSY = [
    Pair("What is 1+1?", "It is two.", "Three", 1.0, strength=2.0, subset="sums"),
    Pair("", "-5", "NA", 0.0, strength=0.5),
    Pair(
        prompt_text(TURNS), 'one, "two"\n\nthree', "نعم\u2028\u0085 \t", 1.0,
        strength=1.0, turns=TURNS,
    ),
    Pair("  outer blanks \n", " a ", "[{\"role\": 1}]", 0.0, strength=3.0),
    Pair("same", "twice", "Twice", 1.0, strength=1.0),
    Pair("same", "twice", "Twice", 0.0, strength=1.0),
    Pair("same answer", "equal", "equal", 1.0, strength=1.0),
]  # fmt: skip
ANY = [
    *BUSY,
    Pair("tied", "one", "two", 0.5, strength=0.0),
    Pair("a judge's", "one", "two", 0.8, strength=0.0),
    Pair("open", "one", "two", None, strength=0.0),
]


def curated(pairs: list[Pair]) -> pl.DataFrame:
    """Return the pair table of pairs that no edit has touched."""
    return uncurated(pair_table(pairs, range(len(pairs))))


def edited(table: pl.DataFrame, at: int, **values: Any) -> pl.DataFrame:
    """Return the table with other values in one row, as edit 1 leaves it."""
    values = {"edit": 1, "edited_by": "kim", "edited_because": "looked | twice"} | values
    row = pl.int_range(pl.len()) == at
    return table.with_columns(
        pl.when(row).then(pl.lit(value, table.schema[name])).otherwise(name).alias(name)
        for name, value in values.items()
    )


def same_pairs(table: pl.DataFrame, *columns: str) -> Counter[tuple[Any, ...]]:
    """Return what pairs say, whatever their order and that of their sides."""
    return Counter(_key(pair, columns) for pair in table.iter_rows(named=True))


def read_back(path: Path) -> pl.DataFrame:
    """Read an export as any other source: nothing says what it is."""
    found = read_pairs(ReadConfig(source=str(path)))
    assert found.rejects.is_empty()
    return found.pairs


def _key(pair: dict[str, Any], columns: tuple[str, ...]) -> tuple[Any, ...]:
    first, second, label = pair["response_a"], pair["response_b"], pair["label"]
    if label is not None:
        label = label if first < second else 1 - label
        label = max(label, 1 - label) if first == second else label
    texts = pair["prompt"], *sorted((first, second))
    assert pair["pair_id"].split("-")[0] == content_hash(pair["prompt"], first, second)
    return pair["pair_id"].split("-")[0], *texts, label, *(pair[name] for name in columns)


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('=+-@\t\r\n",🙂ش\u2028\\[{ '),
    max_size=20,
)
ANSWERS = TEXTS.filter(lambda text: bool(text.strip()))


@st.composite
def pair_strategy(draw: st.DrawFn, *, winners: bool = False) -> Pair:
    """Draw a pair of odd texts, with or without a conversation before it."""
    turns = None
    prompt = draw(TEXTS)
    if draw(st.booleans()):
        turns = [
            {"role": ("user", "assistant")[at % 2], "content": text}
            for at, text in enumerate(draw(st.sampled_from([2, 3, 5])) * [prompt])
        ]
        prompt = prompt_text(turns)
    labels = st.sampled_from([0.0, 1.0] if winners else [0.0, 1.0, 0.5, 0.7, None])
    return Pair(prompt, draw(ANSWERS), draw(ANSWERS), draw(labels), turns=turns)
