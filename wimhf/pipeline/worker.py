"""The process of a background analysis (see ``jobs``): does the work and writes how far it is."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wimhf.base import Config, Event
from wimhf.errors import ServerError, WimhfError
from wimhf.pipeline.jobs import LOG, SPEC, STATUS, write_file
from wimhf.pipeline.stages.context import KEPT
from wimhf.redaction import redacted, visible
from wimhf.run import open_run, own_ids

PAUSE = 0.4
"""Seconds between two reports of the same stage."""
KEPT_WARNINGS = 30


class _Reporter:
    """Writes progress events into status.json, a few times a second at most."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / STATUS
        self._order: list[str] = []
        self._expected: dict[str, float] = {}
        self._stages: dict[str, float] = {}  # when each began
        self._status: dict[str, object] = {"status": "running", "message": "loading the libraries"}
        self._warnings: list[str] = []
        self._begun: dict[str, tuple[float, int]] = {}
        self._written = 0.0
        self.write()

    def plan(self, stages: Sequence[tuple[str, str]], expected: Mapping[str, float]) -> None:
        """Take the plan: names and titles of the stages, and the seconds each may take."""
        self._order, self._expected = [name for name, _ in stages], dict(expected)
        self.write(plan=list(stages), expected=self._expected)

    def _reached(self, stage: str) -> str:
        """Return the furthest stage there has been work on: a checklist never goes back."""
        if stage in self._order:
            self._stages.setdefault(stage, time.time())
        return max(self._stages, key=self._order.index, default=stage)

    def write(self, **changes: object) -> None:
        """Write the status with some changes."""
        self._status |= changes
        self._written = time.monotonic()
        write_file(self._file, self._status | {"updated": time.time(), "warnings": self._warnings})

    def __call__(self, event: Event) -> None:
        """Take one event."""
        if event.level == "warning":
            self._warnings = [*self._warnings, f"{event.stage}: {event.message}"][-KEPT_WARNINGS:]
            self.write()
        elif event.total:
            self._advance(event)
        elif event.message:
            print(f"{event.stage}: {event.message}", flush=True)  # noqa: T201
            if event.message == KEPT:
                self._expected[event.stage] = 0.0
            self.write(stage=self._reached(event.stage), message=event.message, done=0, total=0,
                       rate=None, left=None, begun=self._stages,
                       expected=self._expected)  # fmt: skip

    def _advance(self, event: Event) -> None:
        now = time.monotonic()
        begun, at = self._begun.setdefault(f"{event.stage}/{event.unit}", (now, event.done))
        if now - self._written < PAUSE and event.done < event.total:
            return
        rate = (event.done - at) / (now - begun) if now > begun and event.done > at else None
        left = (event.total - event.done) / rate if rate else None
        self.write(stage=self._reached(event.stage), done=event.done, total=event.total,
                   unit=event.unit, rate=rate, left=left, begun=self._stages)  # fmt: skip


def main(folder: Path) -> int:
    """Do the job that a folder describes; return the exit code."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell had ignored it
    os.nice(5)  # the pages come first
    reporter = _Reporter(folder)
    try:
        _work(folder, reporter)
    except KeyboardInterrupt:
        reporter.write(status="cancelled")
        return 130
    except WimhfError as error:
        reporter.write(status="failed", error=str(error))
        return 2
    except BaseException as error:
        print(redacted(traceback.format_exc()), file=sys.stderr, flush=True)  # noqa: T201
        fault = visible(redacted(f"{type(error).__name__}: {error}").splitlines()[0][:300])
        reporter.write(
            status="failed", error=f"{fault}; this is a bug, {folder / LOG} has the rest"
        )
        return 1
    reporter.write(status="done", message="finished")
    return 0


def _work(folder: Path, reporter: _Reporter) -> None:
    spec = json.loads((folder / SPEC).read_bytes())
    try:
        if "change" in spec:
            _change(spec, reporter)
        else:
            _analyze(spec, reporter)
    except ServerError as error:
        if not open_run(spec["run"]).manifest.done("preference") or _unchanged(spec):
            raise
        reporter(Event("llm", message=str(error), level="warning"))  # finished, by offline names


def _analyze(spec: dict[str, Any], reporter: _Reporter) -> None:
    from wimhf.pipeline.analysis import analyze
    from wimhf.pipeline.plan import PLAN

    plan = [(stage.name, stage.title) for stage in PLAN if stage.title]
    reporter.plan(plan, spec.get("expected") or {})
    config = Config.from_dict(spec["config"])
    analyze(spec["source"], spec["run"], config, progress=reporter)


def _change(spec: dict[str, Any], reporter: _Reporter) -> None:
    from wimhf.pipeline.analysis import KEPT as STAGES_KEPT
    from wimhf.pipeline.concept_jobs import make_change
    from wimhf.pipeline.naming_jobs import NAME, make_names
    from wimhf.pipeline.plan import PLAN

    plan = [
        (stage.name, stage.title) for stage in PLAN if stage.title and stage.name not in STAGES_KEPT
    ]
    run = open_run(spec["run"])
    took = {name: float(one.get("seconds", 0.0)) for name, one in run.manifest.stages.items()}
    reporter.plan(plan, took)
    if spec["change"]["do"] == NAME:
        make_names(run, spec["change"], reporter)
        return
    make_change(run, spec["change"], reporter, again=bool(spec.get("again")))


def _unchanged(spec: dict[str, Any]) -> bool:
    """Say whether names were to be given, or a concept that was to be added is not there."""
    change = spec.get("change", {"do": "remove"})
    if "id" not in change:
        return "change" in spec
    return change["do"] != "remove" and change["id"] not in own_ids(open_run(spec["run"]))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
