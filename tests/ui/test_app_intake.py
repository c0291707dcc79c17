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
from wimhf.pipeline.expecting import (
    Size,
    expected_memory,
    expected_stages,
    expected_tokens,
    outlook,
    pace,
)
from wimhf.pipeline.look import look_at, source_columns
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
    assert whole.size().characters > 0
    assert whole.size(5).pairs == 5


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
    def seconds(texts: int, encoder: str, factor: float = 1.0) -> float:
        size = Size(texts // 2, texts, texts // 2, 500, 80, 200)
        config = Config.from_dict({"embed": {"encoder": encoder}})
        return sum(expected_stages(size, config, factor).values())

    assert seconds(8000, "minilm") > seconds(2000, "minilm")
    assert seconds(8000, "minilm") > seconds(8000, "fast")
    assert seconds(8000, "fast", 3.0) == pytest.approx(3 * seconds(8000, "fast"))
    assert 0.1 <= pace() < 100


def test_memory_and_tokens_are_expected_of_the_data_and_the_encoder() -> None:
    def size(pairs: int) -> Size:
        return Size(pairs, 2 * pairs, pairs, 430, 80, 200)

    sent = Config.from_dict({"embed": {"encoder": "openai:text-embedding-3-small"}})
    held = [expected_memory(size(n), Config()) for n in (1_000, 30_000, 1_000_000)]
    assert held == sorted(held)
    assert 0.4 < held[0] < 1.5
    assert expected_tokens(size(1_000), sent) == pytest.approx(200_000)
    assert expected_tokens(size(1_000), Config()) == 0.0


STAGES = ("read", "embed", "dictionary", "preference")


@given(
    st.lists(st.floats(0.0, 50.0), min_size=4, max_size=4),
    st.lists(st.floats(0.0, 60.0), min_size=4, max_size=4),
)
def test_the_share_that_is_through_never_falls(expected: list[float], took: list[float]) -> None:
    seconds = dict(zip(STAGES, expected, strict=True))
    begun: dict[str, float] = {}
    now, last = 100.0, 0.0
    for stage, own in zip(STAGES, took, strict=True):
        begun[stage] = now
        for part in (0.0, 0.5, 1.0):
            share, left = outlook(STAGES, seconds, begun, now + part * own)
            assert last - 1e-9 <= share <= 1
            assert left is None or left >= 0
            last = share
        now += own


def test_a_run_at_half_the_expected_speed_is_told_to_take_about_twice_as_long() -> None:
    seconds = {"read": 10.0, "embed": 30.0, "dictionary": 40.0, "preference": 20.0}
    begun = {"read": 0.0, "embed": 20.0, "dictionary": 80.0, "preference": 160.0}
    _, left = outlook(STAGES, seconds, begun, 160.0)
    assert left is not None
    assert 40 / 1.5 < left < 40 * 1.5
