"""The concepts that people added to a run: written ones as TOML, learned ones with their values.

A learned one is there once its JSON file is, which names its values by their hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import tomli_w

from wimhf.base import Floats, toml_table
from wimhf.concepts import Concept, load_concepts
from wimhf.errors import RunError

if TYPE_CHECKING:
    from wimhf.run.run import Run

FOLDER = "own_concepts"
WRITTEN = f"{FOLDER}/own.toml"
AREA = "own"


@dataclass(frozen=True)
class Learned:
    """A concept that was learned from marks.

    Attributes
    ----------
    record
        How: ``by`` (examples or question), ``author``, ``time``, ``agreement``, ``answers`` by
        pair id, ``direction``, and the hash of the pairs that it was learned of.
    values
        (n,) odd, 0 where neither has more; None where the run's pairs are others by now.
    """

    concept: Concept
    record: Mapping[str, Any]
    values: Floats | None


def own_files(run: Run) -> tuple[str, ...]:
    """Return the files of the concepts that were written for a run."""
    path = run.folder.path / WRITTEN
    return (str(path),) if path.is_file() else ()


def bank_of(run: Run) -> tuple[Concept, ...]:
    """Return the written concepts of a run: the packaged ones, its settings' and its own."""
    describe = run.config.describe
    return load_concepts((*describe.concepts, *own_files(run)), packaged=describe.bank)


def read_learned(run: Run) -> list[Learned]:
    """Return the learned concepts of a run, by their ids.

    Raises
    ------
    RunError
        If one is damaged.
    """
    places = sorted((run.folder.path / FOLDER).glob("*.json"))
    return [_read(run, place.stem) for place in places]


def _read(run: Run, name: str) -> Learned:
    record = run.folder.read_json(f"{FOLDER}/{name}.json")
    try:
        concept = Concept(
            id=name, more=record["more"], less=record["less"], title=record["title"], area=AREA,
            learned=f"{record['by']}:{record['digest']}",
        )  # fmt: skip
        same = record["pairs"] == _pairs(run)
    except (KeyError, TypeError) as error:
        raise RunError(
            f"{run.path}/{FOLDER}/{name}.json is damaged ({error}); remove it and add it again"
        ) from None
    if not same:
        return Learned(concept, record, None)
    table = run.folder.read_table(_values_file(name, record["digest"]))
    values: Floats = table["value"].to_numpy().astype(np.float64)
    if _digest(values) != record["digest"]:
        raise RunError(
            f"{run.path}/{FOLDER}: the values of {name} are not what was learned; add it again"
        )
    return Learned(concept, record, values)


def _values_file(name: str, digest: str) -> str:
    return f"{FOLDER}/{name}-{digest}.parquet"


def _digest(values: Floats) -> str:
    return hashlib.sha256(values.astype(np.float32).tobytes()).hexdigest()[:12]


def _pairs(run: Run) -> str:
    return run.manifest.sha256("read", "pairs.parquet")


def keep_learned(run: Run, name: str, record: Mapping[str, Any], values: Floats) -> None:
    """Keep a learned concept; it is there once all of it is written.

    Parameters
    ----------
    record
        ``more``, ``less``, ``title``, ``by`` and whatever else is to be known of it.
    values
        (n,) of every pair.
    """
    digest = _digest(values)
    _make_folder(run)
    table = pl.DataFrame({"value": values.astype(np.float32)})
    run.folder.write_table(_values_file(name, digest), table)
    whole = {**record, "id": name, "pairs": _pairs(run), "digest": digest}
    run.folder.write_json(f"{FOLDER}/{name}.json", whole)
    _forget_values(run, name, but=digest)
    _forget_written(run, name)


def keep_written(run: Run, row: Mapping[str, Any]) -> None:
    """Keep a concept as a row of the run's own TOML file, in place of one of its id."""
    _make_folder(run)
    others = [own for own in _rows(run) if own.get("id") != row["id"]]
    _write_rows(run, [*others, row])
    _forget_learned(run, row["id"])


def forget_concept(run: Run, name: str) -> bool:
    """Take an own concept out of a run; say whether there was one."""
    known = name in own_ids(run)
    _forget_written(run, name)
    _forget_learned(run, name)
    return known


def _forget_written(run: Run, name: str) -> None:
    rows = _rows(run)
    others = [row for row in rows if row.get("id") != name]
    if others != rows:
        _write_rows(run, others)


def _forget_learned(run: Run, name: str) -> None:
    (run.folder.path / FOLDER / f"{name}.json").unlink(missing_ok=True)
    _forget_values(run, name)


def _forget_values(run: Run, name: str, but: str = "") -> None:
    for place in (run.folder.path / FOLDER).glob(f"{name}-*.parquet"):
        if place.stem != f"{name}-{but}":
            place.unlink(missing_ok=True)


def own_ids(run: Run) -> set[str]:
    """Return the ids of the concepts that were added to a run."""
    learned = {place.stem for place in (run.folder.path / FOLDER).glob("*.json")}
    return {str(row.get("id")) for row in _rows(run)} | learned


def _rows(run: Run) -> list[dict[str, Any]]:
    path = run.folder.path / WRITTEN
    if not path.is_file():
        return []
    try:
        rows: list[dict[str, Any]] = toml_table(path.read_text(encoding="utf-8"))["concept"]
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"{path} is damaged ({error}); mend it or move it away") from None
    return rows


def _write_rows(run: Run, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        run.folder.write_text(WRITTEN, tomli_w.dumps({"concept": list(rows)}))
    else:
        (run.folder.path / WRITTEN).unlink(missing_ok=True)


def _make_folder(run: Run) -> Path:
    folder = run.folder.path / FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror}") from None
    return folder
