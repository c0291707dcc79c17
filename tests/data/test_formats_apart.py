"""What holds for the families of choice_rows alike, and that no family's source is another's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import family_rows
from tests.choice_rows import FAMILIES, SOURCES, Row, read
from tests.family_rows import CELLS, ROWS, as_csv
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.family import Family, Numbered
from wimhf.data.pairs import Pair, RowReject

ALL = (*FAMILIES, *family_rows.FAMILIES)
BY_NAME = {family.name: family for family in ALL}
NESTED = ("prism", "annotated-pairs", "llm-comparator")
WITHIN: dict[str, tuple[str, ...]] = {
    "prism": ("utterances", "role", "content"),
    "openai-summaries": ("text", "policy", "post", "article"),
    "openai-dpo": ("messages", "role", "content"),
    "argilla": (
        "r.responses", "r.responses.users", "r.responses.status", "value", "rank", "a", "b",
    ),
    "annotated-pairs": ("pref", "text", "model"),
    "llm-comparator": ("name",),
}  # fmt: skip
"""Keys that mean something inside the cells of a family, or columns that the user names."""


def meant(rows: list[Row]) -> set[str]:
    """Return the families that fit, without those of which another is a special case."""
    fits = [family for family in ALL if family.matches(Sample.of(rows))]
    general = {name for family in fits for name in family.narrows}
    return {family.name for family in fits} - general


@pytest.mark.parametrize(("name", "rows"), SOURCES.values(), ids=SOURCES)
def test_each_source_is_of_one_family(name: str, rows: list[Row]) -> None:
    assert meant(rows * 3) == {name}
    assert meant([as_csv(row) for row in rows * 3]) == {name}


@pytest.mark.parametrize(("name", "row"), ROWS.values(), ids=ROWS)
def test_the_sources_of_other_families_stay_theirs(name: str, row: Row) -> None:
    assert meant([row] * 3) == {name}


@pytest.mark.parametrize(("name", "rows"), SOURCES.values(), ids=SOURCES)
def test_a_few_odd_cells_do_not_hide_the_family(name: str, rows: list[Row]) -> None:
    odd = [dict.fromkeys(rows[0], value) for value in (3, None, {"a": 1}, [])]
    assert meant([*odd[:2], *rows * 5, *odd[2:]]) == {name}


@pytest.mark.parametrize(("name", "rows"), SOURCES.values(), ids=SOURCES)
def test_text_cells_are_the_same_pairs(name: str, rows: list[Row]) -> None:
    family = BY_NAME[name]
    pairs = read(family, *rows)
    assert pairs
    assert all(isinstance(pair, Pair) and pair.label is not None for pair in pairs)
    assert read(family, *map(as_csv, rows)) == pairs


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_odd_samples_are_of_no_family(family: Family) -> None:
    odd: list[Row] = [{}, {"unknown": 1}]
    odd += [dict.fromkeys(family.columns, value) for value in (None, True, 7, {}, [], "[{", [[]])]
    for row in odd:
        assert not family.matches(Sample.of([row] * 3))
    assert not family.matches(Sample.of([]))


def rows_of(family: Family) -> st.SearchStrategy[Row]:
    """Draw rows with some of the family's columns, each as published or whatever."""
    rows = [row for name, rows in SOURCES.values() if name == family.name for row in rows]
    within = WITHIN.get(family.name, ())
    inner = st.dictionaries(st.sampled_from(sorted({*within, *family.columns})), CELLS, max_size=3)
    cells = (
        CELLS
        | inner
        | st.lists(inner, max_size=3)
        | st.lists(st.lists(inner, max_size=2), max_size=2)
    )
    known = {name: [row[name] for row in rows if name in row] for row in rows for name in row}
    columns = {
        name: st.sampled_from(known[name]) | cells if name in known else cells
        for name in {*family.columns, *within, *known}
    }
    return st.fixed_dictionaries({}, optional=columns)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_rows_give_pairs_or_rejects(family: Family, data: st.DataObject) -> None:
    rows = data.draw(st.lists(rows_of(family), min_size=1, max_size=2))
    before = repr(rows)
    assert family.matches(Sample.of(rows)) in (True, False)
    numbered: list[Numbered] = [*enumerate(rows), (len(rows), RowReject("line is not JSON"))]
    unfolded = family.unfold(numbered).rows
    assert [number for number, _ in unfolded] == list(range(len(unfolded)))
    assert unfolded[-1][1] is numbered[-1][1]
    for _, row in unfolded[:-1]:
        for one in parsed(family, row):
            assert isinstance(one, (Pair, RowReject))
            if isinstance(one, RowReject):
                assert one.reason
                assert len(one.detail) < 200
    assert repr(rows) == before


def parsed(family: Family, row: Row | RowReject) -> list[Pair | RowReject]:
    """Return what there is of a row, which is never nothing."""
    if isinstance(row, RowReject):
        return [row]
    try:
        found = family.parse(row)
    except RowReject as reject:
        return [reject]
    assert found
    return found


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_says_what_it_expects_and_what_the_label_favours(family: Family) -> None:
    assert family.expects
    assert family.columns
    assert "label" in family.polarity or "sides A and B were drawn" in family.polarity
    assert not family.polarity.endswith(".")
    assert family.sides_drawn == (family.name in ("ultrafeedback", "tulu", "openai-dpo"))
    assert len({other.name for other in ALL}) == len(ALL)
