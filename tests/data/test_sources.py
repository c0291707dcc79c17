"""Folders, globs, several sources, packed files, datasets of the hub: the same rows, once each."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from wimhf.base.config import ReadConfig
from wimhf.base.progress import Event
from wimhf.data.formats import Source, read_pairs, sources_hash
from wimhf.data.formats.sources import parts_of
from wimhf.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Row = dict[str, Any]


def rows(count: int, start: int = 0) -> list[Row]:
    return [
        {"prompt": f"p{n}", "response_a": f"x{n}", "response_b": f"y{n}", "label": n % 2}
        for n in range(start, start + count)
    ]


def lines(given: list[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in given).encode()


def arrow(given: list[Row], *, stream: bool = False) -> bytes:
    out = io.BytesIO()
    table = pl.DataFrame(given)
    (table.write_ipc_stream if stream else table.write_ipc)(out)
    return out.getvalue()


def parquet(given: list[Row]) -> bytes:
    out = io.BytesIO()
    pl.DataFrame(given).write_parquet(out)
    return out.getvalue()


def read(*sources: Path | str, **settings: Any) -> Source:
    first, *also = map(str, sources)
    return read_pairs(ReadConfig(source=first, also=tuple(also), **settings))


def content(source: Source) -> list[Row]:
    return source.pairs.select("prompt", "response_a", "response_b", "label").to_dicts()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rows.jsonl.zst", zstd.compress(lines(rows(20)))),
        ("rows.jsonl", zstd.compress(lines(rows(20)))),
        ("rows.arrow", arrow(rows(20))),
        ("rows.feather", arrow(rows(20))),
        ("rows.arrow", arrow(rows(20), stream=True)),
        ("rows.arrow.gz", gzip.compress(arrow(rows(20)))),
("rows.parquet.zst", zstd.compress(parquet(rows(20)))),
    ],
)  # fmt: skip
def test_packed_files_and_arrow_hold_the_same_pairs(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "plain.jsonl").write_bytes(lines(rows(20)))
    assert content(read(tmp_path / name)) == content(read(tmp_path / "plain.jsonl"))


@pytest.mark.parametrize("cut", [3, 20, -4])
def test_a_cut_zst_file_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "rows.jsonl.zst"
    path.write_bytes(zstd.compress(lines(rows(500)))[:cut])
    with pytest.raises(InputError, match=r"truncated|damaged|not zstd"):
        read(path)


def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wimhf.data.containers.unpack.FREE_BYTES", 2**20)
    for name, pack in (("rows.jsonl.gz", gzip.compress), ("rows.jsonl.zst", zstd.compress)):
        path = tmp_path / name
        path.write_bytes(pack(lines(rows(3)) + b" " * 2**25))
        with pytest.raises(InputError, match="200 times its size"):
            read(path)


def test_a_folder_and_a_glob_read_every_file_once_in_order(tmp_path: Path) -> None:
    for number in range(3):
        part = tmp_path / "data" / f"part-{number}.jsonl"
        part.parent.mkdir(exist_ok=True)
        part.write_bytes(lines(rows(5, start=5 * number)))
    (tmp_path / "data" / "README.md").write_text("not data")
    (tmp_path / "data" / "dataset_info.json").write_text("{}")
    (tmp_path / "data" / ".hidden.jsonl").write_bytes(lines(rows(1)))
    folder, pattern = read(tmp_path / "data"), read(tmp_path / "data" / "part-*.jsonl")
    assert [row["prompt"] for row in content(folder)] == [f"p{n}" for n in range(15)]
    assert content(folder) == content(pattern)
    assert folder.pairs["source"].unique().sort().to_list() == [f"part-{n}.jsonl" for n in range(3)]
    assert folder.pairs["source_row"].to_list() == list(range(15))
    assert folder.sha256 == pattern.sha256 == sources_hash((str(tmp_path / "data"),))


def test_several_sources_may_be_of_different_formats(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(rows(4)))
    (tmp_path / "b.jsonl").write_bytes(lines([{"prompt": "q", "chosen": "x", "rejected": "y"}] * 2))
    found = read(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    assert found.parts == {"a.jsonl": "native", "b.jsonl": "trl"}
    assert found.format == "native + trl"
    assert found.sides_drawn
    assert found.pairs["source"].to_list() == ["a.jsonl"] * 4 + ["b.jsonl"] * 2
    assert [json.loads(text) for text in found.rows["row"]][-1]["chosen"] == "x"
    assert "in 4 pairs the first listed response is preferred, in 2 pairs the second" in (
        found.polarity
    )


def test_sources_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.jsonl").write_bytes(lines(rows(3)))
    found = read(tmp_path / "one" / "rows.jsonl", tmp_path / "two" / "rows.jsonl")
    assert found.pairs["source"].n_unique() == 2
    assert found.pairs["pair_id"].n_unique() == 6


def test_a_limit_counts_over_all_parts(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.jsonl").write_bytes(lines(rows(5, start=5 * number)))
    assert read(tmp_path, limit=7).n_rows == 7


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nothing-*.jsonl", "matches no file"),
        ("empty", "without a file of .jsonl"),
        ("hf:", "write hf:owner/name"),
        ("hf:a:b:c:d", "write hf:owner/name"),
        ("hf:nobody/nothing", "cannot be read"),
    ],
)
def test_what_names_nothing_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, words: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    given = source if source.startswith("hf:") else str(tmp_path / source)
    with pytest.raises(InputError, match=words) as caught:
        read(given)
    assert "\n" not in str(caught.value)


def test_one_annotators_labels_can_be_picked(tmp_path: Path) -> None:
    given = [row | {"annotator": name} for row in rows(3) for name in ("ann", "bob")]
    (tmp_path / "rows.jsonl").write_bytes(lines(given))
    found = read(tmp_path / "rows.jsonl", label="bob")
    assert found.pairs["annotator"].unique().to_list() == ["bob"]
    assert found.reject_counts == {"label not asked for": 3}
    with pytest.raises(InputError, match=r"no usable pair.*label not asked for"):
        read(tmp_path / "rows.jsonl", label="eve")


@pytest.mark.parametrize(("name", "packed"), [("r.jsonl.gz", False), ("r.parquet", True)])
def test_progress_goes_up_and_ends_at_the_whole_file(
    tmp_path: Path, name: str, packed: bool
) -> None:
    path, given = tmp_path / name, rows(25_000)
    path.write_bytes(parquet(given) if packed else gzip.compress(lines(given)))
    events: list[Event] = []
    read_pairs(ReadConfig(source=str(path)), events.append)
    assert {event.unit for event in events} == {"bytes"}
    done = [event.done for event in events]
    assert done == sorted(done)
    assert 0 < done[0] < done[-1] == events[-1].total == path.stat().st_size


def test_a_dataset_repository_in_a_folder_is_read_through_datasets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("datasets")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    repository = tmp_path / "prefs"
    (repository / "data").mkdir(parents=True)
    for split, count in (("train", 6), ("test", 4)):
        table = pl.DataFrame(rows(count))
        table.write_parquet(repository / "data" / f"{split}-00000-of-00001.parquet")
    train, test = read(f"hf:{repository}"), read(f"hf:{repository}:test")
    assert (train.n_rows, test.n_rows) == (6, 4)
    assert train.container == "hf"
    assert content(test) == rows(4)
    assert read(f"hf:{repository}", limit=2).n_rows == 2
    assert train.sha256 != test.sha256
    with pytest.raises(InputError, match="cannot be read"):
        read(f"hf:{repository}:validation")


@pytest.mark.parametrize("name", ["a\0b", "a*\0b", "[\0", "~\0/x?"])
def test_a_name_that_no_path_has_is_one_line(name: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        parts_of((name,), None)
