"""Scores of names on the command line: which need a language model, and which are none."""

from __future__ import annotations

import pytest

from wimhf.errors import ConfigError
from wimhf.ui.cli.options import settings_given


def test_a_score_by_another_encoder_needs_no_model() -> None:
    assert settings_given({"scores": ["embedding"]})["llm"]["scores"] == ["embedding"]


@pytest.mark.parametrize("words", [["surprisal"], ["embedding,detection"], ["fuzzing"]])
def test_a_score_by_a_model_needs_one(words: list[str]) -> None:
    with pytest.raises(ConfigError, match="asks a language model"):
        settings_given({"scores": words})
    assert settings_given({"scores": words, "llm": "m"})["llm"]["model"] == "m"
