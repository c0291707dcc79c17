"""LMArena battles (33k, 100k, 140k) and MT-bench human judgements."""

from __future__ import annotations

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import not_understood, whole
from wimhf.data.formats.cells_out import lettered, like
from wimhf.data.formats.columns import Sample, Schema, optional
from wimhf.data.formats.conversations import after, messages, noting, parted
from wimhf.data.formats.encoded import talk_in
from wimhf.data.formats.family import CannotHold, label_words
from wimhf.data.formats.judged import Judged
from wimhf.data.formats.labels import Label, Verdict
from wimhf.data.pairs import Fields, Turns

SIDES = ("conversation_a", "conversation_b")
WINNERS = {
    "modela": 1.0, "modelb": 0.0, "tie": 0.5, "bothbad": 0.5, "tie(bothbad)": 0.5,
    "tie(inconsistent)": 0.5,
}  # fmt: skip
"""Without spaces and underscores, of which the releases differ; inconsistent is a judge model
that changed its mind when the sides were exchanged."""


class Winner(Label):
    """model_a, model_b, or one of the words for a tie."""

    def meaning(self, value: object) -> Verdict:
        """Look the word up."""
        if _word(value) not in WINNERS:
            raise not_understood(value, self.title)
        return WINNERS[_word(value)], None

    def spelled(self, old: object, first: float | None) -> object:
        """Return the winner as the releases that the cell is of spell it."""
        if first is None:
            return like(old, None)
        if first == 0.5:
            return "tie"
        if first not in (0.0, 1.0):
            raise CannotHold(f"winner cannot say {label_words(first)}")
        letter = "a" if first == 1.0 else "b"
        decided = _word(old) in ("modela", "modelb")
        return lettered(str(old), letter) if decided else f"model_{letter}"


class Arena(Judged):
    """conversation_a, conversation_b, winner: two whole conversations, one of them preferred."""

    name = "arena"
    narrows = ("native",)
    expects = (
        "conversation_a, conversation_b, each a list of {role, content}; "
        "winner: model_a, model_b, tie or both_bad"
    )
    polarity = (
        "winner model_a means label 1 for conversation_a, model_b label 0 for conversation_b, "
        "any tie .5"
    )
    schema = Schema(
        *SIDES,
        "turn",
        annotator=optional("judge", "judge_hash"),
        model_a=optional("model_a"),
        model_b=optional("model_b"),
        subset=optional("language", "category"),
        conversation_id=optional("conversation_id", "evaluation_session_id", "question_id"),
    )
    label = Winner("winner")

    def matches(self, sample: Sample) -> bool:
        """Expect two conversations and a winner in most rows."""
        return super().matches(sample) and all(
            sample.mostly(side, lambda value: talk_in(value) is not None) for side in SIDES
        )

    def fields(self, row: Row) -> Fields:
        """Split the conversations where they part."""
        rounds = whole(row.get("turn"))
        with noting() as told:
            first, second = (
                _judged(messages(row.get(side), side, self.reading.roles, told), rounds)
                for side in SIDES
            )
            return self.schema.read(row) | after(*parted(first, second)) | {"remarks": tuple(told)}


def _judged(turns: Turns, rounds: int | None) -> Turns:
    """Return the rounds that were judged: MT-bench lists both even where one was shown."""
    answers = [at for at, turn in enumerate(turns) if turn["role"] == "assistant"]
    if rounds is None or not 0 < rounds < len(answers):
        return turns
    return turns[: answers[rounds - 1] + 1]


def _word(value: object) -> str:
    return value.lower().replace("_", "").replace(" ", "") if isinstance(value, str) else ""
