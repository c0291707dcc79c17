"""TRL preference: chosen and rejected, as strings or conversations, with or without a prompt."""

from __future__ import annotations

from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import number
from wimhf.data.formats.cells_out import like, put
from wimhf.data.formats.conversations import messages
from wimhf.data.formats.family import (
    CannotHold,
    Family,
    Sample,
    Turns,
    label_words,
    optional_number,
    optional_text,
    prompt_text,
    text_of,
)
from wimhf.data.formats.sides import exchanged_sides
from wimhf.data.pairs import Pair, RowReject, drawn_sides


class TrlPreference(Family):
    """chosen, rejected [, prompt]; each a string or a list of {role, content}."""

    name = "trl"
    expects = "chosen, rejected, each a string or a list of {role, content}; prompt optional"
    columns = frozenset({
        "prompt", "chosen", "rejected", "margin", "score_chosen", "score_rejected", "weight",
        "annotator", "subset", "conversation_id",
    })  # fmt: skip
    sides_drawn = True
    polarity = (
        "the source lists the chosen response apart from the rejected one; "
        "sides A and B were drawn by a hash of each pair"
    )

    def matches(self, sample: Sample) -> bool:
        """Chosen and rejected hold text or conversations, in most rows."""
        if not {"chosen", "rejected"} <= sample.columns:
            return False
        values = sample.values("chosen") + sample.values("rejected")
        return sum(isinstance(value, (str, list)) for value in values) > len(values) / 2

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Split off the prompt, then draw the sides."""
        if isinstance(row.get("chosen"), list):
            turns, chosen, rejected = _conversation(row)
        else:
            turns, chosen, rejected = _strings(row)
        high, low = optional_number(row, "score_chosen"), optional_number(row, "score_rejected")
        margin = optional_number(row, "margin")
        if margin is None and high is not None and low is not None:
            margin = high - low
        weight = optional_number(row, "weight")
        pair = Pair(
            prompt=prompt_text(turns) if turns else "",
            response_a=chosen,
            response_b=rejected,
            label=0.5 if high is not None and high == low else 1.0,
            weight=1.0 if weight is None else weight,
            annotator=optional_text(row, "annotator"),
            strength=margin,
            subset=optional_text(row, "subset") or optional_text(row, "source"),
            conversation_id=optional_text(row, "conversation_id"),
            turns=turns if len(turns) > 1 else None,
        )
        return [drawn_sides(pair)]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Exchange the sides with all that belongs to them; equal scores are a tie.

        For a tie the rejected response gets the chosen one's score. A tie that is decided has no
        scores to tell it by. A margin stays as it is.
        """
        high, low = self.score_columns(row)
        scores = None if high is None or low is None else (high, low)
        tied = scores is not None and number(row[scores[0]]) == number(row[scores[1]])
        if first == 0.0 and not tied:
            return exchanged_sides(row)
        if first == 0.5 and scores is not None:
            return put(row, scores[1], like(row[scores[1]], number(row[scores[0]])))
        if tied:
            raise CannotHold(f"equal scores are a tie and cannot say {label_words(first)}")
        raise CannotHold(f"chosen and rejected without scores cannot say {label_words(first)}")

    def score_columns(self, row: Row) -> tuple[str | None, str | None]:
        """Return what the scores of chosen and rejected are called in a row that has them."""
        high, low = (
            name if optional_number(row, name) is not None else None
            for name in ("score_chosen", "score_rejected")
        )
        return high, low


def last_common_split(chosen: Turns, rejected: Turns) -> tuple[Turns, str, str]:
    """Split two conversations after their longest common run of whole turns.

    Raises
    ------
    RowReject
        If more than one closing assistant turn differs.
    """
    common = 0
    for one, other in zip(chosen[:-1], rejected[:-1], strict=False):
        if one != other:
            break
        common += 1
    if len(chosen) != common + 1 or len(rejected) != common + 1:
        raise RowReject("conversations part before the last response", f"after turn {common}")
    last = chosen[-1], rejected[-1]
    for turn in last:
        if turn["role"] != "assistant":
            raise RowReject("last turn is not the assistant's", f"its role is {turn['role']!r:.60}")
    return chosen[:common], last[0]["content"], last[1]["content"]


def _conversation(row: Row) -> tuple[Turns, str, str]:
    turns, chosen, rejected = last_common_split(
        messages(row["chosen"], "chosen"), messages(row.get("rejected"), "rejected")
    )
    prompt = _prompt_turns(row.get("prompt"))
    return _joined(prompt, turns), chosen, rejected


def _joined(prompt: Turns, turns: Turns) -> Turns:
    """Put the prompt before the turns, unless either already holds the other.

    UltraFeedback and others give the prompt twice: as a column and as the first user turn,
    sometimes behind a system turn that only one of them has.
    """
    if turns[: len(prompt)] == prompt or turns[-len(prompt) :] == prompt:
        return turns
    if turns and prompt[-len(turns) :] == turns:
        return prompt
    return prompt + turns


def _strings(row: Row) -> tuple[Turns, str, str]:
    chosen, rejected = text_of(row, "chosen"), text_of(row, "rejected")
    if row.get("prompt") is not None:
        return _prompt_turns(row["prompt"]), chosen, rejected
    shared = 0
    for one, other in zip(chosen, rejected, strict=False):
        if one != other:
            break
        shared += 1
    # a prompt ends with a blank line; a shared first line may well be part of the answers
    cut = chosen.rfind("\n\n", 0, shared) + 2 if "\n\n" in chosen[:shared] else 0
    prompt = chosen[:cut].strip()
    if not prompt or not chosen[cut:].strip() or not rejected[cut:].strip():
        return [], chosen, rejected
    return _prompt_turns(prompt), chosen[cut:], rejected[cut:]


def _prompt_turns(prompt: Any) -> Turns:
    if prompt is None or prompt == "" or prompt == []:
        return []
    if isinstance(prompt, str):
        return [{"role": "user", "content": prompt}]
    return messages(prompt, "prompt")
