"""What holds for every family of formats alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.family_rows import BY_NAME, CELLS, FAMILIES, LABELS, MIRRORED, ROWS, Row, as_csv
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.family import Family
from wimhf.data.pairs import Pair, RowReject

OTHERS = ("native", "trl", "hh")
NEW = [family for family in FAMILIES if family.name not in OTHERS]
ODD_CELLS = (True, float("nan"), 10**400, [[]], "[{")
ODD: list[Row] = [{}, {"unknown": 1}, *(dict.fromkeys(sorted(LABELS), cell) for cell in ODD_CELLS)]


def meant(sample: Sample) -> set[str]:
    """Return the families that fit, without those of which another is a special case."""
    fits = [family for family in FAMILIES if family.matches(sample)]
    general = {name for family in fits for name in family.narrows}
    return {family.name for family in fits} - general


@pytest.mark.parametrize(("name", "row"), ROWS.values(), ids=ROWS)
def test_each_row_is_of_one_family(name: str, row: Row) -> None:
    assert meant(Sample.of([row] * 3)) == {name}
    assert meant(Sample.of([as_csv(row)] * 3)) == {name}


@pytest.mark.parametrize(("name", "row"), ROWS.values(), ids=ROWS)
def test_a_few_odd_cells_do_not_hide_the_family(name: str, row: Row) -> None:
    odd = [dict.fromkeys(row, value) for value in (3, None, {"a": 1}, [])]
    assert meant(Sample.of([*odd[:2], *[row] * 5, *odd[2:]])) == {name}


@pytest.mark.parametrize(("name", "row"), [told for told in ROWS.values() if told[0] not in OTHERS])
def test_a_few_fitting_cells_are_no_family(name: str, row: Row) -> None:
    odd = dict.fromkeys(row, 8)
    assert name not in meant(Sample.of([odd, row, odd, odd]))


@pytest.mark.parametrize(("name", "row"), ROWS.values(), ids=ROWS)
def test_an_unlabelled_source_is_still_of_its_family(name: str, row: Row) -> None:
    unlabelled = row | dict.fromkeys(LABELS & row.keys())
    assert meant(Sample.of([unlabelled] * 3)) == {name}


@pytest.mark.parametrize(("name", "row"), [told for told in ROWS.values() if told[0] not in OTHERS])
@pytest.mark.parametrize("value", [7.5, "left", {"a": 1}, float("inf"), 10**400])
def test_labels_of_another_kind_are_of_no_new_family(name: str, row: Row, value: object) -> None:
    strange = row | dict.fromkeys(LABELS & row.keys(), value)
    assert meant(Sample.of([strange] * 3)) <= {"native"}


@pytest.mark.parametrize("name", MIRRORED)
def test_the_same_judgement_from_the_other_side_is_the_mirrored_pair(name: str) -> None:
    family, row = BY_NAME[ROWS[name][0]], ROWS[name][1]
    pairs, mirrored = family.parse(row), family.parse(MIRRORED[name])
    assert all(isinstance(pair, Pair) and pair.label is not None for pair in pairs)
    assert mirrored == [replace(pair.exchanged(), swapped=False) for pair in pairs]


@pytest.mark.parametrize("name", MIRRORED)
def test_text_cells_are_the_same_pairs(name: str) -> None:
    family, row = BY_NAME[ROWS[name][0]], ROWS[name][1]
    assert family.parse(as_csv(row)) == family.parse(row)


@pytest.mark.parametrize("family", NEW, ids=lambda family: family.name)
@pytest.mark.parametrize("row", ODD, ids=str)
def test_odd_samples_are_of_no_family(family: Family, row: Row) -> None:
    assert not family.matches(Sample.of([row] * 3))
    assert not family.matches(Sample.of([]))


def cells_of(family: Family) -> st.SearchStrategy[Row]:
    """Draw rows of the family in which any column is gone or holds whatever it may."""
    published = [row for name, row in ROWS.values() if name == family.name]
    changes = st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(family.columns), CELLS))
    gone = st.sets(st.sampled_from(sorted(family.columns)), max_size=2)
    return st.builds(
        lambda row, changed, gone: {k: v for k, v in (row | changed).items() if k not in gone},
        st.sampled_from(published), changes, gone,
    )  # fmt: skip


@pytest.mark.parametrize("family", NEW, ids=lambda family: family.name)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_row_gives_pairs_or_rejects(family: Family, data: st.DataObject) -> None:
    row = data.draw(cells_of(family))
    before = repr(row)
    assert family.matches(Sample.of([row])) in (True, False)
    try:
        parsed = family.parse(row)
    except RowReject as reject:
        parsed = [reject]
    assert parsed
    for one in parsed:
        assert isinstance(one, (Pair, RowReject))
        if isinstance(one, RowReject):
            assert one.reason
            assert len(one.detail) < 200
    assert repr(row) == before


@pytest.mark.parametrize("family", NEW, ids=lambda family: family.name)
def test_every_family_says_what_it_expects_and_what_the_label_favours(family: Family) -> None:
    assert family.expects
    assert "label" in family.polarity
    assert not family.polarity.endswith(".")
    assert not family.sides_drawn
    assert len({other.name for other in FAMILIES}) == len(FAMILIES)
