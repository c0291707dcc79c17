"""TRL's preference and unpaired formats, standard and conversational."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from wimhf.data.containers.rows import Row
from wimhf.data.export.target import (
    MESSAGES,
    NESTED,
    NUMBER,
    TEXT,
    Chosen,
    Target,
    answer,
    margin_of,
    odd_roles,
    turns_of,
    winner_and_loser,
)
from wimhf.data.formats.families.hh import HhTranscripts
from wimhf.data.pairs import Pair, RowReject

SPEAKERS = {"user": "Human", "assistant": "Assistant"}


class _Preference(Target):
    """A row per pair: the preferred response in ``chosen``, the other in ``rejected``."""

    weights = strength = True
    family = "trl"
    kind: pl.DataType = TEXT
    names: tuple[str, ...] = ("prompt", "chosen", "rejected")

    def columns(self, chosen: Chosen) -> dict[str, pl.DataType]:
        """Name the texts, then margin and weight where they say something."""
        found = dict.fromkeys(self.names, self.kind)
        found |= {"margin": NUMBER} if chosen.margins else {}
        found |= {"weight": NUMBER} if chosen.weighted else {}
        return found | chosen.extra_columns()

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return a row per pair."""
        for pair in chosen.each():
            row = self.texts(pair)
            if chosen.margins:
                row["margin"] = margin_of(pair)
            if chosen.weighted:
                row["weight"] = pair["weight"]
            yield row | chosen.extras(pair)

    def texts(self, pair: Row) -> Row:
        """Return prompt, chosen and rejected as this variant has them."""
        raise NotImplementedError


class TrlStandard(_Preference):
    """prompt, chosen, rejected: strings."""

    name = "trl"
    aliases = ("trl-standard", "dpo")
    about = "TRL preference: prompt, chosen, rejected as text"

    def texts(self, pair: Row) -> Row:
        """Return the texts as they are."""
        winner, loser = winner_and_loser(pair)
        return {"prompt": pair["prompt"], "chosen": winner, "rejected": loser}


class _Conversational(_Preference):
    kind = MESSAGES
    turns = True
    containers = NESTED

    def warnings(self, chosen: Chosen) -> list[str]:
        """Tell of odd roles."""
        return odd_roles(chosen)


class TrlConversational(_Conversational):
    """prompt, chosen, rejected: lists of {role, content}."""

    name = "trl-conversational"
    about = "TRL preference: prompt, chosen, rejected as lists of {role, content}"

    def texts(self, pair: Row) -> Row:
        """Return the conversation and both answers."""
        winner, loser = winner_and_loser(pair)
        return {"prompt": turns_of(pair), "chosen": answer(winner), "rejected": answer(loser)}


class TrlImplicit(_Conversational):
    """chosen, rejected: whole conversations, of which the prompt is the shared start."""

    name = "trl-implicit"
    aliases = ("trl-implicit-conversational",)
    about = "TRL preference: chosen and rejected as whole conversations, prompt included"
    names = ("chosen", "rejected")

    def texts(self, pair: Row) -> Row:
        """Return both conversations."""
        turns = turns_of(pair)
        winner, loser = winner_and_loser(pair)
        return {"chosen": turns + answer(winner), "rejected": turns + answer(loser)}


class TrlImplicitText(_Preference):
    """chosen, rejected: transcripts as of HH-RLHF, of which the prompt is the shared start."""

    name = "trl-implicit-text"
    aliases = ("hh",)
    about = "TRL preference: chosen and rejected as Human/Assistant transcripts, prompt included"
    turns = True
    weights = strength = False
    names = ("chosen", "rejected")
    family = "hh"

    def texts(self, pair: Row) -> Row:
        """Return both transcripts."""
        start = "".join(
            f"\n\n{SPEAKERS.get(turn['role'], turn['role'].capitalize())}: {turn['content']}"
            for turn in turns_of(pair)
        )
        winner, loser = winner_and_loser(pair)
        return {
            "chosen": f"{start}\n\nAssistant: {winner}",
            "rejected": f"{start}\n\nAssistant: {loser}",
        }

    def reads_back(self, row: Row, pair: Row) -> bool:
        """Say whether the marks of the transcript tell its turns apart."""
        try:
            (found,) = HhTranscripts().parse(row)
        except RowReject:
            return False
        return isinstance(found, Pair) and (
            (found.prompt, {found.response_a, found.response_b})
            == (pair["prompt"], {pair["response_a"], pair["response_b"]})
        )

    def warnings(self, chosen: Chosen) -> list[str]:
        """Tell of texts that look like marks."""
        blurred = sum(not self.reads_back(self.texts(pair), pair) for pair in chosen.each())
        if not blurred:
            return []
        return [
            f"{blurred:,} pairs have outer blanks, other roles or marks like 'Human:' in their "
            "texts, which readers of transcripts may split otherwise; trl-implicit keeps them apart"
        ]


class TrlUnpaired(Target):
    """prompt, completion, label: two rows per pair, the preferred one first."""

    name = "trl-unpaired"
    aliases = ("kto",)
    about = "TRL unpaired: prompt, completion, label (true or false), two rows per pair"
    weights = True
    kind: pl.DataType = TEXT

    def columns(self, chosen: Chosen) -> dict[str, pl.DataType]:
        """Name texts, label, and weight where it says something."""
        found = {"prompt": self.kind, "completion": self.kind, "label": pl.Boolean()}
        found |= {"weight": NUMBER} if chosen.weighted else {}
        return found | chosen.extra_columns()

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return two rows per pair."""
        for pair in chosen.each():
            weight = {"weight": pair["weight"]} if chosen.weighted else {}
            for text, label in zip(winner_and_loser(pair), (True, False), strict=True):
                row = self.texts(pair, text) | {"label": label}
                yield row | weight | chosen.extras(pair)

    def texts(self, pair: Row, text: str) -> Row:
        """Return prompt and completion as this variant has them."""
        return {"prompt": pair["prompt"], "completion": text}


class TrlUnpairedConversational(TrlUnpaired):
    """prompt, completion: lists of {role, content}; label: true or false."""

    name = "trl-unpaired-conversational"
    aliases = ("kto-conversational",)
    about = "TRL unpaired: prompt and completion as lists of {role, content}, label"
    turns = True
    kind = MESSAGES
    containers = NESTED

    def texts(self, pair: Row, text: str) -> Row:
        """Return the conversation and one answer."""
        return {"prompt": turns_of(pair), "completion": answer(text)}

    def warnings(self, chosen: Chosen) -> list[str]:
        """Tell of odd roles."""
        return odd_roles(chosen)
