"""OpenAI's two shapes: comparisons of summaries, and DPO lines for its fine-tuning service."""

from __future__ import annotations

from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, first_text, mostly
from wimhf.data.formats.choices import picked, put_index
from wimhf.data.formats.conversations import messages, response_text
from wimhf.data.formats.family import (
    CannotHold,
    Family,
    Sample,
    decoded,
    label_words,
    optional_text,
    prompt_text,
    text_of,
)
from wimhf.data.formats.nested import holds
from wimhf.data.formats.sides import exchanged_sides
from wimhf.data.pairs import Pair, RowReject, drawn_sides

OUTPUTS = ("preferred_output", "non_preferred_output")


class OpenAiSummaries(Family):
    """info, two summaries, choice: summaries of a post or an article."""

    name = "openai-summaries"
    expects = (
        "info{post or article}, summaries, a list of two {text, policy}; choice (0 = first, "
        "1 = second); worker"
    )
    columns = frozenset({"info", "summaries", "choice", "worker"})
    polarity = "choice 0 means label 1 for the first summary, 1 label 0 for the second"

    def matches(self, sample: Sample) -> bool:
        """Look for an object of information and a list of summaries, in most rows."""
        return (
            "choice" in sample.columns
            and mostly(sample, "info", lambda value: isinstance(decoded(value), dict))
            and mostly(sample, "summaries", lambda value: holds(value, "text"))
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Take the post, or the article, as prompt."""
        info = _object(row, "info")
        said = {name: info[name] for name in ("post", "article") if not empty(info.get(name))}
        summaries = decoded(row.get("summaries"))
        if not isinstance(summaries, list) or len(summaries) != 2:
            raise RowReject("summaries are not two")
        first, second = (one if isinstance(one, dict) else {} for one in summaries)
        return [
            Pair(
                prompt=text_of(said, "post", "article"),
                response_a=text_of(first, "text"),
                response_b=text_of(second, "text"),
                label=picked(row, "choice"),
                annotator=optional_text(row, "worker"),
                model_a=optional_text(first, "policy"),
                model_b=optional_text(second, "policy"),
                subset=first_text(info, "subreddit", "site"),
            )
        ]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the index of the preferred summary, -1 where there is none."""
        return put_index(row, "choice", first)


class OpenAiDpo(Family):
    """input, preferred_output, non_preferred_output: one conversation, two answers."""

    name = "openai-dpo"
    expects = (
        "input{messages}, preferred_output, non_preferred_output, each a list of {role, content}"
    )
    columns = frozenset({"input", *OUTPUTS})
    sides_drawn = True
    polarity = (
        "the source lists the preferred output apart from the other one; "
        "sides A and B were drawn by a hash of each pair"
    )

    def matches(self, sample: Sample) -> bool:
        """Look for an input with messages and two outputs of messages, in most rows."""
        return mostly(sample, "input", _has_messages) and all(
            mostly(sample, name, lambda value: holds(value, "role")) for name in OUTPUTS
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Draw the sides."""
        turns = messages(_object(row, "input").get("messages"), "input")
        preferred, other = (_answer(row, name) for name in OUTPUTS)
        pair = Pair(
            prompt=prompt_text(turns),
            response_a=preferred,
            response_b=other,
            label=1.0,
            turns=turns if len(turns) > 1 else None,
        )
        return [drawn_sides(pair)]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Exchange the outputs; there is no other label than that one is preferred."""
        if first != 0.0:
            raise CannotHold(f"a preferred output cannot say {label_words(first)}")
        return exchanged_sides(row)


def _object(row: Row, name: str) -> Row:
    found = decoded(row.get(name))
    if not isinstance(found, dict):
        raise RowReject(f"{name} is not an object", f"{name} holds a {type(found).__name__}")
    return found


def _has_messages(value: Any) -> bool:
    given = decoded(value)
    return isinstance(given, dict) and isinstance(given.get("messages"), list)


def _answer(row: Row, name: str) -> str:
    turns = messages(row.get(name), name)
    if turns[0]["role"] != "assistant":
        raise RowReject(f"{name} is not the assistant's", f"its role is {turns[0]['role']!r:.60}")
    return response_text(turns)
