"""Settings that name files and columns, checked before the work that would come to them last."""

from __future__ import annotations

from wimhf.base import check_engine
from wimhf.concepts import load_concepts
from wimhf.data import TEXT_CONTROLS, column_subsets, odd_column
from wimhf.errors import ConfigError
from wimhf.pipeline.stages.context import StageContext

DIVIDED = ("auto", "none", "asked", "prompts")
"""Subsets that no column names."""


def check_files(context: StageContext) -> None:
    """Refuse files of concepts that are missing or not understood, and an engine that is missing.

    Raises
    ------
    ConfigError
        If a file is, or prompts cannot be embedded as the settings want.
    EngineError
        If the engine is.
    """
    check_engine(context.config.engine)
    own = context.config.embed.embeddings is not None and context.encoder is None
    if context.config.preference.interactions and own:
        raise ConfigError(
            "--interactions embeds prompts, and --embeddings brings vectors without the encoder "
            "that made them; leave it out, or give encoder=yours in Python"
        )
    load_concepts(context.config.describe.concepts, packaged=context.config.describe.bank)


def check_columns(context: StageContext) -> None:
    """Refuse columns that the source, which has been read, does not have.

    Raises
    ------
    ConfigError
        If a control, the baseline's scores or the subsets are in none.
    """
    preference, by = context.config.preference, context.config.subsets.by
    names = [name for name in preference.controls if name not in TEXT_CONTROLS]
    names += [preference.score_column] if preference.score_column else []
    if not names and by in DIVIDED:
        return
    pairs, rows = context.run.pair_table, context.run.folder.read_table("source.parquet")
    for name in names:
        odd_column(pairs, rows, name)
    if by not in DIVIDED:
        column_subsets(pairs, rows, by)
