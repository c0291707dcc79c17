"""Words are the same, counted one text at a time or many at once."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wimhf.concepts import measures
from wimhf.concepts.measures import count_words, words_of

TEXT = st.text(st.sampled_from("ab ,'\n\t\x1c\x0b’é中カ\u3000\xa0"), max_size=12)


@pytest.mark.parametrize("together", [1, 2, 20_000])
def test_words_of_many_are_those_of_each(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "TOGETHER", together)

    @settings(deadline=None, max_examples=80)
    @given(st.lists(TEXT, max_size=6))
    def law(texts: list[str]) -> None:
        wanted = [count_words(text) for text in texts]
        assert words_of(texts).tolist() == wanted
        assert words_of(pl.Series(texts, dtype=pl.String)).tolist() == wanted

    law()
