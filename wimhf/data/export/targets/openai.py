"""OpenAI's lines for direct preference optimisation."""

from __future__ import annotations

from collections.abc import Iterator

from wimhf.data.containers.rows import Row
from wimhf.data.export.target import Chosen, Target, answer, odd_roles, turns_of, winner_and_loser

ROLES = ("system", "developer", "user", "assistant", "tool")


class OpenAiLines(Target):
    """input{messages}, preferred_output, non_preferred_output."""

    name = "openai"
    aliases = ("openai-dpo",)
    about = "OpenAI DPO lines: input{messages}, preferred_output, non_preferred_output"
    turns = True
    containers = ("jsonl",)
    family = "openai-dpo"

    def columns(self, chosen: Chosen) -> None:
        """Leave the columns to the lines."""
        return None

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return a line per pair."""
        for pair in chosen.each():
            winner, loser = winner_and_loser(pair)
            yield {
                "input": {"messages": turns_of(pair)},
                "preferred_output": answer(winner),
                "non_preferred_output": answer(loser),
            } | chosen.extras(pair)

    def warnings(self, chosen: Chosen) -> list[str]:
        """Tell of roles that the service refuses."""
        return odd_roles(chosen, ROLES)
