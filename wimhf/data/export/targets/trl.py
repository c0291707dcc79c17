"""TRL's preference and unpaired formats, standard and conversational."""

from __future__ import annotations

import polars as pl

from wimhf.data.containers.rows import Row
from wimhf.data.export.target import (
    MESSAGES,
    NESTED,
    ROLES,
    Chosen,
    Column,
    Target,
    answer,
    margin_of,
    turns_of,
    winner_and_loser,
)
from wimhf.data.formats.families.hh import HhTranscripts
from wimhf.data.formats.templates import template_turns
from wimhf.data.pairs import Pair, RowReject

IGNORED = "no trainer of TRL reads `weight`, and RewardTrainer alone reads `margin`"
"""As of TRL 1.16."""
SPEAKERS = {"user": "Human", "assistant": "Assistant"}


def _winner(pair: Row) -> str:
    return winner_and_loser(pair)[0]


def _loser(pair: Row) -> str:
    return winner_and_loser(pair)[1]


def _transcript(pair: Row, response: str) -> str:
    """Return conversation and response as of HH-RLHF."""
    return "".join(
        f"\n\n{SPEAKERS.get(turn['role'], turn['role'].capitalize())}: {turn['content']}"
        for turn in turns_of(pair) + answer(response)
    )


PROMPT = Column("prompt", lambda pair: pair["prompt"])
TURNS = Column("prompt", turns_of, MESSAGES)
LABEL = Column("label", lambda part: part["won"], pl.Boolean())
MARGIN = Column("margin", margin_of, pl.Float64(), lambda chosen: chosen.margins)
WEIGHT = Column("weight", lambda pair: pair["weight"], pl.Float64(), lambda chosen: chosen.weighted)


class Plain(Target):
    """prompt, chosen, rejected as text."""

    def reads_back(self, row: Row, pair: Row) -> bool:
        """Say whether no text is a conversation in a template, which our reader takes apart."""
        return not any(template_turns(text) for text in row.values() if isinstance(text, str))


STANDARD = Plain(
    name="trl", aliases=("trl-standard", "dpo"),
    about="TRL preference: prompt, chosen, rejected as text",
    weights=True, strength=True, ignores=IGNORED, family="trl",
    columns=(PROMPT, Column("chosen", _winner), Column("rejected", _loser), MARGIN, WEIGHT),
)  # fmt: skip
CONVERSATIONAL = Target(
    name="trl-conversational",
    about="TRL preference: prompt, chosen, rejected as lists of {role, content}",
    weights=True, strength=True, ignores=IGNORED, turns=True, containers=NESTED, roles=ROLES,
    family="trl",
    columns=(
        TURNS,
        Column("chosen", lambda pair: answer(_winner(pair)), MESSAGES),
        Column("rejected", lambda pair: answer(_loser(pair)), MESSAGES),
        MARGIN, WEIGHT,
    ),
)  # fmt: skip
IMPLICIT = Target(
    name="trl-implicit", aliases=("trl-implicit-conversational",),
    about="TRL preference: chosen and rejected as whole conversations, prompt included",
    weights=True, strength=True, ignores=IGNORED, turns=True, containers=NESTED, roles=ROLES,
    family="trl",
    columns=(
        Column("chosen", lambda pair: turns_of(pair) + answer(_winner(pair)), MESSAGES),
        Column("rejected", lambda pair: turns_of(pair) + answer(_loser(pair)), MESSAGES),
        MARGIN, WEIGHT,
    ),
)  # fmt: skip


class Transcripts(Target):
    """chosen, rejected: transcripts as of HH-RLHF, of which the prompt is the shared start."""

    def reads_back(self, row: Row, pair: Row) -> bool:
        """Say whether the marks of the transcript tell its turns apart."""
        try:
            (parsed,) = HhTranscripts().parse(row)
        except RowReject:
            return False
        return isinstance(parsed, Pair) and (
            (parsed.prompt, {parsed.response_a, parsed.response_b})
            == (pair["prompt"], {pair["response_a"], pair["response_b"]})
        )

    def warnings(self, chosen: Chosen) -> list[str]:
        """Tell of texts that look like marks."""
        rows = zip(self.rows(chosen), chosen.each(), strict=True)
        blurred = sum(not self.reads_back(row, pair) for row, pair in rows)
        if not blurred:
            return []
        return [
            f"{blurred:,} pairs have outer blanks, other roles or marks like 'Human:' in their "
            "texts, which readers of transcripts may split otherwise; trl-implicit keeps them apart"
        ]


IMPLICIT_TEXT = Transcripts(
    name="trl-implicit-text", aliases=("hh",),
    about="TRL preference: chosen and rejected as Human/Assistant transcripts, prompt included",
    turns=True, family="hh",
    columns=(
        Column("chosen", lambda pair: _transcript(pair, _winner(pair))),
        Column("rejected", lambda pair: _transcript(pair, _loser(pair))),
    ),
)  # fmt: skip


class Unpaired(Target):
    """prompt, completion, label (true or false): two rows per pair."""

    def parts(self, pair: Row) -> tuple[Row, ...]:
        """Return both responses, the preferred one first."""
        winner, loser = winner_and_loser(pair)
        return pair | {"text": winner, "won": True}, pair | {"text": loser, "won": False}


UNPAIRED = Unpaired(
    name="trl-unpaired", aliases=("kto",),
    about="TRL unpaired: prompt, completion, label (true or false), two rows per pair",
    weights=True, ignores=IGNORED,
    columns=(PROMPT, Column("completion", lambda part: part["text"]), LABEL, WEIGHT),
)  # fmt: skip
UNPAIRED_CONVERSATIONAL = Unpaired(
    name="trl-unpaired-conversational", aliases=("kto-conversational",),
    about="TRL unpaired: prompt and completion as lists of {role, content}, label",
    weights=True, ignores=IGNORED, turns=True, containers=NESTED, roles=ROLES,
    columns=(
        TURNS, Column("completion", lambda part: answer(part["text"]), MESSAGES), LABEL, WEIGHT,
    ),
)  # fmt: skip
TRL = (STANDARD, CONVERSATIONAL, IMPLICIT, IMPLICIT_TEXT, UNPAIRED, UNPAIRED_CONVERSATIONAL)
