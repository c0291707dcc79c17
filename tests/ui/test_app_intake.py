"""Uploads and names: kept by content, never outside the runs folder, refused in one line."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("streamlit", reason="the app is not installed")

from tests.conftest import toy_rows, write_rows
from wimhf.base.config import Config
from wimhf.base.config_options import nested_settings
from wimhf.errors import InputError
from wimhf.pipeline import look
from wimhf.pipeline.look import expected_seconds, look_at, source_columns
from wimhf.ui.app import intake


@given(st.text(max_size=150))
def test_a_file_name_never_leaves_its_folder(name: str) -> None:
    clean = intake.clean_name(name)
    assert 0 < len(clean) <= 100
    assert Path(clean).name == clean
    assert not clean.startswith(".")


def test_an_upload_comes_back_by_its_token_and_once(tmp_path: Path) -> None:
    token = intake.save_upload(tmp_path, "../../pairs one.jsonl.gz", b"content")
    path = intake.source_path(tmp_path, token)
    assert path.read_bytes() == b"content"
    assert path.name == "pairs_one.jsonl.gz"
    assert path.is_relative_to(tmp_path)
    assert token == hashlib.sha256(b"content").hexdigest()[:16]
    assert intake.save_upload(tmp_path, "other.csv", b"content") == token
    assert intake.source_path(tmp_path, token).name == "other.csv"


@pytest.mark.parametrize("token", ["", "..", "../..", "0" * 16, "/etc", "demo/../..", "g" * 16])
def test_a_token_of_the_url_names_uploads_only(tmp_path: Path, token: str) -> None:
    with pytest.raises(InputError, match="upload the file again"):
        intake.source_path(tmp_path, token)


def test_an_empty_upload_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is empty"):
        intake.save_upload(tmp_path, "empty.jsonl", b"")
    assert list(tmp_path.iterdir()) == []


def test_the_demo_is_a_source() -> None:
    assert intake.source_path(Path("nowhere"), intake.DEMO).name == "demo.jsonl.gz"


def test_names_of_runs_are_free_and_plain(tmp_path: Path) -> None:
    (tmp_path / "pairs").mkdir()
    assert intake.free_name(tmp_path, Path("x/pairs.jsonl.gz")) == "pairs-2"
    assert intake.check_name(tmp_path, "pairs-2") == tmp_path / "pairs-2"
    with pytest.raises(InputError, match="already"):
        intake.check_name(tmp_path, "pairs")
    for bad in ("", "..", "a/b", ".hidden", "a\\b", "x" * 100):
        with pytest.raises(InputError, match="cannot be called"):
            intake.check_name(tmp_path, bad)


def test_a_look_counts_rows_without_examining_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_rows(tmp_path / "toy.jsonl", toy_rows(90))
    whole = look_at(source, {"format": "auto", "columns": {}})
    assert (whole.n_pairs, whole.exact, whole.whole) == (90, True, True)
    monkeypatch.setattr(look, "LOOKED_AT", 30)
    part = look_at(source, {"format": "auto", "columns": {}})
    assert (part.n_pairs, part.exact, part.whole) == (90, True, False)
    assert part.inspection.source.n_rows == 30
    limited = look_at(source, {"format": "auto", "columns": {}, "limit": 40})
    assert limited.n_rows == 40
    monkeypatch.setattr(look, "COUNTED", 60)
    guessed = look_at(source, {"format": "auto", "columns": {}})
    assert not guessed.exact
    assert guessed.n_rows >= 60
    assert whole.characters > 0


def test_columns_of_a_source_that_nothing_fits_are_named(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "own.jsonl", [{"ask": "q", "left": "a", "right": "b"}])
    assert source_columns(source) == ["ask", "left", "right"]
    with pytest.raises(InputError, match="no known format"):
        look_at(source, {"format": "auto", "columns": {}})
    mapped = {"prompt": "ask", "response_a": "left", "response_b": "right"}
    assert look_at(source, {"format": "auto", "columns": mapped}).n_pairs == 1
    (tmp_path / "bad.jsonl").write_bytes(b"\x00\x01")
    assert source_columns(tmp_path / "bad.jsonl") == []


def test_settings_of_the_page_are_settings_of_an_analysis() -> None:
    chosen = {
        "format": "native", "columns": {"prompt": "ask"}, "limit": 10, "label": None,
        "encoder": "fast", "features": 8, "k": 2, "by": None, "controls": [], "seed": 3,
    }  # fmt: skip
    config = Config.from_dict(nested_settings(chosen))
    assert (config.read.limit, config.embed.encoder, config.seed) == (10, "fast", 3)
    assert config.preference.controls == ()
    assert config.subsets == Config().subsets


def test_a_longer_source_and_a_slower_encoder_are_expected_to_take_longer() -> None:
    assert expected_seconds(4000, 500, "minilm") > expected_seconds(1000, 500, "minilm")
    assert expected_seconds(4000, 500, "minilm") > expected_seconds(4000, 500, "fast")
