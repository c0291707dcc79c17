"""TRL preference: chosen and rejected, as strings or conversations, with or without a prompt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import (
    decoded,
    missing,
    number,
    optional_number,
    optional_text,
    text_of,
)
from wimhf.data.formats.cells_out import like, put
from wimhf.data.formats.columns import (
    Sample,
    Schema,
    optional,
    optional_figure,
    plain_name,
    plain_names,
)
from wimhf.data.formats.conversations import (
    Told,
    after,
    messages,
    noting,
    parted_last,
    shared_length,
    user_turn,
)
from wimhf.data.formats.encoded import talk_in
from wimhf.data.formats.family import CannotHold, label_words
from wimhf.data.formats.names import Sides, better_sides
from wimhf.data.formats.prompts import COLUMNS, before_response, used_columns
from wimhf.data.formats.sides import Apart, exchanged_sides
from wimhf.data.formats.templates import ANSWER_MARK, template_turns
from wimhf.data.pairs import Fields, RowReject, Turns

SUBSETS = ("subset", "source", "dataset", "data_source")
ANSWERS = ("answer", "response", "text", "content", "completion", "output", "generation", "value")
"""Where an object keeps the text of an answer."""
OWN = Sides(("chosen", "rejected"), ("chosen", "rejected"))


class Side(NamedTuple):
    """What a row says of one side: a conversation that ends in the answer, or the answer."""

    turns: Turns | None
    text: str
    score: object = None
    templated: str = ""


class TrlPreference(Apart):
    """chosen, rejected [, prompt]; each a string or a list of {role, content}."""

    name = "trl"
    expects = (
        "chosen, rejected, each a string or a list of {role, content} (or chosen_response, "
        "preferred and so on); optional prompt, system, history, messages, scores"
    )
    polarity = (
        "the source lists the chosen response apart from the rejected one; "
        "sides A and B were drawn by a hash of each pair"
    )
    schema = Schema(
        "chosen", "rejected", "score_chosen", "score_rejected", *COLUMNS, *SUBSETS,
        strength=optional_figure("margin"),
        weight=optional_figure("weight", default=1.0),
        annotator=optional("annotator"),
        subset=optional("subset"),
        conversation_id=optional("conversation_id"),
    )  # fmt: skip
    better = "chosen and rejected without scores"

    def matches(self, sample: Sample) -> bool:
        """Chosen and rejected hold text, conversations or objects of text, in most rows."""
        sides = better_sides(sample.columns)
        if sides is None:
            return False
        values = [value for name in sides.texts for value in sample.values(name)]
        return sum(map(is_answer, values)) > len(values) / 2

    def used(self, columns: Iterable[str]) -> frozenset[str]:
        """Return the columns that are read of these."""
        there = frozenset(columns)
        sides = better_sides(there) or OWN
        own = {name for column in self.schema.columns.values() for name in column.names}
        plain = used_columns(map(plain_name, there)) | own | {*SUBSETS}
        return frozenset(
            name for name in there if name in sides.columns or plain_name(name) in plain
        )

    def fields(self, row: Row) -> Fields:
        """Split off the prompt; equal scores are a tie, and a margin where there is none."""
        with noting() as told:
            return self._fields(plain_names(row), told)

    def _fields(self, row: Row, told: Told) -> Fields:
        sides = self.sides(row)
        cells = [row.get(name) for name in sides.texts]
        is_text = any(isinstance(cell, str) for cell in cells)
        chosen, rejected = (
            self.side(cell, name, told, among_texts=is_text)
            for cell, name in zip(cells, OWN.texts, strict=True)
        )
        fields = after(*self.split(row, chosen, rejected, told))
        high, low = self.scores(row, sides, chosen, rejected)
        fields |= {"label": 0.5 if high is not None and high == low else 1.0}
        fields |= self.schema.read(row)
        if fields["strength"] is None and high is not None and low is not None:
            fields["strength"] = high - low
        for field, name in zip(("model_a", "model_b"), sides.models, strict=True):
            fields[field] = None if name is None else optional_text(row, name)
        return fields | {"subset": optional_text(row, *SUBSETS), "remarks": tuple(told)}

    def sides(self, row: Row) -> Sides:
        """Return what a row that fills both sides calls them."""
        filled = [name for name, value in row.items() if not missing(value)]
        return better_sides(filled) or better_sides(row) or OWN

    def side(self, value: object, name: str, told: Told, *, among_texts: bool = False) -> Side:
        """Return what a cell says of one side; the other side may be text."""
        if talk_in(value) is not None:
            if isinstance(value, str):
                told.append(("conversation in text", f"read from the text cells of {name}"))
            turns = messages(value, name, self.reading.roles, told)
            return Side(turns, "", _score_within(decoded(value)))
        if isinstance(value, str):
            parsed = template_turns(value, answers=True)
            if parsed is not None and _is_whole(parsed[1]):
                return Side(parsed[1], value, templated=parsed[0])
            return Side(None, value)
        if isinstance(value, dict):
            text = next((value[key] for key in ANSWERS if isinstance(value.get(key), str)), None)
            if text is not None:
                return Side(None, text, _score_within(value))
            raise RowReject(f"{name} holds an object", "expected text, or text under answer")
        if isinstance(value, list) and not among_texts:
            return Side(messages(value, name, self.reading.roles, told), "")
        return Side(None, text_of({name: value}, name))

    def split(self, row: Row, chosen: Side, rejected: Side, told: Told) -> tuple[Turns, str, str]:
        """Return the conversation before the responses, and both of them."""
        roles = self.reading.roles
        templated = chosen.templated and rejected.templated
        if chosen.templated and not templated:
            chosen = Side(None, chosen.text)
        if rejected.templated and not templated:
            rejected = Side(None, rejected.text)
        if chosen.turns is not None and rejected.turns is not None:
            if templated:
                told.append(("template read", f"{chosen.templated} in chosen and rejected"))
            own, better, worse = parted_last(chosen.turns, rejected.turns)
            whole = any(turn["role"] == "user" for turn in own)
            turns = before_response(
                row, roles, told, own=own, talks=not whole, answers=(better, worse)
            )
            return turns, better, worse
        for side, name in ((rejected, "rejected"), (chosen, "chosen")):
            if side.turns is not None:
                if side is rejected:
                    raise RowReject("rejected is not text", "it holds a conversation")
                raise RowReject("rejected is not a conversation", f"{name} holds one")
        turns = before_response(row, roles, told, answers=(chosen.text, rejected.text))
        return (turns, chosen.text, rejected.text) if turns else _guessed(chosen, rejected, told)

    def scores(
        self, row: Row, sides: Sides, chosen: Side, rejected: Side
    ) -> tuple[float | None, float | None]:
        """Return the scores of both sides, from their columns or from within the answers."""
        own = ("score_chosen", "score_rejected")
        cells: tuple[object, object] = (chosen.score, rejected.score)
        if any(sides.scores):
            cells = (row.get(str(sides.scores[0])), row.get(str(sides.scores[1])))
        high, low = (optional_number({n: c}, n) for n, c in zip(own, cells, strict=True))
        return high, low

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Exchange the sides with all that belongs to them; equal scores are a tie.

        For a tie the rejected response gets the chosen one's score. A tie that is decided has no
        scores to tell it by. A margin stays as it is.
        """
        sides = self.sides(row)
        high, low = sides.scores
        if high is not None and low is not None:
            if first == 0.5:
                return put(row, low, like(row[low], number(row[high])))
            if number(row[high]) == number(row[low]):
                raise CannotHold(f"equal scores are a tie and cannot say {label_words(first)}")
        if first != 0.0:
            raise CannotHold(f"{self.better} cannot say {label_words(first)}")
        return exchanged_sides(row, sides.words)


def _is_whole(turns: Turns) -> bool:
    """Say whether turns are a conversation that ends in an answer, or a lone answer."""
    asked = turns[0]["role"] in ("user", "system") or len(turns) == 1
    return asked and turns[-1]["role"] == "assistant"


def _score_within(value: object) -> object:
    """Return the score that an answer, or the last turn of a conversation, says of itself."""
    last = value[-1] if isinstance(value, list) and value else value
    if not isinstance(last, dict):
        return None
    return next((last[key] for key in ("score", "rating", "reward") if key in last), None)


def is_answer(value: object) -> bool:
    """Say whether a cell may be an answer: text, a conversation, or an object of text."""
    if isinstance(value, (str, dict)):
        return True
    return isinstance(value, list) and not all(isinstance(item, str) for item in value)


def _guessed(chosen: Side, rejected: Side, told: Told) -> tuple[Turns, str, str]:
    """Take what both texts share up to the mark of an answer as the prompt.

    Without a mark no prompt is guessed: answers often begin alike.
    """
    first, second = chosen.text, rejected.text
    shared = first[: shared_length(first, second)]
    ends = [found.end() for found in ANSWER_MARK.finditer(shared) if found.start() > 0]
    if not ends or not first[ends[-1] :].strip() or not second[ends[-1] :].strip():
        return [], first, second
    asked = shared[: ends[-1]]
    told.append(("prompt guessed", "the texts share it up to the mark of an answer"))
    parsed = template_turns(asked)
    bare = asked[: [f.start() for f in ANSWER_MARK.finditer(asked)][-1]].strip()
    turns = parsed[1] if parsed is not None else user_turn(bare or asked.strip())
    return turns, first[ends[-1] :].strip(), second[ends[-1] :].strip()
