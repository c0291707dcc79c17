"""Whether a text speaks of something, by the words of its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wimhf.concepts.concept import Concept
from wimhf.concepts.detect import measure_concepts
from wimhf.concepts.expressions import parts_of

COMMON = frozenset(
    "about after also and any are asks been before being both but can does each for from gives has "
    "have how into its itself kind less like makes many more most much not only other others over "
    "own part puts responds response responses reply replies answer answers says several shows "
    "some something somebody such takes text texts than that the them then there these they thing "
    "things this those through under used uses using very was were what when where which while "
    "who whole whose will with word words without writes written would you your".split()
)
"""Words of names that say nothing of what is named."""
ENDINGS = re.compile(r"(?:ations?|ments?|ness|ings?|ions?|ally|ies|ied|ers?|ed|es|ly|al|e|s|y)$")
LEAST = 4
"""Letters that are left of a word."""


def stems(name: str) -> list[str]:
    """Return how the words of a name begin that say what it is, in their order.

    >>> stems("refuses the request")
    ['refus', 'request']
    """
    found = []
    for word in re.findall(r"[a-z]{3,}", name.lower()):
        if word not in COMMON:
            stem = ENDINGS.sub("", word)
            found.append(stem if len(stem) >= LEAST else word)
    return list(dict.fromkeys(found))


def speaks_of(
    names: Sequence[str], concepts: Sequence[Concept | None], texts: Sequence[str]
) -> NDArray[np.bool_]:
    """Return (texts, names) whether a text has any word of a name, or does what it speaks of.

    Parameters
    ----------
    concepts
        Per name the concept whose detector is tried on the texts, too; None for none, as of
        those that also read the prompt.
    """
    spoken = np.zeros((len(texts), len(names)), dtype=np.bool_)
    parts = parts_of(list(texts))
    for place, name in enumerate(names):
        begun = stems(name)
        if begun:
            pattern = rf"(?i)\b(?:{'|'.join(begun)})"
            spoken[:, place] = parts["whole"].str.contains(pattern).to_numpy()
    readable = [
        (place, one) for place, one in enumerate(concepts)
        if one is not None and one.reads == "response" and one.of is None and not one.learned
    ]  # fmt: skip
    if readable:
        values = measure_concepts([one for _, one in readable], texts).toarray() > 0
        spoken[:, [place for place, _ in readable]] |= values
    return spoken
