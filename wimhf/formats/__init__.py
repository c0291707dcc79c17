"""Sources -> pair table + rejects; one module per family of formats."""

from wimhf.formats.detect import Source, read_pairs
from wimhf.formats.families import FORMATS

__all__ = ["FORMATS", "Source", "read_pairs"]
