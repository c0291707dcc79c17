"""Sources -> pair table + rejects; one module per family of formats."""

from wimhf.data.formats.families import FORMATS
from wimhf.data.formats.read import read_pairs
from wimhf.data.formats.source import Source
from wimhf.data.formats.sources import sources_hash

__all__ = ["FORMATS", "Source", "read_pairs", "sources_hash"]
