"""Budgets hold while they are spent; answers are kept; no message holds a key."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wimhf
from tests.conftest import toy_rows, write_rows
from tests.llm_server import Server, knowing, serving, small
from wimhf.base.cache import LOOK_UP, KeyValueCache
from wimhf.base.config import LlmConfig
from wimhf.base.servers import DEFAULT_URL, server_address, without_secrets
from wimhf.describe.llm.budget import (
    DEFAULT_CALLS,
    Allowance,
    BudgetError,
    Purse,
    agreed_allowance,
    estimate,
    given_allowance,
)
from wimhf.describe.llm.questions import Question
from wimhf.describe.llm.server import ChatServer
from wimhf.errors import ConfigError, ServerError
from wimhf.run.run import Run
from wimhf.ui.cli.options import settings_given

serve = pytest.fixture(serving)
QUESTIONS = [Question(f"question {number:03d}", 4, 0.0) for number in range(100)]
PRICED = {"price_in": 1000.0, "price_out": 1000.0}


def chat(server: Server, folder: Path, **changes: Any) -> ChatServer:
    return ChatServer(LlmConfig(model="m", base_url=server.url, **changes), folder)


@pytest.mark.parametrize("concurrency", [1, 8])
def test_not_one_call_more_is_sent_and_the_next_command_goes_on(
    serve: Callable[..., Server], tmp_path: Path, concurrency: int
) -> None:
    server = serve(lambda *_: (200, "1"))
    first = chat(server, tmp_path, max_calls=30, concurrency=concurrency)
    with pytest.raises(BudgetError, match=r"30 calls is spent.*kept.*--max-calls"):
        first.ask(QUESTIONS)
    assert len(server.prompts) == first.purse.calls == 30
    second = chat(server, tmp_path, max_calls=70)
    assert second.ask(QUESTIONS) == ["1"] * 100
    assert len(server.prompts) == 100
    assert len(set(server.prompts)) == 100
    assert chat(server, tmp_path, max_calls=0).ask(QUESTIONS) == ["1"] * 100


def test_calls_that_are_sent_again_count(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(lambda _, number: (200, "1") if number < 9 else (429, {"error": "slow down"}))
    asking = chat(server, tmp_path, max_calls=25)
    with pytest.raises(ServerError):
        asking.ask(QUESTIONS)
    assert len(server.prompts) == asking.purse.calls <= 25


def test_nothing_may_be_sent_where_nothing_is_allowed(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(lambda *_: (200, "1"))
    with pytest.raises(BudgetError, match="0 calls"):
        chat(server, tmp_path, max_calls=0).ask(QUESTIONS)
    with pytest.raises(BudgetError, match=r"0\.00 dollars"):
        chat(server, tmp_path, max_cost=0.0, **PRICED).ask(QUESTIONS)
    assert server.prompts == []


def test_dollars_follow_what_the_server_says_it_used(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    dear = serve(lambda *_: (200, "1"), {"prompt_tokens": 50, "completion_tokens": 50})
    asking = chat(dear, tmp_path / "a", max_cost=1.0, concurrency=1, **PRICED)
    with pytest.raises(BudgetError, match=r"1\.00 dollars is spent.*--max-cost"):
        asking.ask(QUESTIONS)
    # .10 dollars a call: the tenth is the last that may be sent
    assert len(dear.prompts) == 10
    assert asking.purse.spent()["tokens_in"] == 500
    assert asking.purse.dollars == pytest.approx(1.0)


def test_dollars_follow_the_estimate_where_the_server_says_nothing(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(lambda *_: (200, "1"))
    asking = chat(server, tmp_path, max_cost=0.1, concurrency=8, **PRICED)
    with pytest.raises(BudgetError):
        asking.ask(QUESTIONS)
    # 12 characters are three tokens, four more may be written: .007 dollars
    assert len(server.prompts) == 14
    assert asking.purse.dollars == pytest.approx(14 * 0.007)


@given(
    st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 200), st.booleans())),
    st.integers(0, 40),
    st.floats(0, 0.05),
)
def test_what_is_held_and_spent_never_exceeds_the_allowance(
    calls: list[tuple[int, int, bool]], most: int, dollars: float
) -> None:
    config = LlmConfig(model="m", price_in=2.0, price_out=8.0)
    purse = Purse(Allowance(most, dollars), config)
    held = []
    for characters, tokens, ends in calls:
        try:
            held.append(purse.take(characters, tokens))
        except BudgetError:
            continue
        if ends:
            expected = held.pop()
            purse.settle(expected, (expected[0], expected[1] // 2))
    for expected in held:
        purse.settle(expected, expected)
    assert purse.calls <= most
    assert purse.dollars <= dollars + 1e-9


def test_an_agreement_is_the_estimate_and_a_tenth() -> None:
    config = LlmConfig(model="m", **PRICED)
    cost = estimate(8, config, 400.0)
    agreed = agreed_allowance(config, cost)
    assert agreed.calls == math.ceil(1.1 * cost.calls)
    many = LlmConfig(model="m", max_calls=50_000)
    assert agreed_allowance(many, cost) == Allowance(50_000, None)
    assert agreed.dollars == pytest.approx(1.1 * cost.dollars)
    assert given_allowance(LlmConfig(max_calls=0)) == Allowance(0, None)
    assert given_allowance(LlmConfig()) == Allowance(DEFAULT_CALLS, None)
    assert Allowance(10, 1.0).less(12, 0.25) == Allowance(0, 0.75)


def test_scores_are_in_the_estimate() -> None:
    plain = estimate(8, LlmConfig(), 400.0)
    scored = estimate(8, LlmConfig(scores=("detection", "fuzzing"), score_pairs=30), 400.0)
    assert scored.calls - plain.calls == 8 * 2 * 2 * 30
    assert scored.tokens_in > plain.tokens_in


def test_what_a_run_may_spend_stands_in_it(
    analyze_toy: Callable[..., Run], tmp_path: Path, serve: Callable[..., Server]
) -> None:
    run = analyze_toy(write_rows(tmp_path / "toy.jsonl", toy_rows(400)))
    server = serve(lambda prompt, _: (200, knowing(prompt)))
    least = small(server, candidates=1, select_pairs=10, test_pairs=20)
    run = wimhf.describe_run(run.path, llm=least)
    assert run.facts("llm")["allowed"] == {"calls": 10_000, "dollars": None}
    told = {"max_calls": 0, "candidates": 2}
    with pytest.raises(ServerError, match=r"up to 656 calls.*--max-calls 656"):
        wimhf.describe_run(run.path, llm=least | told)
    run = wimhf.describe_run(run.path, llm=least | told, confirm=lambda _: True)
    assert run.facts("llm")["allowed"] == {"calls": math.ceil(1.1 * 656), "dollars": None}


def test_many_answers_are_looked_up_at_once(tmp_path: Path) -> None:
    cache = KeyValueCache(tmp_path / "a.db", str, "answer", "the cache", ServerError)
    keys = [f"key {number}" for number in range(2 * LOOK_UP + 3)]
    cache.put({key: key.upper() for key in keys[::2]})
    assert cache.get(keys) == {key: key.upper() for key in keys[::2]}
    assert cache.get([]) == {}
    cache.close()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"max_calls": -1}, "0 or more"), ({"max_cost": -1.0, "price_in": 1.0}, "0 or more"),
        ({"price_in": float("nan")}, "0 or more"), ({"max_cost": 5.0}, "nothing without prices"),
    ],
)  # fmt: skip
def test_budgets_that_make_no_sense_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        LlmConfig(**changes)


def test_scores_are_given_on_the_command_line() -> None:
    given = settings_given({"llm": "m", "scores": ["detection, fuzzing"]})
    assert given == {"llm": {"model": "m", "scores": ["detection", "fuzzing"]}}
    with pytest.raises(ConfigError, match="--llm MODEL"):
        settings_given({"scores": ["detection"]})


def test_no_message_holds_a_key(
    serve: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-123")
    echo = serve(lambda *_: (401, {"error": {"message": "Incorrect key: sk-secret-123"}}))
    asking = chat(echo, tmp_path)
    with pytest.raises(ServerError, match=r"Incorrect key: \[key\]") as caught:
        asking.ask(QUESTIONS[:1])
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(server_address())


def test_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert server_address().url == DEFAULT_URL
    assert server_address().lacks_key
    monkeypatch.setenv("OPENAI_BASE_URL", "http://me:word@host:1/v1?key=abc")
    address = server_address()
    assert address.shown == "http://host:1/v1"
    assert not address.lacks_key
    assert address.redacted("no\n  word here", 9) == "no [key] "[:9]
    assert server_address("http://other/v1").shown == "http://other/v1"
    assert "cannot be read" in without_secrets("http://[half")


@pytest.mark.parametrize("url", ["http://\x01", "nonsense", "http://[half"])
def test_an_address_that_is_none_is_said_in_one_line(url: str, tmp_path: Path) -> None:
    asking = ChatServer(LlmConfig(model="m", base_url=url, concurrency=1), tmp_path)
    with pytest.raises(ServerError, match="cannot be") as caught:
        asking.ask(QUESTIONS[:3])
    assert "\n" not in str(caught.value)


def test_a_model_that_takes_other_parameters_is_asked_in_its_own(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    """Newer models refuse max_tokens and temperature; the first answer says so."""
    told = {"max_tokens": "'max_completion_tokens' instead of max_tokens", "temperature": "only 1"}

    def behave(_: str, number: int) -> tuple[int, Any]:
        for name, words in told.items():
            if name in server.bodies[number - 1]:
                message = f"Unsupported value: {name}; use {words}"
                return 400, {"error": {"message": message, "param": name}}
        return 200, "1"

    server = serve(behave)
    one = chat(server, tmp_path, concurrency=1)
    assert one.ask(QUESTIONS[:5]) == ["1"] * 5
    assert len(server.bodies) == 7
    assert set(server.bodies[-1]) == {"model", "messages", "max_completion_tokens", "seed"}
    assert one.failed == 0


def test_a_server_that_refuses_for_another_reason_is_not_asked_for_ever(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(lambda *_: (400, {"error": {"message": "max_tokens, temperature and seed"}}))
    with pytest.raises(ServerError, match="max_tokens"):
        chat(server, tmp_path, concurrency=1).ask(QUESTIONS)
    assert len(server.bodies) < 8


def test_answers_that_were_paid_for_earlier_are_still_found(tmp_path: Path) -> None:
    """The key of an answer is written in users' caches and never changes."""
    asking = ChatServer(LlmConfig(model="m", base_url="http://u:p@host/v1"), tmp_path)
    decisive = (
        '{"max_tokens": 4, "model": "m", "prompt": "p", "seed": 0, "server": "http://host/v1", '
        '"temperature": 0.0}'
    )
    with KeyValueCache(tmp_path / "answers.db", str, "answer", "the cache", ServerError) as cache:
        cache.put({hashlib.sha256(decisive.encode()).hexdigest(): "kept"})
    assert asking.ask([Question("p", 4, 0.0)]) == ["kept"]
    asking.close()


def test_a_small_budget_is_spent_on_new_features_first(
    analyze_toy: Callable[..., Run], tmp_path: Path, serve: Callable[..., Server]
) -> None:
    run = analyze_toy(write_rows(tmp_path / "toy.jsonl", toy_rows(400)))
    server = serve(lambda prompt, _: (200, knowing(prompt)))
    least = small(server, candidates=1, select_pairs=10, test_pairs=20)
    with pytest.raises(ServerError, match="or describe the first 2, new ones first, with --llm-fe"):
        wimhf.describe_run(run.path, llm=least | {"max_calls": 123})
    offline = run.folder.read_table("offline.parquet").filter("won").sort("feature")
    known = offline["known_share"].to_numpy() >= 0.5
    asked = []
    for features in (1, 2, None):
        run = wimhf.describe_run(run.path, llm=least | {"features": features})
        asked.append(set(run.folder.read_table("llm.parquet")["feature"]))
    assert len(asked[0]) == 1
    assert asked[0] < asked[1] < asked[2]
    assert not known[[*asked[1]]].any() or known.sum() > known.size - 2
