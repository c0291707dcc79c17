"""A finished run of the toy data, made once; every test gets a copy of its own to edit."""

import shutil
from pathlib import Path

import pytest

import wimhf
from tests.conftest import ToyEncoder, toy_config, toy_rows, write_rows
from wimhf.run.opening import open_run
from wimhf.run.run import Run


@pytest.fixture(scope="session")
def _toy_analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    rows = [row | {"topic": f"t{n % 3}", "rated": n % 5} for n, row in enumerate(toy_rows())]
    source = write_rows(folder / "toy.jsonl", rows)
    run = wimhf.analyze(source, folder / "run", config=toy_config(), encoder=ToyEncoder())
    return run.path


@pytest.fixture
def toy_run(_toy_analysed: Path, tmp_path: Path) -> Run:
    """Return a finished run that may be edited."""
    return open_run(shutil.copytree(_toy_analysed, tmp_path / "toy-run"))
