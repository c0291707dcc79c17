"""Checking detectors: pairs drawn evenly, answers kept whole, a planted fault seen."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

import wimhf
from tests.conftest import FILLER, ToyEncoder, toy_config, write_rows
from tests.llm_server import BLOCK, Server, serving
from tests.ui.test_curate_command import told
from wimhf.curate import record_check, sample_checks
from wimhf.errors import EditError, RunError, ServerError
from wimhf.run.answers import CHECKS
from wimhf.run.opening import open_run
from wimhf.run.run import Run
from wimhf.ui.cli.main import app

OWN = """
[[concept]]
id = "begs_off"
more = "begs off"
less = "takes it on"
words = ["sorry"]
"""
PAIRS = 500


class SynonymEncoder(ToyEncoder):
    """To whom unable means the same as sorry."""

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        return super().encode([text.replace("unable", "sorry") for text in texts])


def refusing_rows() -> list[dict[str, Any]]:
    """Draw pairs of which half the refusals say sorry; all of them decline."""
    rng = np.random.default_rng(3)
    rows = []
    for number in range(PAIRS):
        sides = []
        for _ in "ab":
            filler = list(rng.choice(FILLER, size=12))
            said = ["decline", str(rng.choice(["sorry", "unable"]))] if rng.random() < 0.35 else []
            said += ["apologies", "sorry"] if rng.random() < 0.05 else []
            sides.append(" ".join([*said, *filler[len(said) :]]))
        label = float(rng.random() < (0.8 if "decline" in sides[1] else 0.4))
        rows.append({"prompt": f"q {number // 2}", "response_a": sides[0],
                     "response_b": sides[1], "label": label})  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def _analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("refusing")
    (folder / "own.toml").write_text(OWN)
    source = write_rows(folder / "pairs.jsonl", refusing_rows())
    settings = {"describe": {"concepts": [str(folder / "own.toml")]}}
    run = wimhf.analyze(
        source, folder / "run", config=toy_config(), encoder=SynonymEncoder(), **settings
    )
    return run.path


@pytest.fixture
def run(_analysed: Path, tmp_path: Path) -> Run:
    return open_run(shutil.copytree(_analysed, tmp_path / "run"))


@pytest.fixture
def server() -> Iterator[Callable[..., Server]]:
    yield from serving()


def truthful(prompt: str, _: int) -> tuple[int, str]:
    """Answer as somebody who knows that whoever declines begs off."""
    assert '"The response begs off"' in prompt
    texts = [text for kind, text in BLOCK.findall(prompt) if kind != "PROMPT"]
    first, second = ("decline" in text for text in texts)
    return 200, "1" if first > second else "2" if second > first else "0"


def test_pairs_are_drawn_evenly_and_the_same_every_time(run: Run) -> None:
    column = run.sparse_codes.column(run.concept_numbers["begs_off"])
    component = run.pair_table["component"].to_numpy()
    split = run.pair_table["split"].to_numpy()
    checks = sample_checks(run, "begs_off", 15)
    assert sample_checks(run, "begs_off", 15) == checks
    assert sample_checks(run, "begs_off", 15, seed=9) != checks
    hits = [one for one in checks if one.kind == "hit"]
    misses = [one for one in checks if one.kind == "miss"]
    assert len(hits) == len(misses) == 15
    assert [one for one in sample_checks(run, "begs_off", 5) if one.kind == "hit"] == hits[:5]
    assert all(column[one.row] * (1 if one.side == "A" else -1) > 0 for one in hits)
    assert all(column[one.row] == 0 and split[one.row] != "fit" for one in misses)
    for part in (hits, misses):
        assert len({component[one.row] for one in part}) == len(part)
    assert all("sorry" in one.more for one in hits)
    many = [one for one in sample_checks(run, "begs_off", 60) if one.kind == "miss"]
    unsaid = [("decline" in one.more) - ("decline" in one.less) for one in many]
    assert unsaid.count(1) > 5 * unsaid.count(-1)  # what is shown as more has it, mostly


def test_answers_are_kept_and_say_how_right_it_is(run: Run) -> None:
    hits = [one for one in sample_checks(run, "begs_off", 20) if one.kind == "hit"]
    assert run.checks == {}
    for number, one in enumerate(hits):
        record_check(run, "begs_off", one.pair_id, "hit", number != 3, "ann")
    found = open_run(run.path).checks["begs_off"]
    assert (found.hits, found.asked, found.recall) == (19, 20, None)
    assert found.low == pytest.approx(0.7639, abs=1e-4)
    record_check(run, "begs_off", hits[3].pair_id, "hit", True, "llm:m")
    assert run.checks["begs_off"].hits == 19  # people outrank models
    record_check(run, "begs_off", hits[3].pair_id, "hit", True, "bob")
    assert run.checks["begs_off"].hits == 20
    record_check(run, "begs_off", hits[3].pair_id, "hit", None, "bob")
    assert run.checks["begs_off"].asked == 19
    lines = [json.loads(line) for line in (run.path / CHECKS).read_text().splitlines()]
    assert [line["who"] for line in lines[-3:]] == ["llm:m", "bob", "bob"]
    assert [one.answer is not None for one in sample_checks(run, "begs_off", 20)[:20]] == [
        True
    ] * 20


def test_a_changed_concept_is_asked_about_anew(run: Run, tmp_path: Path) -> None:
    one = sample_checks(run, "begs_off", 1)[0]
    record_check(run, "begs_off", one.pair_id, "hit", True)
    own = Path(run.config.describe.concepts[0])
    kept = own.read_text()
    try:
        own.write_text(OWN.replace('"sorry"', '"sorry", "unable"'))
        again = wimhf.analyze(
            run.config.read.source, run.path, config=run.config, encoder=SynonymEncoder()
        )
    finally:
        own.write_text(kept)
    assert again.checks["begs_off"].asked == 0


def test_nothing_is_half_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    one = sample_checks(run, "begs_off", 1)[0]
    record_check(run, "begs_off", one.pair_id, "hit", True)
    kept = (run.path / CHECKS).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wimhf.base.files.os.replace", full)
    with pytest.raises(RunError, match="full"):
        record_check(run, "begs_off", one.pair_id, "hit", False)
    assert (run.path / CHECKS).read_bytes() == kept


def test_a_model_that_knows_sees_the_planted_faults(
    run: Run, server: Callable[..., Server]
) -> None:
    there = server(truthful)
    words = ("concepts", "check", run.path, "--concept", "begs_off", "--pairs", "60", "-q",
             "--llm", "knowing", "--base-url", there.url)  # fmt: skip
    found = told(*words)["begs_off"]
    hits = [one for one in sample_checks(run, "begs_off", 60) if one.kind == "hit"]
    true = [("decline" in one.more) > ("decline" in one.less) for one in hits]
    assert (found["hits"], found["asked"]) == (sum(true), len(hits))
    assert 0.5 < found["precision"] < 1
    split, column = (
        run.pair_table["split"],
        run.sparse_codes.column(run.concept_numbers["begs_off"]),
    )
    declined = np.array(
        [("decline" in a) != ("decline" in b) for a, b in run.pair_table.select(
            "response_a", "response_b").iter_rows()]
    )  # fmt: skip
    held = (split != "fit").to_numpy()
    recall = (declined & (column != 0) & held).sum() / (declined & held).sum()
    assert found["recall_low"] < recall < found["recall_high"]
    assert abs(found["recall"] - recall) < 0.15
    asked = len(there.prompts)
    assert asked == 2 * (found["asked"] + found["asked_misses"])
    assert told(*words)["begs_off"] == found
    assert len(there.prompts) == asked  # known answers are not asked again


def test_a_model_that_always_names_the_first_finds_nothing(
    run: Run, server: Callable[..., Server]
) -> None:
    there = server(lambda *_: (200, "1"))
    found = told("concepts", "check", run.path, "--concept", "begs_off", "--pairs", "8", "-q",
                 "--llm", "first", "--base-url", there.url)["begs_off"]  # fmt: skip
    assert (found["hits"], found["misses"]) == (0, 0)


def test_a_budget_is_not_exceeded(run: Run, server: Callable[..., Server]) -> None:
    there = server(truthful)
    with pytest.raises(ServerError, match="checking 40 pairs takes up to 80 calls"):
        told("concepts", "check", run.path, "--concept", "begs_off", "-q", "--llm", "m",
             "--base-url", there.url, "--max-calls", "50")  # fmt: skip
    assert there.prompts == []
    assert not (run.path / CHECKS).exists()


def test_people_answer_on_the_terminal(run: Run) -> None:
    words = ["concepts", "check", str(run.path), "--concept", "begs_off", "--pairs", "3"]
    done = CliRunner().invoke(app, [*words, "--who", "ann"], input="y\nwhat\nn\ns\nq\n")
    assert done.exit_code == 0, done.output
    assert "1 of 2 times it is true that the response begs off: at least 9 %." in done.output
    answers = [json.loads(line) for line in (run.path / CHECKS).read_text().splitlines()]
    assert [(one["answer"], one["who"]) for one in answers] == [
        (True, "ann"), (False, "ann"), (None, "ann"),
    ]  # fmt: skip
    asked = CliRunner().invoke(app, words, input="y\ny\ny\n")
    assert len(re.findall(r"\[\d/3\]", asked.output)) == 3  # only what is left
    assert "It finds about 33 % of what is there" in asked.output or "3 have it" in asked.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--concept", "nothing"), "no concept 'nothing'"),
        (("--concept", "flatters"), "flatters"),
        (("--finding", "99"), "no finding 99"),
        (("--finding", "1", "--concept", "begs_off"), "not both"),
    ],
)
def test_a_mistake_is_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(app, ["concepts", "check", str(run.path), *words])
    assert isinstance(done.exception, wimhf.WimhfError), done.output
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)


def test_what_is_no_answer_is_refused(run: Run) -> None:
    pair = run.pair_table["pair_id"][0]
    with pytest.raises(EditError, match="kind 'x'"):
        record_check(run, "begs_off", pair, "x", True)
    with pytest.raises(EditError, match="no pair 'x'"):
        record_check(run, "begs_off", "x", "hit", True)
    (run.path / CHECKS).write_text("{}\n")
    with pytest.raises(RunError, match="line 1 is no answer"):
        _ = run.checks
