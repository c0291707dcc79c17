"""What people and models answered when they were asked about pairs: ``checks.jsonl`` of a run.

A check changes nothing in the run: it says how far a claim about pairs can be believed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import filelock

from wimhf.errors import RunError
from wimhf.run.log import LOCK_SECONDS, somebody

if TYPE_CHECKING:
    from wimhf.run.run import Run

CHECKS = "checks.jsonl"
Key = tuple[str, str]
"""Kind and pair id: what an answer to a claim is known by."""


class Said(NamedTuple):
    """An answer before it is signed; see ``Answer``."""

    concept: str
    stamp: str
    pair_id: str
    kind: str
    answer: bool | None
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes
    ----------
    concept
        The id of the concept that was asked about; empty of a rule.
    stamp
        What the concept or rule was when it was asked about.
    kind
        ``hit`` or ``miss`` of a concept, ``rule`` of a rule.
    answer
        Whether it is so; None where it was left open.
    reason
        Of a rule, what the pair was to fit.
    """

    time: str
    who: str
    concept: str
    stamp: str
    pair_id: str
    kind: str
    answer: bool | None
    reason: str = ""

    @property
    def by_model(self) -> bool:
        """Whether a language model gave it."""
        return self.who.startswith("llm:")


def read_answers(run: Run) -> list[Answer]:
    """Return every answer that was kept, oldest first.

    Raises
    ------
    RunError
        If the file is damaged.
    """
    path = run.folder.path / CHECKS
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{path} cannot be read: {error}") from None
    answers = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            answers.append(Answer(**json.loads(line)))
        except (ValueError, TypeError, RecursionError):
            raise RunError(
                f"{path} line {number} is no answer; put a whole copy in its place, or move it away"
            ) from None
    return answers


def keep_answers(run: Run, said: Iterable[Said], who: str | None) -> list[Answer]:
    """Sign answers and keep them with the run: all of them or, where it fails, none."""
    time = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    signed = " ".join((who or somebody()).split())
    fresh = [Answer(time, signed, *one) for one in said]
    lock = filelock.FileLock(run.folder.path / ".checks.lock")
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except filelock.Timeout:
        raise RunError(f"another process has been writing {run.path}; try again") from None
    except OSError as error:
        raise RunError(f"{run.path} cannot be written: {error.strerror or error}") from None
    try:
        lines = [json.dumps(asdict(one), ensure_ascii=False) + "\n"
                 for one in (*read_answers(run), *fresh)]  # fmt: skip
        run.folder.write_text(CHECKS, "".join(lines))
    finally:
        lock.release()
    return fresh


def last_answers(answers: Sequence[Answer]) -> dict[Key, Answer]:
    """Return the answer that counts by kind and pair: the last one, people's before models'."""
    ordered = sorted(answers, key=lambda one: not one.by_model)
    return {(one.kind, one.pair_id): one for one in ordered}
