"""The whole job: swapping changes only signs, a killed run ends with the same bytes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import wimhf
from tests.conftest import ToyEncoder, toy_config, toy_rows, write_rows
from wimhf.base.progress import Event
from wimhf.errors import ConfigError, EstimationError, RunError, WimhfError
from wimhf.pipeline.plan import PLAN, STAGES

Analyze = Callable[..., Any]

ANNOUNCED = [stage.name for stage in PLAN if stage.title]


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a run; of the manifest all but its timings."""
    files = {}
    for path in sorted(folder.iterdir()):
        if path.name == "manifest.json":
            manifest = json.loads(path.read_text())
            for stage in manifest["stages"].values():
                stage.pop("seconds")
                stage.pop("peak_rss_mb")
            files[path.name] = json.dumps(manifest).encode()
        elif path.name != ".lock":
            files[path.name] = path.read_bytes()
    return files


def test_planted_preferences_are_found(analyze_toy: Analyze, toy_file: Path) -> None:
    run = analyze_toy(toy_file)
    assert set(run.manifest.stages) == set(STAGES)
    told = run.features.filter(pl.col("q") < 0.05).sort("effect")
    names = told["description"].to_list()
    least, most = " ".join(names[:4]), " ".join(names[-4:])
    assert any(word in least for word in ("sorry", "apologises", "unable", "refuses", "decline"))
    assert any(word in most for word in ("great", "brilliant", "wonderful", "praises", "enthus"))
    assert run.preference["auc"]["features"]["value"] > 0.65


def test_pairs_of_a_feature_are_oriented_with_more_first(
    analyze_toy: Analyze, toy_file: Path
) -> None:
    run = analyze_toy(toy_file)
    discovered = run.features.filter(pl.col("kind") == "discovered")
    worst = discovered.sort("effect")["feature"][0]
    pairs = run.pairs(feature=worst)
    assert pairs["code"].is_sorted(descending=True)
    assert (pairs["code"] > 0).all()
    share = pairs.head(60).select(
        more=pl.col("more").str.contains("sorry"), less=pl.col("less").str.contains("sorry")
    )
    assert share["more"].mean() > 0.9
    assert share["less"].mean() < 0.1
    decided = pairs.filter(pl.col("more_won") != 0.5)["more_won"].mean()
    assert decided < 0.4
    prevalence = run.features.filter(pl.col("feature") == worst)["prevalence"].item()
    assert len(pairs) == round(prevalence * len(run.pairs()))
    with pytest.raises(RunError, match="not among"):
        run.pairs(feature=99)


def test_exchanging_a_and_b_in_the_file_changes_only_signs(
    analyze_toy: Analyze, tmp_path: Path
) -> None:
    rows = toy_rows(300)
    swapped = [
        row | {
            "response_a": row["response_b"],
            "response_b": row["response_a"],
            "label": 1 - row["label"],
        }
        for row in rows
    ]  # fmt: skip
    mixed = [
        s if number % 3 else r for number, (r, s) in enumerate(zip(rows, swapped, strict=True))
    ]
    one = analyze_toy(write_rows(tmp_path / "one.jsonl", rows), "one")
    for name, other_rows in (("all", swapped), ("some", mixed)):
        other = analyze_toy(write_rows(tmp_path / f"{name}.jsonl", other_rows), name)
        for file in ("dictionary.safetensors", "embeddings.npy"):
            assert (one.path / file).read_bytes() == (other.path / file).read_bytes()
        assert one.pair_table["pair_id"].equals(other.pair_table["pair_id"])
        exact = ["feature", "description", "pole", "prevalence", "n_active"]
        assert one.features[exact].equals(other.features[exact])
        for column in ("effect", "effect_low", "effect_high", "q", "fidelity", "win_rate"):
            expected = one.features[column].to_list()
            assert other.features[column].to_list() == pytest.approx(expected, abs=1e-6)
        for model, found in one.preference["auc"].items():
            assert other.preference["auc"][model] == pytest.approx(found, abs=1e-6)
        turned = one.pair_table["response_a"] != other.pair_table["response_a"]
        sign = 1 - 2 * turned.cast(pl.Int8).to_numpy().astype(float)
        assert (one.codes() * sign[:, None] == other.codes()).all()


@pytest.mark.parametrize("stage", ANNOUNCED)
def test_a_run_stopped_anywhere_resumes_to_the_same_bytes(
    analyze_toy: Analyze, toy_file: Path, stage: str
) -> None:
    whole = analyze_toy(toy_file, "whole")

    class Stopped(BaseException):
        pass

    def stop(event: Event) -> None:
        if event.stage == stage:
            raise Stopped

    with pytest.raises(Stopped):
        analyze_toy(toy_file, "stopped", progress=stop)
    resumed = analyze_toy(toy_file, "stopped")
    assert contents(resumed.path) == contents(whole.path)


def test_a_second_call_does_nothing_and_a_changed_setting_redoes_only_what_depends_on_it(
    analyze_toy: Analyze, toy_file: Path
) -> None:
    run = analyze_toy(toy_file)
    times = {path.name: path.stat().st_mtime_ns for path in run.path.glob("*.parquet")}
    kept: list[str] = []
    analyze_toy(toy_file, progress=lambda e: kept.append(e.stage) if "kept" in e.message else None)
    assert kept == ANNOUNCED
    assert times == {path.name: path.stat().st_mtime_ns for path in run.path.glob("*.parquet")}
    kept.clear()
    analyze_toy(
        toy_file,
        preference={"controls": []},
        progress=lambda e: kept.append(e.stage) if "kept" in e.message else None,
    )
    assert kept == ["read", "embed", "health", "dictionary", "describe"]


def test_damage_is_mended_by_running_again(analyze_toy: Analyze, toy_file: Path) -> None:
    run = analyze_toy(toy_file)
    before = contents(run.path)
    (run.path / "codes.parquet").write_bytes(b"not parquet")
    (run.path / "preference.json").unlink()
    analyze_toy(toy_file)
    assert contents(run.path) == before


@pytest.mark.parametrize(("label", "reason"), [(0.5, "tie"), (1.0, "response_a"), (None, "label")])
def test_without_usable_labels_the_data_are_still_measured(
    analyze_toy: Analyze, tmp_path: Path, label: float | None, reason: str
) -> None:
    rows = [row | {"label": label} for row in toy_rows(120)]
    run = analyze_toy(write_rows(tmp_path / "rows.jsonl", rows))
    assert reason in run.preference["reason"]
    assert run.features["effect"].null_count() == len(run.features)
    assert run.features["prevalence"].sum() > 0
    assert wimhf.open_run(run.path).features.equals(run.features)


def test_identical_responses_everywhere_and_too_few_pairs_are_said_to_be_so(
    analyze_toy: Analyze, tmp_path: Path
) -> None:
    same = [row | {"response_b": row["response_a"]} for row in toy_rows(100)]
    with pytest.raises(EstimationError, match="identical"):
        analyze_toy(write_rows(tmp_path / "same.jsonl", same), "same")
    with pytest.raises(EstimationError, match="1 pair is too few"):
        analyze_toy(write_rows(tmp_path / "one.jsonl", toy_rows(1)), "few")


def test_odd_texts_pass_through(analyze_toy: Analyze, tmp_path: Path) -> None:
    rows = toy_rows(150)
    rows[0]["response_a"] = "word " * 20_000
    rows[1]["response_b"] = "😀 שלום עליכם \u2028 \x00 {response} {prompt}"
    rows[2]["prompt"] = ""
    run = analyze_toy(write_rows(tmp_path / "odd.jsonl", rows))
    assert run.pairs()["response_b"][1] == rows[1]["response_b"]
    assert run.facts("read")["n_pairs"] == 150


def test_settings_that_contradict_are_refused_before_anything_is_written(
    tmp_path: Path, toy_file: Path
) -> None:
    with pytest.raises(ConfigError, match="k=9 exceeds features=8"):
        wimhf.analyze(toy_file, tmp_path / "run", toy_config(), dictionary={"k": 9})
    assert not (tmp_path / "run").exists()


def test_an_encoder_that_fails_leaves_a_run_that_goes_on(
    analyze_toy: Analyze, toy_file: Path, tmp_path: Path
) -> None:
    class Broken(ToyEncoder):
        revision = "broken"

        def encode(self, texts: list[str]) -> Any:
            raise wimhf.WimhfError("the server is down")

    with pytest.raises(WimhfError, match="down"):
        wimhf.analyze(toy_file, tmp_path / "run", toy_config(), encoder=Broken())
    run = wimhf.open_run(tmp_path / "run")
    assert list(run.manifest.stages) == ["read", "concepts"]
    with pytest.raises(RunError, match="not come that far"):
        _ = run.features
    assert analyze_toy(toy_file).n_discovered == 8


def test_a_stopped_change_of_settings_never_shows_two_analyses_as_one(
    analyze_toy: Analyze, toy_file: Path
) -> None:
    run = analyze_toy(toy_file)

    class Stopped(BaseException):
        pass

    def stop(event: Event) -> None:
        if event.stage == "describe":
            raise Stopped

    with pytest.raises(Stopped):
        analyze_toy(toy_file, dictionary={"features": 6}, progress=stop)
    half = wimhf.open_run(run.path)
    with pytest.raises(RunError, match="not come that far"):
        _ = half.features
    with pytest.raises(RunError, match="not come that far"):
        _ = half.preference
    assert analyze_toy(toy_file, dictionary={"features": 6}).n_discovered == 6


def test_a_run_moved_with_its_source_goes_on(
    analyze_toy: Analyze, toy_file: Path, tmp_path: Path
) -> None:
    run = analyze_toy(toy_file)
    kept: list[str] = []
    moved = toy_file.rename(tmp_path / "elsewhere.jsonl")
    analyze_toy(moved, progress=lambda e: kept.append(e.stage) if "kept" in e.message else None)
    assert kept == ANNOUNCED
    other = write_rows(tmp_path / "other.jsonl", toy_rows(100, seed=9))
    with pytest.raises(RunError, match="holds the analysis of"):
        analyze_toy(other)
    assert run.n_discovered == 8


def test_a_source_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(WimhfError, match="does not exist"):
        wimhf.analyze(tmp_path / "absent.jsonl", tmp_path / "run", toy_config())
    assert not (tmp_path / "run").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / ".keep").touch()
    with pytest.raises(WimhfError, match="does not exist"):
        wimhf.analyze(tmp_path / "absent.jsonl", tmp_path / "mine", toy_config())
    assert [path.name for path in (tmp_path / "mine").iterdir()] == [".keep"]


def test_subsets_come_from_a_column_and_a_flip_between_them_is_found(
    analyze_toy: Analyze, tmp_path: Path
) -> None:
    rows = toy_rows(900)
    for number, row in enumerate(rows):
        row["domain"] = ["code", "poems"][number // 2 % 2]
        if row["domain"] == "poems":
            row["label"] = 1 - row["label"]
    run = analyze_toy(write_rows(tmp_path / "toy.jsonl", rows), subsets={"by": "domain"})
    flips = run.features.filter("flips")
    assert len(flips) > 0
    table = run.folder.read_table("subset_effects.parquet")
    assert table["subset"].unique().sort().to_list() == ["code", "poems"]
    # signs are the described pole's: the larger group's effects average to the feature's own
    both = table.filter(pl.col("feature") == flips["feature"][0])["effect"].to_list()
    assert min(both) < -5 < 5 < max(both)
    named = [one["name"] for one in run.preference["subsets"]["subsets"]]
    assert sorted(named) == ["code", "poems"]


def test_subsets_of_prompts_do_not_depend_on_sides(analyze_toy: Analyze, tmp_path: Path) -> None:
    rows = toy_rows(400)
    for number, row in enumerate(rows):
        row["prompt"] = f"{['how to cook rice', 'which train to Rome'][number // 2 % 2]} {number}"
    turned = [
        row | {"response_a": row["response_b"], "response_b": row["response_a"],
               "label": 1 - row["label"]}
        for row in rows
    ]  # fmt: skip
    tables = []
    for name, given in (("one", rows), ("two", turned)):
        source = write_rows(tmp_path / f"{name}.jsonl", given)
        run = analyze_toy(source, name, subsets={"by": "prompts", "clusters": 2})
        tables.append(run.folder.read_table("subset_effects.parquet"))
        assert {"cook", "train"} <= set(" ".join(run.facts("subsets")["names"]).replace("“", " ")
                                        .replace("”", " ").split())  # fmt: skip
    numbers = ["win_rate", "beta", "effect", "effect_low", "effect_high"]
    assert tables[0]["subset"].equals(tables[1]["subset"])
    one, two = (t.select(numbers).fill_null(0.0).to_numpy() for t in tables)
    assert np.allclose(one, two, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"subsets": {"by": "domain"}}, "'domain' is no column of groups"),
        ({"preference": {"controls": ["length", "planet"]}}, "'planet' is neither length nor"),
        ({"preference": {"score_column": "a:b"}}, "'a:b' is neither length nor"),
        ({"describe": {"concepts": ["/nowhere/own.toml"]}}, "own.toml does not exist"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line_before_any_work(
    analyze_toy: Analyze, toy_file: Path, settings: dict[str, Any], words: str
) -> None:
    heard: list[str] = []
    with pytest.raises(WimhfError, match=words):
        analyze_toy(toy_file, progress=lambda event: heard.append(event.stage), **settings)
    assert set(heard) <= {"read"}


@pytest.mark.parametrize("name", ["", "  "])
def test_a_source_without_a_name_is_refused(
    analyze_toy: Analyze, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write_rows(tmp_path / "toy.jsonl", toy_rows(50))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WimhfError, match="name of the source is empty"):
        analyze_toy(name)
