"""Arguments that more than one command takes."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from wimhf.base import LLM_SCORES, SETTINGS, Config, Setting, nested_settings
from wimhf.errors import ConfigError

Command = Callable[..., None]
Settings = dict[str, Any]
"""Settings that were given, as tables by stage: what ``Config.from_dict`` takes."""

SOURCES = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="Files, folders, globs of preference pairs, or hf:owner/name[:config][:split].",
    ),
]
RUN = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
JSON = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]
QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only warnings.")]
YES = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the budget is exceeded.")]


def with_settings(*stages: str) -> Callable[[Command], Command]:
    """Give a command an option for every setting of some stages, or of all where none is named.

    What was given reaches the command in its argument ``settings``.
    """
    chosen = [one for one in SETTINGS if not stages or one.stages & set(stages)]

    def decorated(command: Command) -> Command:
        @functools.wraps(command)
        def run(**given: object) -> None:
            words = {one.name: given.pop(one.name) for one in chosen}
            command(**given, settings=settings_given(words))

        own = inspect.signature(command, eval_str=True).parameters.values()
        parameters = [
            one
            for parameter in own
            for one in (map(_parameter, chosen) if parameter.name == "settings" else [parameter])
        ]
        keywords = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
        run.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
        return run

    return decorated


def _parameter(setting: Setting) -> inspect.Parameter:
    """Return the parameter from which typer makes a setting's option."""
    stage, _, name = setting.places[0].rpartition(".")
    table = getattr(Config(), stage) if stage else Config()
    hint = get_type_hints(type(table))[name]
    if setting.notation is not None:
        hint = list[str] if hint == tuple[str, ...] else str
    more = f": {setting.help}" if setting.help else ""
    default = f" [{setting.default}]" if setting.default else ""
    explained = f"{setting.label}{more}{default}".rstrip(".") + "."
    option = typer.Option(setting.option, help=explained)
    return inspect.Parameter(
        setting.name, inspect.Parameter.KEYWORD_ONLY, default=None,
        annotation=Annotated[hint | None, option],
    )  # fmt: skip


def settings_given(words: dict[str, object]) -> Settings:
    """Return the settings that options give; an option that may be repeated holds a list.

    Raises
    ------
    ConfigError
        If one is not understood, or scores are wanted of no model.
    """
    values = dict(words)
    for one in SETTINGS:
        word = words.get(one.name)
        if one.notation is not None and word is not None:
            values[one.name] = one.read(",".join(word) if isinstance(word, list) else str(word))
    scores = values.get("scores")
    if isinstance(scores, list) and words.get("llm") is None:
        of_model = [name for name in scores if name in LLM_SCORES]
        if of_model:
            raise ConfigError(
                f"--score {of_model[0]} asks a language model; name it with --llm MODEL"
            )
    return nested_settings(values)


def confirming(yes: bool) -> Callable[[str], bool]:
    """Return what asks before the budget is exceeded: the terminal, if there is one."""

    def confirm(question: str) -> bool:
        if yes:
            return True
        return sys.stdin.isatty() and sys.stderr.isatty() and typer.confirm(question, err=True)

    return confirm
