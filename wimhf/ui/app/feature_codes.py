"""A feature's codes, read once for all sessions."""

from __future__ import annotations

import polars as pl

from wimhf.run import feature_codes
from wimhf.ui.app import components
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.features import ShownFeature


def codes_of(opened: Opened, feature: ShownFeature) -> pl.DataFrame:
    """Return the pairs in which a feature is active, the strongest first."""
    number = feature.feature
    return components.cached(opened, "codes", lambda: feature_codes(opened.run, number), number)
