"""Auto-J's pairwise test set: two responses in a scenario."""

from __future__ import annotations

from wimhf.data.formats.columns import Schema, optional, text
from wimhf.data.formats.judged import Judged
from wimhf.data.formats.labels import Codes


class AutoJ(Judged):
    """prompt, "response 1", "response 2", label, scenario."""

    name = "auto-j"
    narrows = ("native",)
    expects = "prompt, 'response 1', 'response 2'; label (0 = first, 1 = second, 2 = tie); scenario"
    polarity = "label 0 means that the first response is preferred, 1 the second, 2 a tie"
    schema = Schema(
        prompt=text("prompt"),
        response_a=text("response 1"),
        response_b=text("response 2"),
        subset=optional("scenario"),
    )
    label = Codes("label", meanings={0: 1.0, 1: 0.0, 2: 0.5})
