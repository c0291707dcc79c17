"""Curating a run: rules and single edits, what they would change, undo, suspects, owned names."""

from wimhf.curation.foresight import Preview
from wimhf.curation.session import Curation, open_curation

__all__ = ["Curation", "Preview", "open_curation"]
