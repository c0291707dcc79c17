"""What asking takes: told before anything is sent, and never exceeded while it is spent."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

from wimhf.base import Event, LlmConfig, Progress
from wimhf.errors import ServerError

DEFAULT_CALLS = 10_000
"""Calls that may be sent where no budget was given."""
MARGIN = 1.1
"""What is agreed to is an estimate; this much of it may be spent."""
CHARACTERS_PER_TOKEN = 4
PROPOSAL_TOKENS, ANSWER_TOKENS = 120, 4
CALLS_OF_SCORES = {"detection": 2, "fuzzing": 2, "surprisal": 4, "intervention": 2}
"""Calls for every pair of a score."""
AROUND_PROPOSAL, AROUND_PAIR = 300, 200
"""Tokens of a prompt besides the texts shown in it."""


def rewrite_tokens(characters: int) -> int:
    """Return the tokens a text of so many characters may take when it is written anew."""
    return math.ceil(characters / 3)


class BudgetError(ServerError):
    """The budget is spent."""


@dataclass(frozen=True)
class Estimate:
    """The most calls, tokens read and dollars that something takes."""

    calls: int
    tokens_in: float
    dollars: float


@dataclass(frozen=True)
class Allowance:
    """What may be spent; dollars are None where nobody set a limit to them."""

    calls: int
    dollars: float | None

    def less(self, calls: int, dollars: float) -> Allowance:
        """Return what is left after some was spent."""
        left = None if self.dollars is None else max(self.dollars - dollars, 0.0)
        return Allowance(max(self.calls - calls, 0), left)


def estimate(
    features: int, config: LlmConfig, mean_characters: float, scored: int | None = None
) -> Estimate:
    """Return the most that describing and scoring take, before anything is sent.

    Parameters
    ----------
    scored
        Features that are scored, where they are more than those described.
    mean_characters
        Mean length of a response; what is shown of one is cut at ``config.characters``.
    """
    proposed = features * config.candidates
    judged = 2 * features * (config.candidates * config.select_pairs + config.test_pairs)
    each = sum(CALLS_OF_SCORES.get(name, 0) for name in config.scores)
    judged += (scored or features) * config.score_pairs * each
    shown = min(mean_characters, config.characters) / CHARACTERS_PER_TOKEN
    read = proposed * (config.examples * 2 * shown + AROUND_PROPOSAL)
    read += judged * (2 * shown + AROUND_PAIR)
    written: float = proposed * PROPOSAL_TOKENS + judged * ANSWER_TOKENS
    if "intervention" in config.scores:
        written += 2 * (scored or features) * config.score_pairs * shown
    dollars = (read * config.price_in + written * config.price_out) / 1e6
    return Estimate(proposed + judged, read, dollars)


def given_allowance(config: LlmConfig) -> Allowance:
    """Return what the settings allow."""
    calls = DEFAULT_CALLS if config.max_calls is None else config.max_calls
    return Allowance(calls, config.max_cost)


def agreed_allowance(config: LlmConfig, cost: Estimate) -> Allowance:
    """Return what is allowed once somebody agreed to an estimate: that, and a margin.

    What the settings allow beyond it stays allowed.
    """
    calls = max(math.ceil(cost.calls * MARGIN), config.max_calls or 0)
    if not (config.price_in or config.price_out):
        return Allowance(calls, None)
    return Allowance(calls, max(cost.dollars * MARGIN, config.max_cost or 0.0))


def allowance(
    features: int,
    scored: int,
    config: LlmConfig,
    mean_characters: float,
    progress: Progress,
    confirm: Callable[[str], bool],
) -> Allowance:
    """Tell what describing and scoring take; above the budget, ask whoever can be asked.

    Raises
    ------
    ServerError
        If nobody allows more.
    """
    costs = [estimate(n, config, mean_characters, scored) for n in range(1, features + 1)]
    given = given_allowance(config)
    held = sum(_holds(given, cost) for cost in costs)
    fewer = f", or describe the first {held}, new ones first, with --llm-features {held}"
    return _agreed(
        f"{features} features take", costs[-1], config, progress, confirm, fewer if held else ""
    )


def _holds(given: Allowance, cost: Estimate) -> bool:
    return cost.calls <= given.calls and (given.dollars is None or cost.dollars <= given.dollars)


def question_allowance(
    what: str,
    calls: int,
    config: LlmConfig,
    mean_characters: float,
    progress: Progress,
    confirm: Callable[[str], bool],
) -> Allowance:
    """Tell what questions about single pairs take; above the budget, ask whoever can be asked.

    Parameters
    ----------
    what
        What they are for, as the subject of a sentence: "checking 40 pairs".

    Raises
    ------
    ServerError
        If nobody allows more.
    """
    shown = min(mean_characters, config.characters) / CHARACTERS_PER_TOKEN
    read = calls * (2 * shown + AROUND_PAIR)
    dollars = (read * config.price_in + calls * ANSWER_TOKENS * config.price_out) / 1e6
    return _agreed(f"{what} takes", Estimate(calls, read, dollars), config, progress, confirm)


def _agreed(
    subject: str,
    cost: Estimate,
    config: LlmConfig,
    progress: Progress,
    confirm: Callable[[str], bool],
    fewer: str = "",
) -> Allowance:
    demand = (
        f"{subject} up to {cost.calls:,} calls to {config.model}, about "
        f"{cost.tokens_in / 1e6:.1f} million tokens"
    )
    if config.price_in or config.price_out:
        demand += f" and {cost.dollars:.2f} dollars"
    progress(Event("llm", message=f"{demand}; answers in the cache are not asked again"))
    given = given_allowance(config)
    if _holds(given, cost):
        return given
    if not confirm(f"{demand}. Go on?"):
        dear = given.dollars is not None and cost.dollars > given.dollars
        raise ServerError(
            f"{demand}, which is above the budget; allow it with --max-calls {cost.calls}"
            + (f" --max-cost {math.ceil(100 * cost.dollars) / 100:.2f}" if dear else "")
            + (fewer or ", or ask for less in [llm] of a settings file")
        )
    return agreed_allowance(config, cost)


class Purse:
    """What was spent of an allowance; every call is taken out before it is sent.

    A call that is under way holds the dollars it may cost, so that many at once cannot exceed
    the allowance together; what the server says it used replaces that.
    """

    def __init__(self, allowed: Allowance, config: LlmConfig) -> None:
        self.allowed = allowed
        self._prices = config.price_in, config.price_out
        self.calls = 0
        self.tokens_in = self.tokens_out = 0
        self.dollars = self._held = 0.0
        self._lock = threading.Lock()

    def take(self, characters: int, max_tokens: int) -> tuple[int, int]:
        """Take out one call; return the tokens it is expected to read and write at most.

        Raises
        ------
        BudgetError
            If the allowance does not hold another call.
        """
        expected = math.ceil(characters / CHARACTERS_PER_TOKEN), max_tokens
        price, limit = self._price(*expected), self.allowed.dollars
        with self._lock:
            if self.calls >= self.allowed.calls:
                raise _spent(f"{self.allowed.calls:,} calls", "--max-calls")
            if limit is not None and self.dollars + self._held + price > limit:
                raise _spent(f"{limit:.2f} dollars", "--max-cost")
            self.calls += 1
            self._held += price
        return expected

    def settle(self, expected: tuple[int, int], used: tuple[int, int]) -> None:
        """Pay for a call that ended, by the tokens it used."""
        with self._lock:
            self._held -= self._price(*expected)
            self.tokens_in += used[0]
            self.tokens_out += used[1]
            self.dollars += self._price(*used)

    def spent(self) -> dict[str, float]:
        """Return calls, tokens and dollars as plain numbers."""
        return {
            "calls": self.calls, "tokens_in": self.tokens_in, "tokens_out": self.tokens_out,
            "dollars": round(self.dollars, 6),
        }  # fmt: skip

    def _price(self, read: int, written: int) -> float:
        return (read * self._prices[0] + written * self._prices[1]) / 1e6


def used_tokens(usage: object, expected: tuple[int, int]) -> tuple[int, int]:
    """Return the tokens that a server says it read and wrote, else what was expected."""
    counts = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    read, written = (
        number if isinstance(number, int) and number >= 0 else most
        for number, most in zip(counts, expected, strict=True)
    )
    return read, written


def _spent(what: str, flag: str) -> BudgetError:
    return BudgetError(
        f"the budget of {what} is spent; what was answered is kept: allow more with {flag} and "
        "run the same command again"
    )
