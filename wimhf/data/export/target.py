"""What a target format must offer, and what targets share."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from wimhf.data.containers.read import ALIASES
from wimhf.data.containers.rows import Row
from wimhf.data.containers.write import KINDS
from wimhf.data.formats.conversations import prompt_text
from wimhf.errors import ExportError

Turns = list[dict[str, str]]
TEXT = pl.String()
TEXTS = pl.List(pl.String())
MESSAGES = pl.List(pl.Struct({"role": pl.String(), "content": pl.String()}))
NESTED = ("jsonl", "json", "parquet", "datasets")
ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
"""Roles of turns that chat templates know."""


SHAPED_MARGIN = "shaped_margin"
"""A column of pairs whose margins are a model's: the lead of A, already scaled."""
SOURCE, SHAPED = "source", "shaped"
MARGINS: Mapping[str, str] = {
    SOURCE: "how far the winner leads as the source says it, where it says so of every pair",
    SHAPED: "how far the winner leads in a model of the curated labels; shaped:0.5 halves it",
}
"""What ``--margin`` takes, and what becomes of a pair."""


def margin_scale(way: str) -> float | None:
    """Return what a model's leads are multiplied by; None where margins are the source's.

    Raises
    ------
    ExportError
        If there is no such way, or the scale is not above 0.
    """
    name, _, given = way.partition(":")
    try:
        scale = float(given or 1)
    except ValueError:
        scale = 0.0
    if way == SOURCE:
        return None
    if name != SHAPED or not 0 < scale < math.inf:
        raise ExportError(
            f"margin={way!r} is unknown; use {SOURCE}, {SHAPED} or {SHAPED}:LAMBDA (above 0)"
        )
    return scale


@dataclass(frozen=True)
class Chosen:
    """The pairs that a target gets, and which of their columns it is to write.

    Attributes
    ----------
    pairs
        Rows of the pair table that the target can hold, labels rounded where it needs a winner.
    weighted
        True where weights differ and are to be written.
    margins
        True where the strength of every pair is known, or a model's lead is to be written.
    extra
        Columns of the pair table to be written beside the target's own.
    """

    pairs: pl.DataFrame
    weighted: bool = False
    margins: bool = False
    extra: tuple[str, ...] = ()

    def each(self) -> Iterator[Row]:
        """Return the pairs one at a time, optional columns included."""
        return self.pairs.iter_rows(named=True)

    def extras(self, pair: Row) -> Row:
        """Return the cells of a pair that were asked for beside the target's own."""
        return {name: pair[name] for name in self.extra}


@dataclass(frozen=True)
class Column:
    """One column of a target's rows: its name, what it says of a pair, and its dtype."""

    name: str
    value: Callable[[Row], object]
    dtype: pl.DataType = TEXT
    written: Callable[[Chosen], bool] = lambda _: True
    """Whether it says something of these pairs; where not, it is not written."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """One format to write: what it can hold, and its columns or, in subclasses, its rows.

    A target that cannot hold ties, fractions or unlabelled pairs gets pairs with a winner only.

    Attributes
    ----------
    about
        One sentence for people who choose.
    turns
        Whether a conversation before the response stays a conversation.
    zero_weights
        Whether pairs of weight 0 are written: where the weight always travels with the pair.
    one_object
        Whether a file is one JSON object that holds all rows.
    containers
        What it can be kept in; the first is meant where nothing else is said.
    columns
        The columns of its rows; empty where a subclass says how a row looks.
    roles
        The roles of turns that its readers know; empty where they know all.
    family
        The format as which our own reader takes it back, where it does.
    reading
        What else ``ReadConfig`` is to say for that.
    weights_read
        Whether our reader finds the weights again.
    ignores
        What the trainers that take it do not read.
    """

    name: str
    about: str
    aliases: tuple[str, ...] = ()
    ties: bool = False
    fractions: bool = False
    unlabelled: bool = False
    weights: bool = False
    strength: bool = False
    annotators: bool = False
    turns: bool = False
    zero_weights: bool = False
    one_object: bool = False
    containers: tuple[str, ...] = KINDS
    columns: tuple[Column, ...] = ()
    roles: frozenset[str] = frozenset()
    family: str | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)
    weights_read: bool = True
    ignores: str = ""

    @property
    def margins(self) -> bool:
        """Whether its rows have a column for how far the winner leads."""
        return any(column.name == "margin" for column in self.columns)

    def dtypes(self, chosen: Chosen) -> dict[str, pl.DataType] | None:
        """Return the dtypes of the columns; None where the rows themselves decide."""
        if not self.columns:
            return None
        own = {column.name: column.dtype for column in self.columns if column.written(chosen)}
        return own | {name: chosen.pairs.schema[name] for name in chosen.extra}

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return the rows to write, every pair's in the order of the pair table."""
        columns = [column for column in self.columns if column.written(chosen)]
        for pair in chosen.each():
            for part in self.parts(pair):
                row = {column.name: column.value(part) for column in columns}
                yield row | chosen.extras(pair)

    def parts(self, pair: Row) -> tuple[Row, ...]:
        """Return what has a row of its own: the pair itself, where nothing else is said."""
        return (pair,)

    def document(self, rows: list[Row], chosen: Chosen, name: str) -> Row:
        """Return the one object that holds all rows, where ``one_object`` says that it is one."""
        raise NotImplementedError

    def unheld(self, pairs: pl.DataFrame) -> dict[str, str]:
        """Return by pair_id why a pair cannot be written, beyond what the flags above say."""
        return {}

    def warnings(self, chosen: Chosen) -> list[str]:
        """Say what a person should know about these pairs in this format."""
        if not self.roles or "turns" not in chosen.pairs.columns:
            return []
        odd = [{turn["role"] for turn in turns_of(pair)} - self.roles for pair in chosen.each()]
        count = sum(map(bool, odd))
        names = ", ".join(sorted(set().union(*odd))[:5])
        message = f"{count:,} pairs have turns of roles that chat templates may not know ({names})"
        return [message] if count else []

    def reads_back(self, row: Row, pair: Row) -> bool:
        """Say whether our reader is to find exactly this pair in its row again."""
        return True


def turns_of(pair: Row) -> Turns:
    """Return the conversation before the response; a lone user turn where there is no other.

    Turns that do not render as the pair's prompt are another conversation's and are not used.
    """
    before = pair.get("turns")
    if before:
        turns: Turns = json.loads(before)
        if prompt_text(turns) == pair["prompt"]:
            return turns
    return [{"role": "user", "content": pair["prompt"]}]


def answer(text: str) -> Turns:
    """Return a response as the assistant's turn."""
    return [{"role": "assistant", "content": text}]


def winner_and_loser(pair: Row) -> tuple[str, str]:
    """Return the texts of a pair whose label has a winner."""
    sides = pair["response_a"], pair["response_b"]
    return sides if pair["label"] > 0.5 else sides[::-1]


def margin_of(pair: Row) -> float:
    """Return how far the winner leads.

    In a model, where margins are shaped: less than 0 where it disagrees with the label. Else as
    the source says it, which may be less than 0 where its scores contradict its choice. An
    edit that changes the winner turns the lead around and leaves its size.
    """
    if SHAPED_MARGIN in pair:
        lead = float(pair[SHAPED_MARGIN])
        return lead if pair["label"] > 0.5 else -lead
    strength = float(pair["strength"])
    source = pair.get("source_label", pair["label"])
    same = source is not None and (source > 0.5) == (pair["label"] > 0.5) and source != 0.5
    return strength if same else abs(strength)


def container_of(path: Path, asked: str | None, target: Target) -> str:
    """Return the container that the path's ending names, or the one that was asked for.

    Raises
    ------
    ExportError
        If the ending is unknown, contradicts what was asked, or the target cannot be kept so.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    last = (suffixes[:-1] if packed else suffixes)[-1:] or [""]
    named = ALIASES.get(last[0], last[0]).lstrip(".")
    if asked is not None and asked not in KINDS:
        raise ExportError(f"container {asked!r} is unknown; known: {', '.join(KINDS)}")
    kind = named if named in KINDS else None
    if kind is None and not last[0]:
        kind = asked or "datasets"
    if kind is None or (asked is not None and asked != kind):
        wanted = f" ({asked} was asked for)" if asked else ""
        raise ExportError(
            f"{path.name} does not say what it is to be{wanted}; end it in .jsonl, .json, .csv "
            "or .parquet, or give a name without an ending for a datasets folder"
        )
    if kind not in target.containers:
        raise ExportError(
            f"{target.name} cannot be kept as {kind}; it takes {', '.join(target.containers)}, "
            f"e.g. {path.name.split('.')[0]}.{target.containers[0]}"
        )
    if packed and kind in ("parquet", "datasets"):
        raise ExportError(f"{path.name}: a {kind} export packs itself; leave .gz out")
    return kind
