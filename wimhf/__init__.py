"""What's In My Human Feedback? Interpretable descriptions of pairwise preference data."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from wimhf.version import __version__

if TYPE_CHECKING:
    from wimhf.config import Config
    from wimhf.curate import Rule
    from wimhf.curation import Curation, open_curation
    from wimhf.errors import WimhfError
    from wimhf.inspection import inspect
    from wimhf.pipeline import analyze, describe_run
    from wimhf.report import write_report
    from wimhf.run import Run, open_run
    from wimhf.trying import try_pair

__all__ = [
    "Config",
    "Curation",
    "Rule",
    "Run",
    "WimhfError",
    "__version__",
    "analyze",
    "describe_run",
    "inspect",
    "open_curation",
    "open_run",
    "try_pair",
    "write_report",
]

_HOMES = {
    "Config": "wimhf.config",
    "Curation": "wimhf.curation",
    "Rule": "wimhf.curate",
    "Run": "wimhf.run",
    "WimhfError": "wimhf.errors",
    "analyze": "wimhf.pipeline",
    "describe_run": "wimhf.pipeline",
    "inspect": "wimhf.inspection",
    "open_curation": "wimhf.curation",
    "open_run": "wimhf.run",
    "try_pair": "wimhf.trying",
    "write_report": "wimhf.report",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'wimhf' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
