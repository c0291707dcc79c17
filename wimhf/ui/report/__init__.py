"""Run -> one file: HTML, or Markdown. A window: it reads a saved run and only formats."""

from wimhf.ui.report.markdown import render_markdown, write_markdown
from wimhf.ui.report.page import render_report, write_report

__all__ = ["render_markdown", "render_report", "write_markdown", "write_report"]
