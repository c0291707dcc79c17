"""Taking a source in: uploads kept by content, a look at what they are, names for runs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from wimhf.base import silent, write_atomically
from wimhf.data import SAMPLE_ROWS, RowReject, parts_of
from wimhf.errors import InputError
from wimhf.learn import AUTO_TEXTS
from wimhf.pipeline import Inspection, inspect

UPLOADS = ".uploads"
DEMO = "demo"
LOOKED_AT = 2_000
"""Rows that are examined before the analysis, which examines all."""
COLUMNS = (
    "prompt", "response_a", "response_b", "label", "chosen", "rejected", "annotator", "subset",
    "weight", "model_a", "model_b",
)  # fmt: skip
"""What a column of a source can be said to hold."""
COUNTED = 50_000
"""Rows that are counted one by one; beyond, by the share of the file they take."""
_TOKEN = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Look:
    """What a source seems to be, from its first rows.

    Attributes
    ----------
    n_rows
        Rows that the analysis would read, about.
    exact
        Whether they were counted to the end.
    """

    inspection: Inspection
    n_rows: int
    exact: bool

    @property
    def n_pairs(self) -> int:
        """Pairs in all these rows, about."""
        read = max(self.inspection.source.n_rows, 1)
        return round(len(self.inspection.pairs) * max(self.n_rows, read) / read)

    @property
    def whole(self) -> bool:
        """Whether all rows were examined."""
        return self.exact and self.inspection.source.n_rows >= self.n_rows

    @property
    def characters(self) -> float:
        """Mean length of a response."""
        pairs = self.inspection.pairs
        sides = (pairs[side].str.len_chars().mean() for side in ("response_a", "response_b"))
        return sum(float(str(side)) for side in sides) / 2


def save_upload(runs: Path, name: str, content: bytes | memoryview) -> str:
    """Keep an uploaded file under the runs folder; return the token that names it in the URL.

    Raises
    ------
    InputError
        If it is empty.
    RunError
        If the folder cannot be written.
    """
    if not len(content):
        raise InputError(f"{name[:80]} is empty; expected rows with a prompt and two responses")
    token = hashlib.sha256(content).hexdigest()[:16]
    folder = runs / UPLOADS / token
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{runs} cannot be written ({error.strerror}); choose another --runs"
        ) from None
    for known in folder.iterdir():  # the same content under another name
        known.unlink()
    write_atomically(folder / clean_name(name), lambda stream: stream.write(content))
    return token


def source_path(runs: Path, token: str) -> Path:
    """Return the file that a token of the URL names: an upload, or the demo data.

    Raises
    ------
    InputError
        If there is no such upload.
    """
    if token == DEMO:
        from wimhf.data import demo_folder

        return demo_folder() / "demo.jsonl.gz"
    folder = runs / UPLOADS / token
    if _TOKEN.fullmatch(token) and folder.is_dir():
        for path in folder.iterdir():
            if path.is_file() and not path.name.startswith("."):
                return path
    raise InputError("that upload is not here any more; upload the file again")


def clean_name(name: str) -> str:
    """Return a file name that is safe on every system and keeps its endings."""
    clean = re.sub(r"[^\w.\-]+", "_", Path(name.replace("\\", "/")).name).lstrip(".")
    return clean[-100:] or "upload"


def free_name(runs: Path, source: Path) -> str:
    """Return a name for a run of a source that no folder has yet."""
    stem = re.sub(r"[^\w\-]+", "_", source.name.split(".")[0])[:60] or "run"
    names = [stem, *(f"{stem}-{count}" for count in range(2, 1000))]
    return next(name for name in names if not (runs / name).exists())


def check_name(runs: Path, name: str) -> Path:
    """Return the folder of a new run by its name.

    Raises
    ------
    InputError
        If the name cannot be a folder's, or a folder has it already.
    """
    if not re.fullmatch(r"\w[\w\- ]{0,79}", name):
        raise InputError(
            f"a run cannot be called {name[:80]!r}; use letters, digits, hyphens and underscores"
        )
    if (runs / name).exists():
        raise InputError(f"there is a run {name} already; give another name")
    return runs / name


def source_columns(path: Path) -> list[str]:
    """Return the columns of a source's first rows; none where it cannot be read."""
    try:
        opened = parts_of((str(path),), SAMPLE_ROWS)[0].open()
        rows = list(islice(opened.rows, SAMPLE_ROWS))
        opened.close()
    except InputError:
        return []
    names = dict.fromkeys(n for row in rows if not isinstance(row, RowReject) for n in row)
    return [str(name) for name in names][:200]


def look(path: Path, settings: Mapping[str, object]) -> Look:
    """Read and examine the first rows of a source, without any model.

    Parameters
    ----------
    settings
        Of reading: format, columns, limit, label.

    Raises
    ------
    InputError
        If it cannot be read as pairs.
    """
    limit = settings.get("limit")
    wanted = limit if isinstance(limit, int) else None
    asked = {**settings, "limit": min(wanted or LOOKED_AT, LOOKED_AT)}
    first = inspect(str(path), silent, **asked)
    read = first.source.n_rows
    if read < LOOKED_AT:
        return Look(first, read, exact=True)
    counted, exact = _count(path)
    unfolded = counted < read  # one row of the file holds several
    n_rows = read if unfolded else min(counted, wanted or counted)
    return Look(first, n_rows, exact=exact and not unfolded)


def _count(path: Path) -> tuple[int, bool]:
    """Return about how many rows a source has, and whether all of them were counted."""
    part = parts_of((str(path),), None)[0]
    with closing(part.open()) as opened:
        counted = sum(1 for _ in islice(opened.rows, COUNTED))
        share = opened.position() / part.size if part.size else 1.0
    if counted < COUNTED or not 0 < share < 1:
        return counted, counted < COUNTED
    return round(counted / share), False


def analysis_settings(chosen: Mapping[str, object]) -> dict[str, object]:
    """Return the settings of an analysis from what was chosen on the start page.

    Parameters
    ----------
    chosen
        ``format``, ``columns``, ``limit``, ``label``, ``encoder``, ``features``, ``k``, ``by``,
        ``controls``, ``seed``; what is None is left at its default.
    """
    places = {
        "format": "read", "columns": "read", "limit": "read", "label": "read",
        "encoder": "embed", "features": "dictionary", "k": "dictionary", "by": "subsets",
        "controls": "preference",
    }  # fmt: skip
    stages: dict[str, dict[str, object]] = {}
    for name, stage in places.items():
        if chosen.get(name) is not None:
            stages.setdefault(stage, {})[name] = chosen[name]
    seed = chosen.get("seed")
    return {**stages} if seed is None else {**stages, "seed": seed}


CHARACTERS_A_SECOND = {"fast": 1_200_000.0, "minilm": 180_000.0}
"""Measured on two cores of a server; other encoders are taken to be as slow as minilm."""


def expected_seconds(n_pairs: int, characters: float, encoder: str) -> float:
    """Return roughly how long an analysis takes on two cores.

    Parameters
    ----------
    characters
        Mean length of a response.
    encoder
        A name as in the settings; auto is what it would choose without a GPU.
    """
    if encoder == "auto":
        encoder = "minilm" if 2 * n_pairs <= AUTO_TEXTS else "fast"
    speed = CHARACTERS_A_SECOND.get(encoder, CHARACTERS_A_SECOND["minilm"])
    steps = min(max(2_000.0, 50 * n_pairs / 256), 20_000.0)
    described = min(n_pairs, 20_000)
    return (
        6 + 2 * n_pairs * characters / speed + 0.0045 * steps + 0.0025 * described + n_pairs / 500
    )
