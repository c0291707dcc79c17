"""Figures of a sample say so; figures of all pairs say nothing."""

import pytest

from wimhf.ui.words.sample import sample_words
from wimhf.ui.words.views import UNMEASURED


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        (None, None),
        ({"effects": 900, "models": 900}, None),
        ({"effects": 900, "models": 300}, "all 900 labelled pairs; models of all features on 300"),
        ({"effects": 500, "models": 300}, "500 of 900 labelled pairs, drawn by prompt"),
    ],
)
def test_a_sample_is_said(sample: dict[str, int] | None, said: str | None) -> None:
    summary = {**UNMEASURED, "n_labelled": 1000, "n_zero_weight": 100, "sample": sample}
    found = sample_words(summary)  # type: ignore[arg-type]
    assert found is None if said is None else said in str(found)
