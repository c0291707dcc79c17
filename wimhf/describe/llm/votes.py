"""Which of two responses a sentence is more true of, asked in both orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from wimhf.base import Event, Floats, Ints, LlmConfig, Progress, silent
from wimhf.describe.llm.questions import Question, Texts, judged, judging
from wimhf.describe.llm.server import ChatServer, ask_groups

Asking = Callable[..., Question]


def ask_in_both_orders(
    texts: Texts,
    asked: Sequence[tuple[str, Ints]],
    server: ChatServer,
    config: LlmConfig,
    unit: str,
    progress: Progress = silent,
    asking: Asking = judging,
) -> list[Floats]:
    """Return which response has more of what each sentence says, +1 for A and -1 for B.

    Parameters
    ----------
    asked
        Sentences and the rows they are asked of.
    unit
        What the answers are for, in progress events.
    asking
        Writes the question, as ``judging`` does.

    Returns
    -------
    list of arrays (2, rows)
        Per sentence the votes with A shown first and with B shown first: 0 where it is equally
        true of both, NaN where there is no answer.

    Raises
    ------
    ServerError
        If the server fails too often or the budget is spent; what was answered is kept.
    """
    questions = [
        [asking(texts, row, sentence, config, exchanged=exchanged) for row in rows.tolist()]
        for sentence, rows in asked
        for exchanged in (False, True)
    ]
    event = Event("llm", unit=f"answers ({unit})")
    answers = ask_groups(server, questions, judged, progress, event)
    turned = np.array([[1.0], [-1.0]])
    return [np.array(answers[i : i + 2]) * turned for i in range(0, len(answers), 2)]
