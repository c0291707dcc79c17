"""What the user says in every pair, apart from the answers in between."""

from __future__ import annotations

import json

import polars as pl


def first_turns(pairs: pl.DataFrame) -> list[str]:
    """Return what the user says first in every pair."""
    prompts: list[str] = pairs["prompt"].to_list()
    if "turns" not in pairs.columns:
        return prompts
    first = []
    for prompt, before in zip(prompts, pairs["turns"], strict=True):
        turns = json.loads(before) if before else []
        first.append(next((turn["content"] for turn in turns if turn["role"] == "user"), prompt))
    return first


def asked_of(pairs: pl.DataFrame) -> tuple[list[str], list[str]]:
    """Return what the user says last in every pair, and all that the user says, in lines."""
    prompts: list[str] = pairs["prompt"].to_list()
    if "turns" not in pairs.columns:
        return prompts, prompts
    last, everything = [], []
    for prompt, before in zip(prompts, pairs["turns"], strict=True):
        turns = json.loads(before) if before else []
        own = [turn["content"] for turn in turns if turn["role"] == "user"]
        last.append(own[-1] if own else prompt)
        everything.append("\n".join(own) or prompt)
    return last, everything
