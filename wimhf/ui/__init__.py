"""Shows a run: words, report, cli, app; no arithmetic."""

from typing import TYPE_CHECKING

from wimhf.base import lazy_face

if TYPE_CHECKING:
    from wimhf.ui.cli.main import run_cli
    from wimhf.ui.report.page import render_report, write_report

__all__ = ["render_report", "run_cli", "write_report"]

__getattr__, __dir__ = lazy_face(
    __name__, {"cli.main": ("run_cli",), "report.page": ("render_report", "write_report")}
)
