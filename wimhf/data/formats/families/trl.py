"""TRL preference: chosen and rejected, as strings or conversations, with or without a prompt."""

from __future__ import annotations

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, number, optional_number, optional_text, text_of
from wimhf.data.formats.cells_out import like, put
from wimhf.data.formats.columns import Sample, Schema, optional, optional_figure
from wimhf.data.formats.conversations import after, messages, parted_last, shared_length, user_turn
from wimhf.data.formats.family import CannotHold, label_words
from wimhf.data.formats.sides import Apart
from wimhf.data.pairs import Fields, Turns


class TrlPreference(Apart):
    """chosen, rejected [, prompt]; each a string or a list of {role, content}."""

    name = "trl"
    expects = "chosen, rejected, each a string or a list of {role, content}; prompt optional"
    polarity = (
        "the source lists the chosen response apart from the rejected one; "
        "sides A and B were drawn by a hash of each pair"
    )
    schema = Schema(
        "prompt", "chosen", "rejected", "score_chosen", "score_rejected",
        strength=optional_figure("margin"),
        weight=optional_figure("weight", default=1.0),
        annotator=optional("annotator"),
        subset=optional("subset"),
        conversation_id=optional("conversation_id"),
    )  # fmt: skip
    better = "chosen and rejected without scores"

    def matches(self, sample: Sample) -> bool:
        """Chosen and rejected hold text or conversations, in most rows."""
        if not {"chosen", "rejected"} <= sample.columns:
            return False
        values = sample.values("chosen") + sample.values("rejected")
        return sum(isinstance(value, (str, list)) for value in values) > len(values) / 2

    def fields(self, row: Row) -> Fields:
        """Split off the prompt; equal scores are a tie, and a margin where there is none."""
        split = _conversation if isinstance(row.get("chosen"), list) else _strings
        fields = after(*split(row))
        high, low = optional_number(row, "score_chosen"), optional_number(row, "score_rejected")
        fields |= {"label": 0.5 if high is not None and high == low else 1.0}
        fields |= self.schema.read(row)
        if fields["strength"] is None and high is not None and low is not None:
            fields["strength"] = high - low
        return fields | {"subset": fields["subset"] or optional_text(row, "source")}

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Exchange the sides with all that belongs to them; equal scores are a tie.

        For a tie the rejected response gets the chosen one's score. A tie that is decided has no
        scores to tell it by. A margin stays as it is.
        """
        high, low = self.column(row, "score_chosen"), self.column(row, "score_rejected")
        if high is None or low is None:
            return super().write_label(row, place, first)
        if first == 0.5:
            return put(row, low, like(row[low], number(row[high])))
        if number(row[high]) == number(row[low]):
            raise CannotHold(f"equal scores are a tie and cannot say {label_words(first)}")
        return super().write_label(row, place, first)

    def column(self, row: Row, name: str) -> str | None:
        """Return what a row that fills one of the columns calls it."""
        return None if empty(row.get(name)) else name


def _conversation(row: Row) -> tuple[Turns, str, str]:
    turns, chosen, rejected = parted_last(
        messages(row["chosen"], "chosen"), messages(row.get("rejected"), "rejected")
    )
    return _joined(_prompt_turns(row.get("prompt")), turns), chosen, rejected


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
    # a prompt ends with a blank line; a shared first line may well be part of the answers
    shared = chosen[: shared_length(chosen, rejected)]
    cut = shared.rfind("\n\n") + 2 if "\n\n" in shared else 0
    prompt = shared[:cut].strip()
    if not prompt or not chosen[cut:].strip() or not rejected[cut:].strip():
        return [], chosen, rejected
    return user_turn(prompt), chosen[cut:], rejected[cut:]


def _prompt_turns(prompt: object) -> Turns:
    if prompt is None or prompt == "" or prompt == []:
        return []
    return user_turn(prompt) if isinstance(prompt, str) else messages(prompt, "prompt")
