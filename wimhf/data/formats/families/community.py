"""Community Alignment: four responses a turn, of which an annotator prefers one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, not_understood, text_of
from wimhf.data.formats.cells_out import lettered, put
from wimhf.data.formats.choices import Exchange, Option
from wimhf.data.formats.columns import Sample, Schema, optional
from wimhf.data.formats.conversations import user_turn
from wimhf.data.formats.ranks import Ranked, Wanted, winner
from wimhf.data.pairs import RowReject

TURNS = ("first_turn", "second_turn", "third_turn", "fourth_turn")
LETTERS = "abcd"
PREFERRED = re.compile(r"(?:response[_ ]?)?([a-d])", re.IGNORECASE)
CELLS = ("prompt", *(f"response_{letter}" for letter in LETTERS), "preferred_response")


class CommunityAlignment(Ranked):
    """A conversation of up to four turns; the preferred response against each other one."""

    name = "community-alignment"
    expects = (
        "conversation_id, annotator_id; first_turn_prompt, first_turn_response_a to _d, "
        "first_turn_preferred_response (a to d), and so on to fourth_turn"
    )
    polarity = (
        "the label favours the preferred response of a turn, of which A is the one with the "
        "earlier letter"
    )
    schema = Schema(
        *(f"{turn}_{cell}" for turn in TURNS for cell in CELLS),
        annotator=optional("annotator_id"),
        conversation_id=optional("conversation_id"),
        subset=optional("assigned_lang"),
    )

    def matches(self, sample: Sample) -> bool:
        """Look for the first turn's texts and the letter of what is preferred, in most rows."""
        texts = (f"first_turn_{cell}" for cell in ("prompt", "response_a", "response_b"))
        return sample.mostly_text(*texts) and sample.mostly(
            "first_turn_preferred_response", lambda value: _letter(value) != "", if_empty=True
        )

    def exchanges(self, row: Row) -> list[Exchange | RowReject]:
        """Return the turns that hold anything."""
        turns = _turns(row)
        if not turns:
            raise RowReject("missing first_turn_prompt", "no turn holds anything")
        return [_exchange(row, turn) for turn in turns]

    def write_order(self, row: Row, turn: int, options: Sequence[Option], wanted: Wanted) -> Row:
        """Write the letter of the response that beats the others of its turn.

        Where a turn has more than two responses the letter says nothing of those that were not
        preferred, and where turns follow they were shown after it.
        """
        column = f"{_turns(row)[turn]}_preferred_response"
        letter = LETTERS[options[winner(len(options), wanted)].place]
        old = row.get(column)
        return put(row, column, f"response_{letter}" if empty(old) else lettered(str(old), letter))


def _turns(row: Row) -> list[str]:
    return [turn for turn in TURNS if not all(empty(row.get(f"{turn}_{c}")) for c in CELLS)]


def _exchange(row: Row, turn: str) -> Exchange | RowReject:
    columns = {letter: f"{turn}_response_{letter}" for letter in LETTERS}
    given = {letter: name for letter, name in columns.items() if not empty(row.get(name))}
    cell = row.get(f"{turn}_preferred_response")
    preferred = _letter(cell)
    try:
        if not preferred and not empty(cell):
            raise not_understood(cell, f"{turn}_preferred_response")
        if preferred and preferred not in given:
            raise RowReject("preferred response is missing", f"{columns[preferred]} is empty")
        asked = user_turn(text_of(row, f"{turn}_prompt"))
        return Exchange(asked, [
            Option(text_of(row, name), chosen=letter == preferred, place=LETTERS.index(letter))
            for letter, name in given.items()
        ])  # fmt: skip
    except RowReject as reject:
        return reject


def _letter(value: object) -> str:
    """Return the letter that a cell names; nothing where it names none."""
    match = PREFERRED.fullmatch(value.strip()) if isinstance(value, str) else None
    return match[1].lower() if match else ""
