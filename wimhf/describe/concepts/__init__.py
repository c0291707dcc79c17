"""Written concepts: names for what a response does, each with a detector that reads the text."""

from wimhf.describe.concepts.bank import Concept, load_concepts
from wimhf.describe.concepts.concerns import concerns, length_concern
from wimhf.describe.concepts.detect import measure_concepts

__all__ = ["Concept", "concerns", "length_concern", "load_concepts", "measure_concepts"]
