"""What commands share: showing progress, and printing so that no terminal obeys the data."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any

import typer

from wimhf.base import Event
from wimhf.redaction import isolated, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.text import Text

PLAIN_SECONDS = 5.0
"""Time between two plain progress lines of one stage."""


def print_json(value: object) -> None:
    """Print strict JSON, in which what a terminal obeys is escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    plain = text if visible(text) == text else "".join(map(_in_json, text))
    typer.echo(plain)


def _in_json(character: str) -> str:
    return character if visible(character) == character else f"\\u{ord(character):04x}"


def put(text: str, *, err: bool = False) -> None:
    """Print a line as it is, without colours."""
    typer.echo(isolated(text), err=err)


def say(text: str | Text, style: str = "") -> None:
    """Print a line, which no width of a terminal breaks."""
    from rich.text import Text

    line = Text(text, style=style) if isinstance(text, str) else text
    terminal(highlight=False).print(line, soft_wrap=True)


def terminal(**options: Any) -> Console:
    """Return a console that shows what a terminal would obey, wherever it stands in the data."""
    from rich.console import Console
    from rich.segment import Segment

    class Terminal(Console):
        def render(self, *args: Any, **more: Any) -> Iterable[Segment]:
            for one in super().render(*args, **more):
                yield one if one.control else Segment(isolated(one.text), one.style)

    return Terminal(**options)


class Watcher:
    """Shows progress events on stderr: bars on a terminal, plain lines otherwise."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._started: dict[str, tuple[float, int]] = {}
        self._shown: dict[str, float] = {}

    def __enter__(self) -> Watcher:
        if not self._quiet and sys.stderr.isatty():
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bars = Progress(
                TextColumn("[cyan]{task.description:<11}"),
                BarColumn(bar_width=28),
                TextColumn("{task.completed:,}/{task.total:,} {task.fields[unit]}"),
                TextColumn("[dim]{task.fields[note]}"),
                TimeRemainingColumn(),
                console=terminal(stderr=True),
                transient=True,
            )
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if self._quiet and event.level != "warning":
            return
        if event.message and not event.total:
            self._say(event)
        elif event.total:
            self._advance(event)

    def loading(self) -> None:
        """Say that something is happening while the libraries load, which takes seconds."""
        self(Event("start", message="loading torch and polars"))

    def _say(self, event: Event) -> None:
        mark = "warning: " if event.level == "warning" else ""
        line = isolated(f"{event.stage:<11} {mark}{event.message}")
        if self._bars is not None:
            self._bars.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            print(line, file=sys.stderr, flush=True)  # noqa: T201

    def _advance(self, event: Event) -> None:
        now = time.monotonic()
        key = f"{event.stage}/{event.unit}"
        start, at = self._started.setdefault(key, (now, event.done))
        rate = (event.done - at) / (now - start) if now > start else 0.0
        figures = " ".join(f"{name} {value:.3g}" for name, value in event.figures.items())
        if self._bars is not None:
            note = figures or (f"{rate:,.0f}/s" if rate else "")
            task = self._tasks.get(key)
            if task is None:
                task = self._bars.add_task(event.stage, total=event.total, unit=event.unit, note="")
                self._tasks[key] = task
            self._bars.update(task, completed=event.done, total=event.total, note=note)
            if event.done >= event.total:
                self._bars.update(task, visible=False)
        elif now - self._shown.setdefault(key, now) > PLAIN_SECONDS:
            self._shown[key] = now
            left = f", {(event.total - event.done) / rate:,.0f} s left" if rate else ""
            speed = f" ({rate:,.0f} {event.unit}/s{left})" if rate >= 1 else ""
            line = f"{event.stage:<11} {event.done:,} of {event.total:,} {event.unit}{speed}"
            print(f"{line} {figures}".rstrip(), file=sys.stderr, flush=True)  # noqa: T201
