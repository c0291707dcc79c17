"""Run -> one self-contained HTML file. A window: it reads a saved run and only formats."""

from wimhf.ui.report.page import render_report, write_report

__all__ = ["render_report", "write_report"]
