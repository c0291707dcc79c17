"""What prompts are like, by the run's own encoder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.base import RESPONSE_TEMPLATE, Floats, Ints, Progress, silent
from wimhf.learn import Encoder, embed_pairs
from wimhf.run.run import Run
from wimhf.stats import prompt_components


def prompt_columns(
    run: Run, rows: Ints, encoder: Encoder, count: int, progress: Progress = silent
) -> Floats:
    """Return the first principal components (k, q) of the prompts of some pairs, given by row.

    Raises
    ------
    EncoderError
        If the encoder fails.
    """
    prompts = run.pair_table["prompt"].fill_null("").gather(rows)
    config = replace(run.config.embed, encoder=encoder.id, template=RESPONSE_TEMPLATE)
    frame = pl.DataFrame({"prompt": "", "response_a": prompts, "response_b": prompts})
    found = embed_pairs(frame, encoder, config, progress)
    return prompt_components(np.asarray(found.vectors[found.text_a], dtype=np.float32), count)
