"""HH-RLHF: chosen and rejected transcripts with Human and Assistant turns."""

from __future__ import annotations

import re

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import text_of
from wimhf.data.formats.columns import Sample, Schema
from wimhf.data.formats.conversations import after, parted_last
from wimhf.data.formats.sides import Apart
from wimhf.data.pairs import Fields, RowReject, Turns

TURN = re.compile(r"(?:^|\n\n)(Human|Assistant): ?")
ROLES = {"Human": "user", "Assistant": "assistant"}


class HhTranscripts(Apart):
    """chosen, rejected: strings of turns that begin with a blank line and ``Human:``."""

    name = "hh"
    expects = r"chosen, rejected: transcripts with '\n\nHuman: ...\n\nAssistant: ...'"
    narrows = ("trl",)
    polarity = (
        "the source lists the chosen transcript apart from the rejected one; "
        "sides A and B were drawn by a hash of each pair"
    )
    schema = Schema("chosen", "rejected")
    better = "a chosen transcript"

    def matches(self, sample: Sample) -> bool:
        """Both columns hold transcripts, in most rows."""
        if not self.columns <= sample.columns or "prompt" in sample.columns:
            return False
        texts = sample.values("chosen") + sample.values("rejected")
        count = sum(isinstance(text, str) and "\n\nAssistant:" in text for text in texts)
        return count > len(texts) / 2

    def fields(self, row: Row) -> Fields:
        """Split both transcripts at their last assistant turn."""
        chosen, rejected = (_turns(text_of(row, name)) for name in ("chosen", "rejected"))
        return after(*parted_last(chosen, rejected))


def _turns(transcript: str) -> Turns:
    pieces = TURN.split(transcript)
    if len(pieces) < 3 or pieces[0].strip():
        raise RowReject("not a transcript", "no 'Human:' or 'Assistant:' turn at the start")
    return [
        {"role": ROLES[speaker], "content": text.strip()}
        for speaker, text in zip(pieces[1::2], pieces[2::2], strict=True)
    ]
