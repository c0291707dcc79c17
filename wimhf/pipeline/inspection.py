"""Looking at a source without any model: what it is, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Ints, Mask, Progress, ReadConfig, silent
from wimhf.data import Checked, Cut, Health, Source, check_health, pair_components, read_pairs
from wimhf.learn import minilm_location

SIDES = ("response_a", "response_b")
MINILM_TOKENS = 256


@dataclass(frozen=True)
class Inspection:
    """What a source is.

    Attributes
    ----------
    source
        Pairs, rejects, format, polarity.
    health
        What is wrong with it.
    """

    source: Source
    health: Health

    @property
    def pairs(self) -> pl.DataFrame:
        """The accepted pairs."""
        return self.source.pairs

    @property
    def rejects(self) -> pl.DataFrame:
        """Every row left out: source_row, reason, detail."""
        return self.source.rejects

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the texts as plain JSON types, with the pair ids behind it."""
        source = self.source
        behind = self.health.pairs(self.pairs["pair_id"])
        ids = {
            str(item): part["pair_id"].to_list()
            for (item,), part in behind.group_by("item", maintain_order=True)
        }
        return {
            "format": source.format, "container": source.container, "parts": source.parts,
            "polarity": source.polarity, "rows": source.n_read, "pairs": len(source.pairs),
            "rows_of_the_format": source.n_rows, "columns_not_read": list(source.notes.unread),
            "reading": source.notes.to_dict(),
            "rejects": source.reject_counts, "columns": source.pairs.columns,
            "health": self.health.to_dict(), "pair_ids": ids,
        }  # fmt: skip


def inspect(
    source: str | Path | Sequence[str | Path], progress: Progress = silent, **settings: Any
) -> Inspection:
    """Read a source and examine it, without any model.

    Parameters
    ----------
    source
        A file, a folder, a glob, hf:owner/name[:config][:split], or several of them.
    settings
        Settings of reading: format, columns, limit, label, label_map, roles, pairs.

    Raises
    ------
    InputError
        If it cannot be read as pairs.
    """
    names = [source] if isinstance(source, (str, Path)) else list(source)
    first, *also = map(str, names)
    config = ReadConfig(
        **{**asdict(ReadConfig()), **settings, "source": first, "also": tuple(also)}
    )
    found = read_pairs(config, progress)
    component, _ = pair_components(found.pairs)
    data = Checked(
        found.pairs, found.rejects, found.n_rows, component, found.sides_drawn, _cut(found.pairs),
        notes=found.notes,
    )  # fmt: skip
    return Inspection(found, check_health(data, progress))


def _cut(pairs: pl.DataFrame) -> Cut | None:
    """Return how minilm sees long texts, by its tokenizer alone."""
    file = Path(minilm_location()) / "tokenizer.json"
    if not file.is_file():
        return None
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def same(rows: Ints) -> Mask:
        sides = [
            [one.ids[: MINILM_TOKENS - 1] for one in tokenizer.encode_batch(texts)]
            for texts in (
                pairs[side].gather(rows).to_list() for side in ("response_a", "response_b")
            )
        ]
        return np.array([a == b for a, b in zip(*sides, strict=True)], dtype=bool)

    return Cut("minilm", MINILM_TOKENS, same)
