"""Arguments that more than one command takes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

SOURCES = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="Files, folders, globs of preference pairs, or hf:owner/name[:config][:split].",
    ),
]
FORMAT = Annotated[
    str | None, typer.Option("--format", help="Source format, e.g. native, trl, hh [auto].")
]
MAP = Annotated[
    str | None,
    typer.Option("--map", help="Your column names: prompt=question,response_a=left,..."),
]
LIMIT = Annotated[int | None, typer.Option("--limit", help="Read at most this many rows.")]
LABEL = Annotated[
    str | None,
    typer.Option("--label", help="Keep one annotator's labels, e.g. safer of PKU-SafeRLHF."),
]


def named_columns(text: str | None) -> dict[str, str] | None:
    """Return what --map says.

    Raises
    ------
    ConfigError
        If it is not understood.
    """
    from wimhf.errors import ConfigError

    if text is None:
        return None
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not pairs or any(not (name.strip() and given.strip()) for name, _, given in pairs):
        raise ConfigError(f"--map {text!r} is not understood; write name=column,name=column")
    return {name.strip(): given.strip() for name, _, given in pairs}


LLM = Annotated[
    str | None,
    typer.Option("--llm", help="Describe with this model of an OpenAI-compatible server, too."),
]
BASE_URL = Annotated[
    str | None, typer.Option("--base-url", help="The server [OPENAI_BASE_URL, else OpenAI's].")
]
MAX_CALLS = Annotated[
    int | None, typer.Option("--max-calls", help="Calls to the model that may be sent [10000].")
]
MAX_COST = Annotated[
    float | None, typer.Option("--max-cost", help="Dollars that may be spent, by --prices.")
]
PRICES = Annotated[
    str | None,
    typer.Option("--prices", help="Dollars per million tokens read and written, e.g. 0.25,2."),
]
SCORE = Annotated[
    str | None,
    typer.Option("--score", help="Ask the model more of every name: detection,fuzzing."),
]
YES = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the budget is exceeded.")]


def llm_settings(
    model: str | None,
    base_url: str | None,
    max_calls: int | None,
    max_cost: float | None,
    prices: str | None,
    score: str | None = None,
) -> dict[str, Any]:
    """Return the settings of the language model that were given.

    Raises
    ------
    ConfigError
        If the prices are not two numbers, or scores are wanted of no model.
    """
    from wimhf.errors import ConfigError

    given = {
        "model": model, "base_url": base_url, "max_calls": max_calls, "max_cost": max_cost,
    }  # fmt: skip
    settings: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if prices is not None:
        try:
            read, written = (float(price) for price in prices.split(","))
        except ValueError:
            raise ConfigError(f"--prices {prices!r} is not understood; write e.g. 0.25,2") from None
        settings |= {"price_in": read, "price_out": written}
    if score is not None:
        if model is None:
            raise ConfigError("--score asks a language model; name it with --llm MODEL")
        settings["scores"] = [name.strip() for name in score.split(",") if name.strip()]
    return settings


def confirming(yes: bool) -> Callable[[str], bool]:
    """Return what asks before the budget is exceeded: the terminal, if there is one."""

    def confirm(question: str) -> bool:
        if yes:
            return True
        return sys.stdin.isatty() and sys.stderr.isatty() and typer.confirm(question, err=True)

    return confirm
