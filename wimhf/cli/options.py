"""Arguments that more than one command takes."""

from __future__ import annotations

from typing import Annotated

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
