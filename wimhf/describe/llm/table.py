"""What a language model proposed, as the table that a run keeps."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from wimhf.describe.llm.describer import LlmDescribed, Proof

LLM_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "author": pl.String(), "description": pl.String(),
    "short": pl.String(), "pole": pl.Int64(), "select_correlation": pl.Float64(),
    "best": pl.Boolean(), "offline_correlation": pl.Float64(), "fidelity": pl.Float64(),
    "fidelity_low": pl.Float64(), "fidelity_high": pl.Float64(), "fidelity_p": pl.Float64(),
    "sign_accuracy": pl.Float64(), "active_test": pl.Int64(), "reason": pl.String(),
    "consistency": pl.Float64(), "tie_rate": pl.Float64(), "missing": pl.Int64(),
    "asked": pl.Int64(),
}  # fmt: skip


def proposal_table(described: Sequence[LlmDescribed], author: str) -> pl.DataFrame:
    """Return one row per proposal (LLM_COLUMNS); what was proven stands with the best."""
    rows: list[dict[str, object]] = []
    for one in described:
        for number, (proposal, score) in enumerate(zip(one.proposals, one.scores, strict=True)):
            row = {
                "feature": one.feature, "author": author, "description": proposal.sentence,
                "short": proposal.label, "pole": 1, "select_correlation": score,
                "best": number == one.best,
            }  # fmt: skip
            if number == one.best:
                row |= {"offline_correlation": one.offline_score} | _columns(one.proof)
            rows.append(row)
    return pl.DataFrame(rows, schema=LLM_COLUMNS)


def _columns(proof: Proof) -> dict[str, object]:
    counts = {
        "consistency": proof.consistency, "tie_rate": proof.tie_rate, "missing": proof.missing,
        "asked": proof.asked,
    }  # fmt: skip
    if proof.fidelity is None:
        return counts | {"reason": "no judgement of a held-out pair was understood"}
    return counts | proof.fidelity.columns()
