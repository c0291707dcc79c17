"""A run of schema 2 as it was written then opens, is whole, and says what it said."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

import wimhf
from tests.fixtures.make_run import FIXTURES, told
from tests.run.test_old_run import same
from wimhf.errors import RunError
from wimhf.run import open_run, verify_run
from wimhf.run.opening import SCHEMA_VERSION

EXPECTED: dict[str, Any] = json.loads((FIXTURES / "run_v2_expected.json").read_text("utf-8"))


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    with tarfile.open(FIXTURES / "run_v2.tar.xz") as archive:
        archive.extractall(tmp_path / "run", filter="data")
    return tmp_path / "run"


def schema(run: Path) -> Any:
    return json.loads((run / "manifest.json").read_text())["schema_version"]


def test_it_is_whole_and_says_what_it_said(kept: Path) -> None:
    before = {item.name: item.read_bytes() for item in kept.iterdir()}
    assert verify_run(kept).damaged == ()
    assert same(EXPECTED, told(open_run(kept)))
    assert {name: (kept / name).read_bytes() for name in before} == before


def test_editing_it_keeps_every_edit(kept: Path) -> None:
    edits = open_run(kept).log.edits()
    curation = wimhf.open_curation(open_run(kept), who="ann")
    curation.edit(curation.pairs["pair_id"].to_list()[20:22], "drop", "later")
    curation.undo()
    assert verify_run(kept).damaged == ()
    now = open_run(kept)
    assert now.log.edits()[: len(edits)] == edits
    curated = told(now)["curated"]
    assert same(EXPECTED["curated"], curated)


@pytest.mark.parametrize("missing", ["check", "schema_version"])
def test_since_schema_2_its_own_hash_may_not_be_missing(kept: Path, missing: str) -> None:
    manifest = json.loads((kept / "manifest.json").read_text())
    del manifest[missing]
    (kept / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match="wimhf repair"):
        open_run(kept)


def test_a_run_of_schema_1_is_brought_to_this_one_when_it_is_written(kept: Path) -> None:
    manifest = json.loads((kept / "manifest.json").read_text())
    del manifest["check"]
    (kept / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 1}))
    run = open_run(kept)
    assert schema(kept) == 1
    assert same(EXPECTED, told(run))
    run.manifest.write()
    assert schema(kept) == SCHEMA_VERSION
    assert verify_run(kept).damaged == ()
    assert same(EXPECTED, told(open_run(kept)))
