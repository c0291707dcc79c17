"""Several answers in one row: a list of them, with ranks, scores or ratings, or best first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import as_text, decoded, missing, optional_text
from wimhf.data.formats.cells_out import like, put, put_at
from wimhf.data.formats.choices import Exchange, Option
from wimhf.data.formats.columns import Sample, Schema, optional, optional_figure
from wimhf.data.formats.conversations import Told
from wimhf.data.formats.encoded import records, talk_in
from wimhf.data.formats.family import CannotHold
from wimhf.data.formats.listed import (
    MODELS,
    RANKS,
    SCORES,
    Listed,
    answer_text,
    figure_of,
    filled,
    list_in,
    new_figures,
    rating_of,
    text_key,
)
from wimhf.data.formats.names import better_sides, numbered, tokens
from wimhf.data.formats.prompts import COLUMNS, before_response, prompt_column, used_columns
from wimhf.data.formats.ranks import Wanted, levels
from wimhf.data.pairs import Fields, RowReject

LISTS = (
    "answers", "responses", "completions", "generations", "candidates", "outputs", "output",
    "options", "replies",
)  # fmt: skip
BEST_FIRST = ("output", "outputs")
"""Lists without ranks of which the order is one: LLaMA-Factory's for reward models."""
NAMED = ("generation_models", "models", "model_names", "generators")
SUBSETS = ("subset", "source", "dataset", "domain", "category")


class Found(NamedTuple):
    """An answer of a row, and where the row keeps its rank or score."""

    text: object
    figure: object
    name: str
    model: str | None
    column: str
    path: tuple[str | int, ...]


class Answers(Listed):
    """prompt and a list of answers, each with a rank or score, or beside a list of them."""

    name = "answers"
    expects = (
        "prompt, and a list of answers: {answer, rank} or {text, score}, or texts beside a list "
        "of ranks or ratings, or columns response_1, response_2, response_3 beside scores"
    )
    narrows = ("native", "trl")
    polarity = (
        "the label favours the answer with the lower rank or the higher score; equal ones are a "
        "tie; sides A and B were drawn by a hash of each pair"
    )
    schema = Schema(
        *COLUMNS, *LISTS, *RANKS, *SCORES, *NAMED, *SUBSETS,
        weight=optional_figure("weight", default=1.0),
        annotator=optional("annotator"),
        subset=optional(*SUBSETS),
        conversation_id=optional("conversation_id"),
    )  # fmt: skip

    def matches(self, sample: Sample) -> bool:
        """Look for prompts and for answers that are told apart, in most rows."""
        if prompt_column(sample.columns) is None and not any(
            sample.mostly(name, lambda value: talk_in(value) is not None) for name in COLUMNS
        ):
            return False
        fitting = sum(len(found_in(row)) > 1 for row in sample.rows)
        return fitting > len(sample.rows) / 2 and better_sides(sample.columns) is None

    def used(self, columns: Iterable[str]) -> frozenset[str]:
        """Return the columns that are read of these."""
        there = frozenset(columns)
        lists = [name for name in LISTS if name in there][:1] or numbered(there)
        beside = [rating_of(there) or "", *NAMED, *SUBSETS]
        own = {name for column in self.schema.columns.values() for name in column.names}
        counted = {n for n in there if tokens(n)[:-1] in [(key,) for key in (*RANKS, *SCORES)]}
        return there & (used_columns(there) | {*lists, *beside} | own | counted)

    def fields(self, row: Row) -> Fields:
        """Return what the row says of all its pairs."""
        told: Told = []
        before_response(row, self.reading.roles, told)
        return self.schema.read(row) | {"remarks": tuple(told)}

    def exchanges(self, row: Row) -> list[Exchange | RowReject]:
        """Return the prompt and its answers, and a reject for each that cannot be used."""
        told: Told = []
        roles = self.reading.roles
        asked = before_response(row, roles, told)
        found = found_in(row)
        if not found:
            raise RowReject("no answers to compare", "no list of answers with ranks or scores")
        options: list[Option] = []
        rejects: list[Exchange | RowReject] = []
        for place, one in enumerate(found):
            try:
                text = answer_text(one.text, "answer", roles, told)
                score = figure_of(one.figure, one.name)
                options.append(Option(text=text, score=score, model=one.model, place=place))
            except RowReject as reject:
                rejects.append(reject)
        ranked = [option for option in options if option.score is not None]
        if len(ranked) < len(options):
            rejects += [RowReject("answer without a rank or score")] * (len(options) - len(ranked))
        return [*rejects, Exchange(asked, ranked)]

    def write_order(self, row: Row, turn: int, options: Sequence[Option], wanted: Wanted) -> Row:
        """Write ranks or scores whose order is the labels'; a list best first changes its order."""
        found = [found_in(row)[option.place] for option in options]
        if found[0].path[-1:] == ("best first",):
            return _reordered(row, found, levels(len(options), wanted))
        values = new_figures(options, wanted, [one.figure for one in found], found[0].name)
        for one, value in zip(found, values, strict=True):
            cell = put_at(row[one.column], one.path, like(one.figure, value))
            row = put(row, one.column, cell)
        return row


def _reordered(row: Row, found: list[Found], order: list[int]) -> Row:
    if sorted(order) != list(range(len(order))):
        raise CannotHold("a list of answers, best first, cannot say a tie")
    texts = [one.text for _, one in sorted(zip(order, found, strict=True), key=lambda x: x[0])]
    for place, text in enumerate(texts):
        row = put(row, found[0].column, put_at(row[found[0].column], (place,), text))
    return row


def found_in(row: Row) -> list[Found]:
    """Return the answers of a row, in the order in which it lists them."""
    for name in LISTS:
        cell = decoded(row.get(name))
        entries = records(cell) or (cell if isinstance(cell, list) else None)
        if not entries or len(entries) < 2 or talk_in(entries) is not None:
            continue
        if all(isinstance(entry, dict) for entry in entries):
            found = _objects(name, entries, by_column=isinstance(cell, dict))
        else:
            found = _beside(row, entries, name) or _best_first(row, entries, name)
        if found:
            return found
    columns = [name for name in numbered(row) if not missing(row[name])]
    if len(columns) < 2 or len(numbered(row)) < 3:
        return []
    return _beside(row, [row[name] for name in columns], "") or _numbered(row, columns)


def _numbered(row: Row, columns: Sequence[str]) -> list[Found]:
    """Return answers whose ranks or scores are in columns that are counted like theirs."""
    ends = [tokens(name)[-1] for name in columns]
    for key in (*RANKS, *SCORES):
        scores = {tokens(name)[-1]: name for name in row if tokens(name)[:-1] == (key,)}
        if all(end in scores for end in ends):
            return [
                Found(row[name], row[scores[end]], key, None, scores[end], ())
                for name, end in zip(columns, ends, strict=True)
            ]
    return []


def _objects(name: str, entries: list[Row], *, by_column: bool) -> list[Found]:
    keys = [key for entry in entries[:1] if (key := rating_of(entry)) is not None]
    if not keys:
        return []
    found = []
    for place, entry in enumerate(entries):
        text = text_key(entry)
        path = (keys[0], place) if by_column else (place, keys[0])
        model = optional_text(entry, *MODELS)
        answer = entry.get(text) if text is not None else None
        found.append(Found(answer, entry.get(keys[0]), keys[0], model, name, path))
    return found


def _beside(row: Row, texts: Sequence[object], name: str) -> list[Found]:
    """Return texts whose ranks or scores are in a list beside them."""
    if not all(isinstance(text, str) or talk_in(text) for text in texts):
        return []
    models = next((found for key in NAMED if (found := list_in(row.get(key)))), [])
    for key in (*RANKS, *SCORES):
        figures = list_in(row.get(key)) if key != name else None
        if figures is not None and len(figures) == len(texts) and any(map(filled, figures)):
            named = models if len(models) == len(texts) else [None] * len(texts)
            return [
                Found(text, figure, key, as_text(model), key, (place,))
                for place, (text, figure, model) in enumerate(
                    zip(texts, figures, named, strict=True)
                )
            ]
    return []


def _best_first(row: Row, texts: Sequence[object], name: str) -> list[Found]:
    if name not in BEST_FIRST or not all(isinstance(text, str) for text in texts):
        return []
    if rating_of(row) is not None or len(set(map(str, texts))) < len(texts):
        return []
    return [
        Found(text, place, "rank", None, name, (place, "best first"))
        for place, text in enumerate(texts)
    ]
