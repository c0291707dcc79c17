"""Community Alignment: four responses a turn, of which an annotator prefers one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, mostly, mostly_text, not_understood
from wimhf.data.formats.cells_out import lettered, put
from wimhf.data.formats.choices import Exchange, Option, conversation_pairs
from wimhf.data.formats.family import Family, Sample, optional_text, text_of
from wimhf.data.formats.ranks import judgements, winner
from wimhf.data.pairs import Pair, RowReject

TURNS = ("first_turn", "second_turn", "third_turn", "fourth_turn")
LETTERS = ("a", "b", "c", "d")
PREFERRED = re.compile(r"(?:response[_ ]?)?([a-d])", re.IGNORECASE)
CELLS = ("prompt", *(f"response_{letter}" for letter in LETTERS), "preferred_response")


class CommunityAlignment(Family):
    """A conversation of up to four turns; the preferred response against each other one."""

    name = "community-alignment"
    expects = (
        "conversation_id, annotator_id; first_turn_prompt, first_turn_response_a to _d, "
        "first_turn_preferred_response (a to d), and so on to fourth_turn"
    )
    columns = frozenset({"conversation_id", "annotator_id", "assigned_lang"}).union(
        f"{turn}_{cell}" for turn in TURNS for cell in CELLS
    )
    polarity = (
        "the label favours the preferred response of a turn, of which A is the one with the "
        "earlier letter"
    )

    def matches(self, sample: Sample) -> bool:
        """Look for the first turn's texts and the letter of what is preferred, in most rows."""
        return mostly_text(
            sample, "first_turn_prompt", "first_turn_response_a", "first_turn_response_b"
        ) and mostly(sample, "first_turn_preferred_response", _is_letter, if_empty=True)

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return the pairs of every turn; a turn that cannot be used is a reject of its own."""
        turns = _turns(row)
        if not turns:
            raise RowReject("missing first_turn_prompt", "no turn holds anything")
        return conversation_pairs(
            (_exchange(row, turn) for turn in turns),
            annotator=optional_text(row, "annotator_id"),
            conversation_id=optional_text(row, "conversation_id"),
            subset=optional_text(row, "assigned_lang"),
        )

    def write_labels(
        self, row: Row, labels: Mapping[int, float | None], changed: Mapping[int, float | None]
    ) -> Row:
        """Write the letter of the response that beats the others of its turn.

        Where a turn has more than two responses the letter says nothing of those that were not
        preferred, and where turns follow they were shown after it.
        """
        turns = _turns(row)
        judged = judgements((_exchange(row, turn) for turn in turns), labels, changed)
        for number, options, wanted in judged:
            name = f"{turns[number]}_preferred_response"
            letter = options[winner(len(options), wanted)].origin
            old = row.get(name)
            spelled = f"response_{letter}" if empty(old) else lettered(str(old), letter)
            row = put(row, name, spelled)
        return row


def _turns(row: Row) -> list[str]:
    return [turn for turn in TURNS if not all(empty(row.get(f"{turn}_{c}")) for c in CELLS)]


def _exchange(row: Row, turn: str) -> Exchange | RowReject:
    names = {letter: f"{turn}_response_{letter}" for letter in LETTERS}
    given = {letter: name for letter, name in names.items() if not empty(row.get(name))}
    preferred = f"{turn}_preferred_response"
    try:
        letter = _letter(row.get(preferred), preferred)
        if letter is not None and letter not in given:
            raise RowReject("preferred response is missing", f"{names[letter]} is empty")
        asked = [{"role": "user", "content": text_of(row, f"{turn}_prompt")}]
        return Exchange(
            asked,
            [Option(text_of(row, given[one]), chosen=one == letter, origin=one) for one in given],
        )
    except RowReject as reject:
        return reject


def _is_letter(value: Any) -> bool:
    return isinstance(value, str) and PREFERRED.fullmatch(value.strip()) is not None


def _letter(value: Any, name: str) -> str | None:
    if empty(value):
        return None
    found = PREFERRED.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise not_understood(value, name)
    return found[1].lower()
