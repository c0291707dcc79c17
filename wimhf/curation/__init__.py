"""Curating a run: rules and single edits, what they would change, undo, suspects, owned names."""

from wimhf.curation.foresight import Preview
from wimhf.curation.session import Curation, curate

__all__ = ["Curation", "Preview", "curate"]
