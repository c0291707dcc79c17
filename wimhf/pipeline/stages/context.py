"""What every stage is given and gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from wimhf.base import Config, Progress, expanded, file_hash
from wimhf.data import sources_hash
from wimhf.errors import InputError
from wimhf.learn import Encoder
from wimhf.run import Run

Settings = dict[str, object]
KEPT = "already done, kept"
"""What is said of a stage that need not be done again."""
Result = tuple[list[str], Mapping[str, object]]
"""The names of the files that a stage wrote, and facts for the manifest."""


@dataclass(frozen=True)
class StageContext:
    """What every stage is given."""

    run: Run
    config: Config
    progress: Progress
    encoder: Encoder | None
    confirm: Callable[[str], bool] = lambda question: False
    """Asks whoever runs it, where something needs leave; without anybody the answer is no."""


def seed_settings(context: StageContext) -> Settings:
    """Return the seed, where nothing else is set."""
    return {"seed": context.config.seed}


@dataclass(frozen=True)
class Stage:
    """One step of the job.

    Attributes
    ----------
    title
        Announced when it starts; empty where there may be nothing to do.
    work
        Does it.
    needs
        Stages whose outputs it reads: when one of them changes, it is done again.
    settings
        What else decides its result.
    """

    name: str
    title: str
    work: Callable[[StageContext], Result]
    needs: tuple[str, ...]
    settings: Callable[[StageContext], Settings] = seed_settings


def own_settings(name: str) -> Callable[[StageContext], Settings]:
    """Return a stage's own table of settings and the seed."""
    return lambda context: {
        "seed": context.config.seed, name: asdict(getattr(context.config, name))
    }  # fmt: skip


def file_stamp(source: str) -> str:
    """Return the hash of a file that a setting names."""
    try:
        return file_hash(expanded(source))
    except OSError:
        return "unreadable"  # reading it says why


def sources_stamp(*sources: str) -> str:
    """Return the hash of sources that a setting names."""
    try:
        return sources_hash(sources)
    except (OSError, InputError):
        return "unreadable"  # reading it says why
