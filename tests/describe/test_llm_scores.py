"""Detection and fuzzing, against a judge that knows, one that guesses and one that dies."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wimhf
from tests.conftest import FILLER, TRAITS, ToyEncoder, write_rows
from tests.llm_server import BLOCK, Server, serving, small
from wimhf.base.config import LlmConfig
from wimhf.base.progress import Event
from wimhf.describe.llm import HeldOut, Score, Subject, detection_scores, fuzzing_scores
from wimhf.describe.llm.passages import MOST_PASSAGES, passages, to_leave_out, without
from wimhf.describe.llm.questions import Texts, detected
from wimhf.describe.llm.scores import balanced_accuracies
from wimhf.errors import ConfigError, ServerError
from wimhf.learn.dictionary.batch_topk import BatchTopK
from wimhf.run.run import Run
from wimhf.ui.report import render_report

serve = pytest.fixture(serving)
SAID = re.compile(r'"The response ([^"]*)"')
BOTH = {"scores": ["detection", "fuzzing"], "score_pairs": 20}


def rows_in_sentences(n: int = 500, seed: int = 0) -> list[dict[str, Any]]:
    """Draw pairs whose traits are sentences among others."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        sides = []
        for _ in range(2):
            said = [f"{words} {rng.choice(FILLER)}." for words in TRAITS.values()
                    if rng.random() < 0.3]  # fmt: skip
            said += [" ".join(rng.choice(FILLER, size=4)) + "." for _ in range(6 - len(said))]
            sides.append(" ".join(rng.permutation(said)))
        rows.append(
            {
                "prompt": f"question {number // 2}", "response_a": sides[0],
                "response_b": sides[1], "label": float(rng.random() < 0.5),
            }
        )  # fmt: skip
    return rows


class Oracle:
    """Answers by the run's own dictionary; as a describer it has nothing to say."""

    def __init__(self, run: Run) -> None:
        won = run.folder.read_table("descriptions.parquet").filter("won")
        self.subjects = {
            sentence: (feature, pole)
            for feature, sentence, pole in won.select("feature", "description", "pole").iter_rows()
        }
        self._dictionary = BatchTopK.from_tensors(run.folder.read_tensors("dictionary.safetensors"))
        self._scale = np.float32(run.folder.read_json("dictionary.json")["scale"])

    def __call__(self, prompt: str) -> str:
        said = SAID.search(prompt)
        if said is None:
            return "I have\nno idea"
        feature, pole = self.subjects[said.group(1)]
        first, second = (text for kind, text in BLOCK.findall(prompt) if kind != "PROMPT")
        vectors = ToyEncoder().encode([first, second])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        delta = (vectors[:1] - vectors[1:]) / self._scale
        if "differ in this way" in prompt:
            return str(int(self._dictionary.encode(delta)[0, feature] != 0))
        return "1" if pole * self._dictionary.preactivations(delta)[0, feature] > 0 else "2"


def guessing(prompt: str) -> str:
    if SAID.search(prompt) is None:
        return "I have\nno idea"
    coin = hashlib.sha256(prompt.encode()).digest()[0] % 2
    return str(coin if "differ in this way" in prompt else coin + 1)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "said.jsonl", rows_in_sentences())


@pytest.fixture
def offline(analyze_toy: Callable[..., Run], source: Path) -> Run:
    return analyze_toy(source)


def few(server: Server, **changes: Any) -> dict[str, Any]:
    least = {"candidates": 1, "select_pairs": 10, "test_pairs": 20}
    return small(server, **(least | BOTH | changes))


def test_a_judge_who_knows_is_right_and_is_asked_once(
    offline: Run, analyze_toy: Callable[..., Run], source: Path, serve: Callable[..., Server]
) -> None:
    oracle = Oracle(offline)
    server = serve(lambda prompt, _: (200, oracle(prompt)))
    run = analyze_toy(source, llm=few(server))
    scores = run.folder.read_table("scores.parquet")
    named = run.folder.read_table("descriptions.parquet").filter("won")["description"].drop_nulls()
    assert sorted(scores["description"]) == sorted(named)
    unique = scores.filter(scores["description"].is_unique())
    assert len(unique) >= 5
    for name in ("detection", "fuzzing"):
        known = unique.drop_nulls(name)
        assert len(known) >= 4
        assert known[name].min() > 0.97
        assert (known[f"{name}_low"] <= known[name]).all()
        assert (known[f"{name}_asked"] == 2 * known[f"{name}_pairs"]).all()
        assert known[f"{name}_missing"].sum() == 0
    facts = run.facts("llm"), run.facts("judge")
    assert len(server.prompts) == sum(told["calls"] for told in facts)
    page = render_report(run)
    assert page.count("More scores of this name") >= len(unique)
    assert "Knows the pairs that differ so" in page
    calls = len(server.prompts)
    again = analyze_toy(source, name="again", llm=few(server))
    assert len(server.prompts) == calls
    assert again.folder.read_table("scores.parquet").equals(scores)


def test_a_judge_who_guesses_is_at_a_half(
    analyze_toy: Callable[..., Run], source: Path, serve: Callable[..., Server]
) -> None:
    server = serve(lambda prompt, _: (200, guessing(prompt)))
    run = analyze_toy(source, llm=few(server, score_pairs=60))
    scores = run.folder.read_table("scores.parquet")
    holds: list[bool] = []
    for name in ("detection", "fuzzing"):
        known = scores.drop_nulls(name)
        assert len(known) >= 5
        error = (known[f"{name}_high"] - known[f"{name}_low"]) / (2 * 1.96)
        most = 3.5 * float(np.sqrt(np.square(error).sum())) / len(known)
        assert known[name].mean() == pytest.approx(0.5, abs=most)
        assert most < 0.15
        holds += ((known[f"{name}_low"] <= 0.5) & (known[f"{name}_high"] >= 0.5)).to_list()
    assert sum(holds) >= 0.75 * len(holds)  # of 16 at 95 % each, fewer in one draw of a thousand


def test_a_server_that_dies_while_judging_leaves_a_whole_run_and_is_taken_up(
    offline: Run, analyze_toy: Callable[..., Run], source: Path, serve: Callable[..., Server]
) -> None:
    oracle, broke = Oracle(offline), threading.Event()

    def dying(prompt: str, number: int) -> tuple[int, Any]:
        if number > 60 and not broke.is_set():
            return 403, {"error": "no credit left"}
        return 200, oracle(prompt)

    server = serve(dying)
    before = offline.features
    with pytest.raises(ServerError, match=r"no credit left.*kept.*finished, without the scores"):
        analyze_toy(source, llm=few(server, concurrency=1))
    run = wimhf.open_run(offline.path)
    assert run.features.equals(before)
    assert run.manifest.outputs("judge") == []
    assert "makes of this name" not in render_report(run)
    answered = server.prompts[:60]
    server.prompts.clear()
    broke.set()
    run = analyze_toy(source, llm=few(server))
    assert len(run.folder.read_table("scores.parquet")) >= 5
    assert not set(answered) & set(server.prompts)


def test_described_and_scored_together_keep_to_one_budget(
    offline: Run, analyze_toy: Callable[..., Run], source: Path, serve: Callable[..., Server]
) -> None:
    server = serve(lambda prompt, _: (200, guessing(prompt)))
    told: list[Event] = []
    with pytest.raises(ServerError, match=r"8 features take up to 1,128 calls"):
        analyze_toy(source, llm=few(server, max_calls=1127))
    assert server.prompts == []
    run = analyze_toy(source, llm=few(server, max_calls=1128), progress=told.append)
    assert run.facts("llm")["allowed"] == {"calls": 1128, "dollars": None}
    assert len(server.prompts) <= 1128


def test_without_the_encoder_fuzzing_is_left_out_and_says_why(
    offline: Run, serve: Callable[..., Server]
) -> None:
    oracle = Oracle(offline)
    server = serve(lambda prompt, _: (200, oracle(prompt)))
    told: list[Event] = []
    run = wimhf.describe_run(offline.path, llm=few(server), progress=told.append)
    scores = run.folder.read_table("scores.parquet")
    assert scores["fuzzing"].is_null().all()
    assert scores["fuzzing_reason"].str.contains("toy").all()
    assert scores["detection"].drop_nulls().min() > 0.5
    assert any("fuzzing is left out" in event.message for event in told)
    assert (
        "detection"
        not in wimhf.describe_run(run.path, llm=few(server, scores=["fuzzing"])).facts("judge")[
            "scores"
        ]
    )
    assert wimhf.describe_run(run.path).facts("judge") == {"model": None}


class Scripted:
    """Stands for a server: answers from a function, and remembers what was asked."""

    def __init__(self, answer: Callable[[str], str | None]) -> None:
        self.answer = answer
        self.prompts: list[str] = []

    def ask(self, questions: Any, told: Any = None) -> list[str | None]:
        self.prompts += [question.prompt for question in questions]
        return [self.answer(question.prompt) for question in questions]


def held_out(seed: int, *, swapped: bool = False) -> HeldOut:
    rng = np.random.default_rng(seed)
    rows = rows_in_sentences(80, seed)
    sides = [[row[f"response_{side}"] for row in rows] for side in "ab"]
    codes = np.array([[a.count("sorry") - b.count("sorry")] for a, b in zip(*sides, strict=True)])
    texts = [[row["prompt"] for row in rows], *(sides[::-1] if swapped else sides)]
    code = -codes if swapped else codes
    return HeldOut(Texts(*texts), code.astype(float), np.arange(80), rng.integers(40, size=80))


def sorry(_: list[str], a: list[str], b: list[str]) -> np.ndarray[Any, Any]:
    counts = [[x.count("sorry") - y.count("sorry")] for x, y in zip(a, b, strict=True)]
    return np.array(counts, dtype=np.float64)


@pytest.mark.parametrize("answer", [guessing, lambda _: "1", lambda p: guessing(p)[:0] or None])
def test_exchanging_the_sides_changes_nothing(answer: Callable[[str], str | None]) -> None:
    config, subjects = LlmConfig(score_pairs=20), [Subject(0, "apologises", 1)]
    found: list[tuple[set[str], list[Score]]] = []
    for swapped in (False, True):
        server = Scripted(answer)
        held, rng = held_out(3, swapped=swapped), np.random.default_rng(0)
        scores = detection_scores(subjects, held, server, config, rng)  # type: ignore[arg-type]
        scores += fuzzing_scores(subjects, held, sorry, server, config, rng)  # type: ignore[arg-type]
        found.append((set(server.prompts), scores))
    assert found[0] == found[1]


def test_one_answer_for_everything_is_worth_nothing_and_none_is_missing() -> None:
    config, subjects = LlmConfig(score_pairs=20), [Subject(0, "apologises", 1)]
    held = held_out(1)
    for said in ("0", "1", "2"):
        server: Any = Scripted(lambda _, said=said: said)  # type: ignore[misc]
        rng = np.random.default_rng(0)
        scores = fuzzing_scores(subjects, held, sorry, server, config, rng)
        scores += detection_scores(subjects, held, server, config, rng) if said != "2" else []
        assert [score.accuracy.value for score in scores] == [0.5] * len(scores)
    silent: Any = Scripted(lambda _: "I would rather not say")
    [score] = detection_scores(subjects, held, silent, config, np.random.default_rng(0))
    assert score.accuracy.value is None
    assert (score.asked, score.missing) == (40, 40)
    assert score.reason == "no answer was understood"


def test_too_few_pairs_have_a_reason_and_ask_nothing() -> None:
    held = held_out(2)
    config, server, rng = LlmConfig(), Scripted(guessing), np.random.default_rng(0)
    rare = HeldOut(held.texts, np.zeros_like(held.codes), held.test, held.components)
    always = HeldOut(held.texts, np.ones_like(held.codes), held.test, held.components)
    one = [Subject(0, "apologises", 1)]
    asking: Any = server
    assert detection_scores(one, rare, asking, config, rng)[0].reason == (
        "active in only 0 held-out pairs"
    )
    assert detection_scores(one, always, asking, config, rng)[0].reason == (
        "inactive in only 0 held-out pairs"
    )
    assert "in only 0" in str(fuzzing_scores(one, rare, sorry, asking, config, rng)[0].reason)
    assert server.prompts == []


def test_detection_is_read() -> None:
    assert [detected(a) for a in ("1", " 0.", "Yes", "no, they do not")] == [1.0, 0.0, 1.0, 0.0]
    assert np.isnan([detected("perhaps"), detected(None), detected("noble")]).all()


@given(st.text(alphabet="ab .!?\n。", max_size=200), st.integers(1, 250))
def test_passages_joined_are_the_beginning_of_the_text(text: str, characters: int) -> None:
    pieces = passages(text, characters)
    joined = "".join(pieces)
    assert text.startswith(joined)
    assert len(joined) <= characters
    assert len(pieces) <= MOST_PASSAGES
    assert all(piece.strip() for piece in pieces)
    assert without(pieces, []) == joined.strip()


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_as_many_sentences_are_left_out_of_both_versions(drops: list[float], random: Any) -> None:
    pieces = ["x" * random.randint(1, 30) for _ in drops]
    carrying, others = to_leave_out(pieces, np.array(drops))
    assert 1 <= len(carrying) == len(others)
    assert not set(carrying) & set(others)
    assert min(drops[i] for i in carrying) >= max(drops[i] for i in others)


def test_the_interval_of_balanced_accuracy_holds_the_truth() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(100):
        kind = np.arange(120) < 60
        right = (rng.random(120) < np.where(kind, 0.9, 0.6)).astype(float)
        draws = balanced_accuracies(right, kind, np.arange(120), rng)
        low, high = np.quantile(draws[1:], [0.025, 0.975])
        held += low <= 0.75 <= high
    assert 88 <= held <= 99


def test_scores_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"no telepathy; known: detection, fuzzing"):
        LlmConfig(scores=("telepathy",))
    with pytest.raises(ConfigError, match="score_pairs"):
        LlmConfig(score_pairs=3)
