"""What would mend a finding about the data, said for the place where it is read."""

from __future__ import annotations

from collections.abc import Sequence

from wimhf.ui.words.unflagged import control_of, unflagged


def terminal_mend(advice: str, setting: Sequence[str] | None) -> str:
    """Return the advice with the option that does it.

    >>> terminal_mend("hold them together", ("group", "first-turn"))
    'hold them together (--group first-turn)'
    """
    return f"{advice} (--{' '.join(setting)})" if setting else advice


def app_mend(advice: str, setting: Sequence[str] | None) -> str:
    """Return the advice with what the app's form calls the setting that does it.

    >>> app_mend("hold them together", ("group", "first-turn"))
    'hold them together (“Pairs that hang together share this”: first-turn)'
    """
    said = unflagged(advice)
    return f"{said} ({control_of(*setting)})" if setting else said


def page_mend(advice: str) -> str:
    """Return the advice by itself, for pages in which nothing can be set."""
    return unflagged(advice)
