"""How much of a long text is shown, folded away or left out, in reports and on pages."""

from __future__ import annotations

from dataclasses import dataclass

from wimhf.ui.words.worddiff import Segments, cut

SHOWN = 1_200
"""Characters of a response that are shown at once."""
KEPT = 20_000
"""Characters of a text that a page holds at all."""
PROMPT_SHOWN = 480


@dataclass(frozen=True)
class Folded:
    """A text in segments: what is shown, what is folded away, and the characters left out."""

    shown: Segments
    rest: Segments
    n_lost: int

    @property
    def n_rest(self) -> int:
        """Characters that are folded away."""
        return _length(self.rest)


def folded(segments: Segments, kept: int = KEPT) -> Folded:
    """Fold a text behind ``SHOWN`` characters, and leave it out behind ``kept``."""
    shown, rest = cut(segments, min(SHOWN, kept))
    rest, lost = cut(rest, max(kept - SHOWN, 0)) if kept > SHOWN else ([], rest)
    return Folded(shown, rest, _length(lost))


@dataclass(frozen=True)
class FoldedPrompt:
    """A prompt: its end, where the question stands, and the whole where it is long.

    Attributes
    ----------
    n, lost
        Characters it has, and those at its beginning that are left out.
    """

    last: str
    whole: str | None
    n: int
    lost: int


def folded_prompt(prompt: str, kept: int = KEPT) -> FoldedPrompt:
    """Fold all but the end of a prompt; one that is hardly longer is shown whole."""
    n = len(prompt)
    if n <= PROMPT_SHOWN * 1.3:
        return FoldedPrompt(prompt, None, n, 0)
    return FoldedPrompt(prompt[-PROMPT_SHOWN:], prompt[-kept:], n, max(n - kept, 0))


def _length(segments: Segments) -> int:
    return sum(len(text) for text, _ in segments)
