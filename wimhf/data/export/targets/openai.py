"""OpenAI's lines for direct preference optimisation."""

from __future__ import annotations

import polars as pl

from wimhf.data.export.target import (
    MESSAGES,
    ROLES,
    Column,
    Target,
    answer,
    turns_of,
    winner_and_loser,
)

INPUT = pl.Struct({"messages": MESSAGES})

OPENAI = Target(
    name="openai", aliases=("openai-dpo",),
    about="OpenAI DPO lines: input{messages}, preferred_output, non_preferred_output",
    turns=True, containers=("jsonl",), roles=ROLES, family="openai-dpo",
    columns=(
        Column("input", lambda pair: {"messages": turns_of(pair)}, INPUT),
        Column("preferred_output", lambda pair: answer(winner_and_loser(pair)[0]), MESSAGES),
        Column("non_preferred_output", lambda pair: answer(winner_and_loser(pair)[1]), MESSAGES),
    ),
)  # fmt: skip
