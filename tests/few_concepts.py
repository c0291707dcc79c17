"""A small bank, for tests that count concepts and are about something else."""

from collections.abc import Iterator

import pytest

from wimhf.concepts import load_concepts
from wimhf.run.run import Run

MOST = 40


@pytest.fixture(scope="module")
def few_concepts() -> Iterator[None]:
    """Let runs know some of the bank: counting all of it takes longer than most else."""
    plain = [one for one in load_concepts() if one.reads == "response" and one.of is None]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Run, "bank", property(lambda run: tuple(plain[:MOST])))
        yield
