"""Surprisal, intervention and the embedding score, against one who knows and one who does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import TRAITS, ToyEncoder, write_rows
from tests.describe.test_llm_scores import Oracle, Scripted, few, held_out, rows_in_sentences, sorry
from tests.llm_server import Server, serving, weighed
from wimhf.base import LlmConfig
from wimhf.describe import HeldOut, Score, Subject, embedding_scores
from wimhf.describe.llm import intervention_scores, surprisal_scores
from wimhf.run.run import Run
from wimhf.ui.report import render_report

serve = pytest.fixture(serving)
MORE = ["surprisal", "intervention"]
TOLD = re.compile(r"This holds for the response: it (.*)\.\n")
WANTED = re.compile(r'this is clearly (more|less) true of it: "The response ([^"]*)"')
SHOWN = re.compile(r"RESPONSE: (.*?)\n</", re.DOTALL)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "said.jsonl", rows_in_sentences())


class Knowing(Oracle):
    """Finds a described response likelier, and writes what has most of the feature, or least."""

    def _code(self, sentence: str, text: str) -> float:
        feature, pole = self.subjects[sentence]
        vector = ToyEncoder().encode([text])
        vector /= np.linalg.norm(vector)
        return float(pole * self._dictionary.preactivations(vector / self._scale)[0, feature])

    def reply(self, prompt: str) -> tuple[int, Any]:
        said, wanted = TOLD.search(prompt), WANTED.search(prompt)
        if wanted is not None:
            shown = SHOWN.findall(prompt)[0]
            tried = [shown, *(f"{words}. " * 3 for words in TRAITS.values())]
            sign = 1 if wanted.group(1) == "more" else -1
            return 200, max(tried, key=lambda text: sign * self._code(wanted.group(2), text))
        if "RESPONSE:\n" in prompt:
            text = prompt.split("RESPONSE:\n", 1)[1]
            score = 0.0 if said is None else 5 * self._code(said.group(1), text)
            return 200, weighed(prompt, score)
        return 200, self(prompt)


def test_who_knows_finds_responses_likelier_and_rewrites_them_rightly(
    analyze_toy: Callable[..., Run], source: Path, serve: Callable[..., Server]
) -> None:
    oracle = Knowing(analyze_toy(source))
    server = serve(lambda prompt, _: oracle.reply(prompt))
    run = analyze_toy(source, llm=few(server, scores=MORE))
    scores = run.folder.read_table("scores.parquet")
    unique = scores.filter(scores["description"].is_unique())
    assert len(unique) >= 5
    assert unique["surprisal"].drop_nulls().min() > 0.9
    assert unique["intervention"].drop_nulls().mean() > 0.7
    assert scores["detection"].is_null().all()
    page = render_report(run)
    assert "Makes the response with more likelier" in page
    assert "Rewritten to fit, it has more" in page
    calls = len(server.prompts)
    analyze_toy(source, name="again", llm=few(server, scores=MORE))
    assert len(server.prompts) == calls


def test_a_server_that_weighs_no_texts_is_said_and_the_rest_is_scored(
    analyze_toy: Callable[..., Run], source: Path, serve: Callable[..., Server]
) -> None:
    oracle = Knowing(analyze_toy(source))

    def chatting(prompt: str, _: int) -> tuple[int, Any]:
        refused = "RESPONSE:\n" in prompt
        return (404, {"error": "no completions"}) if refused else oracle.reply(prompt)

    server = serve(chatting)
    run = analyze_toy(source, llm=few(server, scores=["surprisal", "detection"]))
    scores = run.folder.read_table("scores.parquet")
    assert scores["surprisal"].is_null().all()
    assert scores["surprisal_reason"].str.contains("does not tell the probabilities").all()
    assert scores["detection"].drop_nulls().min() > 0.5
    assert sum("RESPONSE:\n" in prompt for prompt in server.prompts) == 1


def test_another_encoder_scores_names_without_a_model(
    analyze_toy: Callable[..., Run], source: Path
) -> None:
    told = {"scores": ["embedding"], "score_pairs": 20, "second_encoder": "minilm"}
    run = analyze_toy(source, llm=told)
    scores = run.folder.read_table("scores.parquet")
    assert run.facts("judge")["model"] is None
    assert (scores["embedding_asked"] > 0).all()
    assert scores["embedding"].is_between(0, 1).all()
    assert "Another encoder agrees" in render_report(run)
    told["second_encoder"] = str(source.parent / "absent")
    again = analyze_toy(source, name="again", llm=told).folder.read_table("scores.parquet")
    assert again["embedding"].is_null().all()
    assert again["embedding_reason"].str.contains("does not exist; check the path").all()


def vectors_of(texts: list[str]) -> Any:
    return np.array([[text.count("sorry"), 1.0] for text in texts], dtype=np.float32)


def test_exchanging_the_sides_changes_no_score() -> None:
    config, subjects = LlmConfig(score_pairs=20), [Subject(0, "says sorry", 1)]
    found: list[tuple[set[str], list[Score]]] = []
    for swapped in (False, True):
        server: Any = Scripted(lambda prompt: str(len(prompt) % 7 - 3.0))
        held, rng = held_out(3, swapped=swapped), np.random.default_rng(0)
        scores = surprisal_scores(subjects, held, server, config, rng)
        scores += intervention_scores(subjects, held, sorry, server, config, rng)
        scores += embedding_scores(subjects, held, vectors_of, 20, rng)
        found.append((set(server.prompts), scores))
    assert found[0] == found[1]


def test_no_change_counts_half_and_no_answer_is_missing() -> None:
    config, subjects = LlmConfig(score_pairs=20), [Subject(0, "says sorry", 1)]
    held = held_out(1)
    same: Any = Scripted(lambda prompt: SHOWN.findall(prompt)[0])
    rng = np.random.default_rng(0)
    [score] = intervention_scores(subjects, held, sorry, same, config, rng)
    assert score.accuracy.value == 0.5
    silent: Any = Scripted(lambda _: None)
    [score] = intervention_scores(subjects, held, sorry, silent, config, rng)
    assert (score.accuracy.value, score.asked, score.missing) == (None, 40, 40)
    [score] = surprisal_scores(subjects, held, silent, config, rng)
    assert "does not tell the probabilities" in str(score.reason)


def test_a_planted_name_is_seen_and_its_opposite_is_not() -> None:
    held, rng = held_out(2), np.random.default_rng(0)
    right, wrong = Subject(0, "says sorry", 1), Subject(0, "says sorry", -1)
    scores = embedding_scores([right, wrong], held, vectors_of, 40, rng)
    assert [score.accuracy.value for score in scores] == [1.0, 0.0]
    rare = HeldOut(held.texts, np.zeros_like(held.codes), held.test, held.components)
    [none] = embedding_scores([right], rare, vectors_of, 40, rng)
    assert none.reason == "active in only 0 held-out pairs"
    assert embedding_scores([], held, vectors_of, 40, rng) == []
