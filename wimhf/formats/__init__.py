"""Sources -> pair table + rejects; one module per family of formats."""

from wimhf.formats.detect import FORMATS, Source, read_pairs

__all__ = ["FORMATS", "Source", "read_pairs"]
