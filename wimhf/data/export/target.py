"""What a target format must offer, and what targets share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from wimhf.data.containers.read import ALIASES
from wimhf.data.containers.rows import Row
from wimhf.data.containers.write import KINDS
from wimhf.data.formats.conversations import prompt_text
from wimhf.errors import ExportError

Turns = list[dict[str, str]]
TEXT = pl.String()
NUMBER = pl.Float64()
MESSAGES = pl.List(pl.Struct({"role": pl.String(), "content": pl.String()}))
TABLES = ("jsonl", "json", "csv", "parquet", "datasets")
NESTED = ("jsonl", "json", "parquet", "datasets")
ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


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
        True where the strength of every pair is known.
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

    def extra_columns(self) -> dict[str, pl.DataType]:
        """Return the dtypes of the columns that were asked for."""
        return {name: self.pairs.schema[name] for name in self.extra}


class Target:
    """One format to write, subclasses say how a pair looks in it.

    A target that cannot hold ties, fractions or unlabelled pairs gets pairs with a winner only.
    """

    name: str
    about: str
    """One sentence for people who choose."""
    aliases: tuple[str, ...] = ()
    ties: bool = False
    fractions: bool = False
    unlabelled: bool = False
    weights: bool = False
    strength: bool = False
    annotators: bool = False
    turns: bool = False
    """Whether a conversation before the response stays a conversation."""
    one_object: bool = False
    """Whether a file is one JSON object that holds all rows."""
    zero_weights: bool = False
    """Whether pairs of weight 0 are written: where the weight always travels with the pair."""
    containers: tuple[str, ...] = TABLES
    """What it can be kept in; the first is meant where nothing else is said."""
    family: str | None = None
    """The format as which our own reader takes it back, where it does."""
    reading: Mapping[str, Any] = MappingProxyType({})
    """What else ``ReadConfig`` is to say for that."""
    weights_read: bool = True
    """Whether our reader finds the weights again."""

    def columns(self, chosen: Chosen) -> dict[str, pl.DataType] | None:
        """Return the columns with their dtypes; None where the rows themselves decide."""
        raise NotImplementedError

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return the rows to write, every pair's in the order of the pair table."""
        raise NotImplementedError

    def document(self, rows: list[Row], chosen: Chosen, name: str) -> Row:
        """Return the one object that holds all rows, where ``one_object`` says that it is one."""
        raise NotImplementedError

    def unheld(self, pairs: pl.DataFrame) -> dict[str, str]:
        """Return by pair_id why a pair cannot be written, beyond what the flags above say."""
        return {}

    def warnings(self, chosen: Chosen) -> list[str]:
        """Say what a person should know about these pairs in this format."""
        return []

    def reads_back(self, row: Row, pair: Row) -> bool:
        """Say whether our reader is to find exactly this pair in its row again."""
        return True


def turns_of(pair: Row) -> Turns:
    """Return the conversation before the response; a lone user turn where there is no other.

    Turns that do not render as the pair's prompt are another conversation's and are not used.
    """
    told = pair.get("turns")
    if told:
        turns: Turns = json.loads(told)
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

    As the source says it, which may be less than 0 where its scores contradict its choice. An
    edit that changes the winner turns the lead around and leaves its size.
    """
    strength = float(pair["strength"])
    source = pair.get("source_label", pair["label"])
    same = source is not None and (source > 0.5) == (pair["label"] > 0.5) and source != 0.5
    return strength if same else abs(strength)


def odd_roles(chosen: Chosen, known: Iterable[str] = ROLES) -> list[str]:
    """Warn of conversations with roles that chat templates do not know."""
    if "turns" not in chosen.pairs.columns:
        return []
    known = frozenset(known)
    odd = [{turn["role"] for turn in turns_of(pair)} - known for pair in chosen.each()]
    count = sum(map(bool, odd))
    if not count:
        return []
    names = ", ".join(sorted(set().union(*odd))[:5])
    return [f"{count:,} pairs have turns of roles that chat templates may not know ({names})"]


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
