"""Several answers to one prompt, in a list or in rows, with ranks, scores or ratings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded, missing, number, optional_number
from wimhf.data.formats.choices import Option, compared
from wimhf.data.formats.conversations import Told, answer_of, messages
from wimhf.data.formats.encoded import talk_in
from wimhf.data.formats.ranks import Ranked, Wanted, levelled, levels
from wimhf.data.formats.roles import Roles
from wimhf.data.pairs import Pair, RowReject, drawn_sides

TEXTS = (
    "answer", "response", "text", "content", "completion", "output", "generation", "message",
    "body", "value",
)  # fmt: skip
"""What the text of an answer is called."""
RANKS = ("rank", "ranks", "ranking", "rankings")
"""What ranks are called: 1, or 0, is the best."""
SCORES = (
    "fine-grained_score", "overall_score", "overall_rating", "score", "scores", "rating",
    "ratings", "pm_score", "reward", "rewards", "helpfulness", "quality", "overall", "points",
    "upvotes", "votes", "feedback", "is_correct", "correct",
)  # fmt: skip
"""What scores are called, of which more is better; the first that is there is meant."""
MODELS = ("model", "model_name", "generator", "model_id", "author_model", "policy")


class Listed(Ranked):
    """Answers that one prompt got are compared two by two; a prompt counts once.

    All pairs are the default: every comparison that the source makes is read, and none of them is
    chosen by its outcome. A pair's weight is one over the number of its prompt's pairs, so that a
    prompt with nine answers says no more than one with two.
    """

    sides_drawn = True

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return the pairs of every prompt in the row, on sides that are drawn."""
        about = self.fields(row)
        pairs: list[Pair | RowReject] = []
        for exchange in self.exchanges(row):
            if isinstance(exchange, RowReject):
                pairs.append(exchange)
                continue
            try:
                found = compared(exchange.options, exchange.asked, self.reading.pairs, **about)
            except RowReject as reject:
                found = [reject]
            pairs += weighted(found)
        return pairs or [RowReject("no answers to compare", "the row has none with a rank")]


def weighted(pairs: Sequence[Pair | RowReject]) -> list[Pair | RowReject]:
    """Return the pairs of one prompt on drawn sides, weighted so that they count as one."""
    count = sum(isinstance(pair, Pair) for pair in pairs)
    return [
        drawn_sides(replace(pair, weight=pair.weight / count)) if isinstance(pair, Pair) else pair
        for pair in pairs
    ]


def rating_of(columns: Iterable[str]) -> str | None:
    """Return which of some columns, or keys, holds ranks or scores."""
    there = set(columns)
    return next((name for name in (*RANKS, *SCORES) if name in there), None)


def figure_of(value: object, name: str) -> float | None:
    """Return a rank or score as a number of which more is better; None where it is missing.

    Raises
    ------
    RowReject
        If it is there and is no number.
    """
    figure = optional_number({name: value}, name)  # truth values are 1 and 0
    return None if figure is None else -figure if name in RANKS else figure


def answer_text(value: object, name: str, roles: Roles, told: Told) -> str:
    """Return the text of an answer: text, or the last turn of its messages.

    Raises
    ------
    RowReject
        If it is neither.
    """
    if talk_in(value) is not None:
        return answer_of(messages(value, name, roles, told)[-1])
    if isinstance(value, str):
        return value
    raise RowReject(f"{name} is not text", f"{name} holds a {type(value).__name__}")


def text_key(entry: Mapping[str, object]) -> str | None:
    """Return which key of an answer holds its text."""
    return next((n for n in TEXTS if isinstance(entry.get(n), str) or talk_in(entry.get(n))), None)


def new_figures(
    options: Sequence[Option], wanted: Wanted, cells: Sequence[object], name: str
) -> list[float]:
    """Return the ranks or scores that say the labels, for every option.

    Raises
    ------
    CannotHold
        If no order says them, or not all options were compared.
    """
    order = levels(len(options), wanted)
    sign = -1.0 if name in RANKS else 1.0
    scores = [sign * (number(cell) or 0.0) for cell in cells]
    found = levelled(scores, order, min(scores) - 1, max(scores) + 1)
    return [sign * score for score in found]


def filled(value: object) -> bool:
    """Say whether a cell is a number, text of one, or a truth value."""
    figure = float(value) if isinstance(value, bool) else value
    return not missing(value) and number(figure) is not None


def list_in(value: object) -> list[object] | None:
    """Return the list that a cell holds, also as text; None for all else."""
    found = decoded(value)
    return found if isinstance(found, list) else None
