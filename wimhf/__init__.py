"""What's In My Human Feedback? Interpretable descriptions of pairwise preference data."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wimhf.base import lazy_face
from wimhf.version import __version__

if TYPE_CHECKING:
    from wimhf.base import Config
    from wimhf.curate import Curation, Rule, open_curation
    from wimhf.errors import WimhfError
    from wimhf.pipeline import analyze, describe_run, inspect
    from wimhf.run import Run, open_run, try_pair
    from wimhf.ui import write_report

if os.environ.get("WIMHF_OFFLINE", "") not in ("", "0"):
    # read by the hub's libraries when they are imported
    for _name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ[_name] = "1"

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

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "base": ("Config",),
        "curate": ("Curation", "Rule", "open_curation"),
        "errors": ("WimhfError",),
        "pipeline": ("analyze", "describe_run", "inspect"),
        "run": ("Run", "open_run", "try_pair"),
        "ui": ("write_report",),
    },
)
