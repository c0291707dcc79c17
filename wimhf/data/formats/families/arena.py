"""LMArena battles (33k, 100k, 140k) and MT-bench human judgements."""

from __future__ import annotations

from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, first_text, mostly, not_understood, whole
from wimhf.data.formats.cells_out import lettered, like, put
from wimhf.data.formats.conversations import messages, parted
from wimhf.data.formats.family import (
    CannotHold,
    Family,
    Sample,
    decoded,
    label_words,
    optional_text,
    prompt_text,
)
from wimhf.data.pairs import Pair, RowReject

SIDES = ("conversation_a", "conversation_b")
WINNERS = {
    "modela": 1.0, "modelb": 0.0, "tie": 0.5, "bothbad": 0.5, "tie(bothbad)": 0.5,
    "tie(inconsistent)": 0.5,
}  # fmt: skip
"""Without spaces and underscores, of which the releases differ; inconsistent is a judge model
that changed its mind when the sides were exchanged."""


class Arena(Family):
    """conversation_a, conversation_b, winner: two whole conversations, one of them preferred."""

    name = "arena"
    expects = (
        "conversation_a, conversation_b, each a list of {role, content}; "
        "winner: model_a, model_b, tie or both_bad"
    )
    columns = frozenset({
        "conversation_a", "conversation_b", "winner", "model_a", "model_b", "judge", "judge_hash",
        "language", "category", "turn", "conversation_id", "evaluation_session_id", "question_id",
    })  # fmt: skip
    polarity = (
        "winner model_a means label 1 for conversation_a, model_b label 0 for conversation_b, "
        "any tie .5"
    )

    def matches(self, sample: Sample) -> bool:
        """Expect two conversations and a winner in most rows."""
        return all(
            mostly(sample, side, lambda value: isinstance(decoded(value), list)) for side in SIDES
        ) and mostly(sample, "winner", lambda value: _word(value) in WINNERS, if_empty=True)

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Split the conversations where they part."""
        rounds = whole(row.get("turn"))
        first, second = (_judged(messages(row.get(side), side), rounds) for side in SIDES)
        turns, response_a, response_b = parted(first, second)
        return [
            Pair(
                prompt=prompt_text(turns),
                response_a=response_a,
                response_b=response_b,
                label=_label(row.get("winner")),
                annotator=first_text(row, "judge", "judge_hash"),
                model_a=optional_text(row, "model_a"),
                model_b=optional_text(row, "model_b"),
                subset=first_text(row, "language", "category"),
                conversation_id=first_text(
                    row, "conversation_id", "evaluation_session_id", "question_id"
                ),
                turns=turns if len(turns) > 1 else None,
            )
        ]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the winner as the row spells it."""
        return put(row, "winner", _winner(row.get("winner"), first))


def _winner(old: Any, first: float | None) -> str | None:
    if first is None:
        return like(old, None)  # type: ignore[no-any-return]
    if first == 0.5:
        return "tie"
    if first not in (0.0, 1.0):
        raise CannotHold(f"winner cannot say {label_words(first)}")
    letter = "a" if first == 1.0 else "b"
    return lettered(old, letter) if _word(old) in ("modela", "modelb") else f"model_{letter}"


def _judged(turns: list[dict[str, str]], rounds: int | None) -> list[dict[str, str]]:
    """Return the rounds that were judged: MT-bench lists both even where one was shown."""
    answers = [at for at, turn in enumerate(turns) if turn["role"] == "assistant"]
    if rounds is None or not 0 < rounds < len(answers):
        return turns
    return turns[: answers[rounds - 1] + 1]


def _word(value: Any) -> str:
    return value.lower().replace("_", "").replace(" ", "") if isinstance(value, str) else ""


def _label(value: Any) -> float | None:
    if empty(value):
        return None
    if _word(value) not in WINNERS:
        raise not_understood(value, "winner")
    return WINNERS[_word(value)]
