"""Mutated files are read or refused in one line, and no row is lost (tests/mutations.py)."""

import random
from collections import Counter
from pathlib import Path

from tests.mutations import mutated, outcome


def test_mutated_files_of_every_family_are_read_or_refused(tmp_path: Path) -> None:
    ended: Counter[str] = Counter()
    for number in range(600):
        name, data = mutated(random.Random(f"test/{number}"))
        ended[outcome(tmp_path / name, data)] += 1
    assert "refused in several lines" not in ended
    assert 100 < ended["refused"] < 450
    assert len(ended) > 12
