"""HelpSteer2 and HelpSteer3: preferences from -3 (the first response) to 3 (the second)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import (
    by_annotator,
    empty,
    first_text,
    mostly,
    mostly_text,
    not_understood,
    number,
)
from wimhf.data.formats.cells_out import put, turned, within
from wimhf.data.formats.conversations import messages
from wimhf.data.formats.family import Family, Sample, decoded, prompt_text, text_of
from wimhf.data.pairs import Pair, RowReject

STRONGEST = 3


class HelpSteer3(Family):
    """context, response1, response2; overall_preference, or else each annotator's own."""

    name = "helpsteer3"
    expects = (
        "context (text or a list of {role, content}), response1, response2; "
        "overall_preference from -3 (first) to 3 (second), or individual_preference[{score}]"
    )
    columns = frozenset({
        "context", "response1", "response2", "overall_preference", "individual_preference",
        "domain", "language",
    })  # fmt: skip
    polarity = (
        "the label favours response1 where the preference is negative and response2 where it is "
        "positive; 0 is a tie"
    )

    def matches(self, sample: Sample) -> bool:
        """Expect context and texts, and preferences of -3 to 3 or lists of them in most rows."""
        return (
            mostly(sample, "context", lambda value: isinstance(value, (str, list)))
            and mostly_text(sample, "response1", "response2")
            and (
                mostly(sample, "overall_preference", _is_preference, if_empty=True)
                or mostly(sample, "individual_preference", _is_list, if_empty=True)
            )
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return the overall pair; without an overall preference, one per annotator."""
        turns = _context(row)
        pair = Pair(
            prompt=prompt_text(turns) if turns else "",
            response_a=text_of(row, "response1"),
            response_b=text_of(row, "response2"),
            label=None,
            subset=first_text(row, "domain", "language"),
            turns=turns if len(turns) > 1 else None,
        )
        overall = row.get("overall_preference")
        if not empty(overall):
            return [_judged(pair, overall, "overall_preference")]

        def judged(value: Any, name: str) -> Pair:
            return replace(_judged(pair, value, name), annotator=name)

        return by_annotator(pair, _scores(row.get("individual_preference")), judged)

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Negate the preference for a flip, of the annotator where there is none overall."""
        overall, given = row.get("overall_preference"), row.get("individual_preference")
        if not empty(overall) or all(map(empty, _scores(given).values())):
            return put(row, "overall_preference", _turned(overall, first))

        def change(scores: Any) -> Any:
            one = scores[place]
            found = _turned(one["score"] if isinstance(one, dict) else one, first)
            one = {**one, "score": found} if isinstance(one, dict) else found
            return [*scores[:place], one, *scores[place + 1 :]]

        return put(row, "individual_preference", within(given, change))


class HelpSteer2(Family):
    """prompt, response_1, response_2, preference_strength."""

    name = "helpsteer2"
    expects = "prompt, response_1, response_2; preference_strength from -3 (first) to 3 (second)"
    columns = frozenset({"prompt", "response_1", "response_2", "preference_strength"})
    polarity = (
        "the label favours response_1 where preference_strength is negative and response_2 where "
        "it is positive; 0 is a tie"
    )

    def matches(self, sample: Sample) -> bool:
        """Expect the texts, and strengths of -3 to 3 in most rows."""
        return mostly_text(sample, "prompt", "response_1", "response_2") and mostly(
            sample, "preference_strength", _is_preference, if_empty=True
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Take the columns as they are; several turns in a prompt stay text."""
        pair = Pair(
            prompt=text_of(row, "prompt"),
            response_a=text_of(row, "response_1"),
            response_b=text_of(row, "response_2"),
            label=None,
        )
        strength = row.get("preference_strength")
        return [pair if empty(strength) else _judged(pair, strength, "preference_strength")]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Negate the preference for a flip."""
        name = "preference_strength"
        return put(row, name, _turned(row.get(name), first))


def _turned(old: Any, first: float | None) -> Any:
    return turned(old, "the preference", first, weakest=1.0, sign=-1)


def _judged(pair: Pair, value: Any, name: str) -> Pair:
    """Return the pair with label and strength from a preference of -3 to 3."""
    preference = _preference(value)
    if preference is None:
        raise not_understood(value, name)
    label = 0.5 if preference == 0 else float(preference < 0)
    return replace(pair, label=label, strength=abs(preference))


def _preference(value: Any) -> float | None:
    found = number(value)
    return found if found is not None and abs(found) <= STRONGEST else None


def _is_preference(value: Any) -> bool:
    return _preference(value) is not None


def _is_list(value: Any) -> bool:
    return isinstance(decoded(value), list)


def _context(row: Row) -> list[dict[str, str]]:
    value = decoded(row.get("context"))
    if isinstance(value, list):
        return messages(value, "context")
    return [{"role": "user", "content": text_of(row, "context")}]


def _scores(value: Any) -> dict[str, Any]:
    """Return the individual scores by the annotator's place in the list."""
    given = decoded(value)
    if empty(given):
        return {}
    if not isinstance(given, list):
        raise not_understood(value, "individual_preference")
    return {
        f"annotator{place}": one.get("score") if isinstance(one, dict) else one
        for place, one in enumerate(given, start=1)
    }
