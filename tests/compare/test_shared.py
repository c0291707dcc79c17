"""One dictionary for several runs: balanced, kept, and the same for equal data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.app_run import make_run
from tests.comparable import opposed_rows
from tests.conftest import toy_rows
from wimhf.compare import compare_runs
from wimhf.compare.shared import _balanced, _far_from_nearest
from wimhf.errors import ConfigError
from wimhf.run import open_run
from wimhf.ui.cli.main import app


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIMHF_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def opposites(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return runs of the planted words, and of others whose labels are turned."""
    folder = tmp_path_factory.mktemp("opposites") / "runs"
    turned = [row | {"label": 1 - row["label"]} for row in toy_rows(400, 1)]
    return [make_run(folder, "one", toy_rows(400, 0)), make_run(folder, "turned", turned)]


def test_what_both_discover_is_in_conflict_and_found_again_without_learning(
    opposites: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = compare_runs(opposites, shared=True)
    discovered = [n for n, one in enumerate(found.columns) if one.kind == "discovered"]
    opposed = found.conflicts.filter("conflict")["feature"].to_list()
    assert set(discovered) & set(opposed)
    for camp in range(2):
        codes = found.codes(camp, discovered[0])
        assert codes is not None
        (row,) = [
            r
            for r in found.effects.to_dicts()
            if (r["feature"], r["camp"]) == (discovered[0], camp)
        ]
        assert row["n_active"] == np.count_nonzero(codes)
    assert found.codes(0, 0) is None

    def refused(*_: object) -> None:
        raise AssertionError("learned again")

    monkeypatch.setattr("wimhf.learn.train_kind", refused)
    again = compare_runs(opposites, shared=True)
    assert again.effects.equals(found.effects)
    assert again.columns == found.columns


def test_a_run_beside_itself_differs_in_nothing(likes: Path, tmp_path: Path) -> None:
    again = shutil.copytree(likes, tmp_path / "again")
    found = compare_runs([likes, again], shared=True)
    assert found.gaps["gap"].abs().max() == 0
    assert not any("lie farther" in note for note in found.notes)


def test_as_many_pairs_of_each_are_drawn_and_no_prompt_on_two_sides(
    likes: Path, tmp_path: Path
) -> None:
    small = open_run(make_run(tmp_path / "runs", "small", opposed_rows(200, 4)))
    large = open_run(likes)
    clusters = [one.pair_table["component"].to_numpy() for one in (large, small)]
    drawn = _balanced([large, small], [clusters[0], clusters[1] + 10_000])
    for name in ("fit", "select", "test"):
        assert len(drawn[0][name]) == len(drawn[1][name]) > 0
    # as if all of the second run's prompts were the first one's
    tied = _balanced([large, small], [clusters[0], clusters[1]])
    split: dict[int, str] = {}
    for run, own, cluster in zip((large, small), tied, clusters, strict=True):
        for name, rows in own.items():
            assert set(run.pair_table["split"][rows.tolist()]) <= {name}
            for one in cluster[rows].tolist():
                assert split.setdefault(one, name) == name


def test_what_cannot_be_shared_is_told(likes: Path, dislikes: Path, tmp_path: Path) -> None:
    other = shutil.copytree(likes, tmp_path / "other")
    manifest = json.loads((other / "manifest.json").read_text())
    manifest["stages"]["embed"]["facts"]["encoder"] = "minilm"
    del manifest["check"]
    manifest["schema_version"] = 1  # in which it was absent
    (other / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match="analyze one again with the other's encoder"):
        compare_runs([likes, other], shared=True)
    with pytest.raises(ConfigError, match="give one of them"):
        compare_runs([likes, dislikes], shared=True, discovered=True)


def test_a_run_that_the_dictionary_writes_worse_is_told() -> None:
    rng = np.random.default_rng(0)
    drawn = [{"test": np.arange(200)}] * 2
    one, same = rng.random(1000) + 1, rng.random(1000) + 1
    assert _far_from_nearest(["one", "two"], [(one, 2.0), (same, 2.5)], drawn) == []
    (note,) = _far_from_nearest(["one", "two"], [(2 * one, 2.0), (same, 2.0)], drawn)
    assert "of the pairs of one lie farther from what the shared dictionary can write" in note
    assert "99% of the held-out pairs of two" in note


def test_the_command_compares_by_it(likes: Path, dislikes: Path) -> None:
    words = ["compare", str(likes), str(dislikes), "--shared-dictionary", "-q", "--json"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    kinds = {one["id"].split("_")[0] for one in json.loads(done.output)["columns"]}
    assert "shared" in kinds
