"""HH-RLHF: chosen and rejected transcripts with Human and Assistant turns."""

from __future__ import annotations

import re

from wimhf.data.containers.rows import Row
from wimhf.data.formats.families.trl import last_common_split
from wimhf.data.formats.family import CannotHold, Family, Sample, label_words, prompt_text, text_of
from wimhf.data.formats.sides import exchanged_sides
from wimhf.data.pairs import Pair, RowReject, drawn_sides

TURN = re.compile(r"(?:^|\n\n)(Human|Assistant): ?")
ROLES = {"Human": "user", "Assistant": "assistant"}


class HhTranscripts(Family):
    """chosen, rejected: strings of turns that begin with a blank line and ``Human:``."""

    name = "hh"
    expects = r"chosen, rejected: transcripts with '\n\nHuman: ...\n\nAssistant: ...'"
    columns = frozenset({"chosen", "rejected"})
    sides_drawn = True
    narrows = ("trl",)
    polarity = (
        "the source lists the chosen transcript apart from the rejected one; "
        "sides A and B were drawn by a hash of each pair"
    )

    def matches(self, sample: Sample) -> bool:
        """Both columns hold transcripts, in most rows."""
        if not {"chosen", "rejected"} <= sample.columns or "prompt" in sample.columns:
            return False
        texts = sample.values("chosen") + sample.values("rejected")
        found = sum(isinstance(text, str) and "\n\nAssistant:" in text for text in texts)
        return found > len(texts) / 2

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Split both transcripts at their last assistant turn."""
        turns, chosen, rejected = last_common_split(
            _turns(text_of(row, "chosen")), _turns(text_of(row, "rejected"))
        )
        pair = Pair(
            prompt=prompt_text(turns),
            response_a=chosen,
            response_b=rejected,
            label=1.0,
            turns=turns if len(turns) > 1 else None,
        )
        return [drawn_sides(pair)]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Exchange the transcripts; there is no other label than that one is chosen."""
        if first != 0.0:
            raise CannotHold(f"a chosen transcript cannot say {label_words(first)}")
        return exchanged_sides(row)


def _turns(transcript: str) -> list[dict[str, str]]:
    pieces = TURN.split(transcript)
    if len(pieces) < 3 or pieces[0].strip():
        raise RowReject("not a transcript", "no 'Human:' or 'Assistant:' turn at the start")
    return [
        {"role": ROLES[speaker], "content": text.strip()}
        for speaker, text in zip(pieces[1::2], pieces[2::2], strict=True)
    ]
