"""Runs that like and dislike questions, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app_run import make_run
from tests.comparable import opposed_rows


@pytest.fixture(scope="session")
def likes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("likes") / "runs", "likes", opposed_rows(400, 0))


@pytest.fixture(scope="session")
def dislikes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = opposed_rows(400, 1, likes=False)
    return make_run(tmp_path_factory.mktemp("dislikes") / "runs", "dislikes", rows)
