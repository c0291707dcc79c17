"""How much of what asks for harm is found, and how little of what only looks like it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from wimhf.concepts import load_concepts, measure_concepts

HELD_OUT = tomllib.loads(Path(__file__).with_name("asked_for_harm.toml").read_text("utf-8"))
HARM = [concept for concept in load_concepts() if concept.id == "asks_for_harm"]


def found(texts: list[str]) -> list[str]:
    amounts = measure_concepts(HARM, texts).toarray()[:, 0]
    return [text for text, amount in zip(texts, amounts, strict=True) if amount > 0]


@pytest.mark.parametrize(
    ("worded", "least"), [("plain", 0.95), ("roundabout", 0.85), ("unseen", 0.3)]
)
def test_most_of_what_asks_for_harm_is_found(worded: str, least: float) -> None:
    texts = HELD_OUT[worded]
    assert len(found(texts)) >= least * len(texts)


@pytest.mark.parametrize(("worded", "most"), [("harmless", 0), ("unseen_harmless", 1)])
def test_hardly_anything_harmless_is_taken_for_harm(worded: str, most: int) -> None:
    assert len(found(HELD_OUT[worded])) <= most
