"""HelpSteer2 and HelpSteer3: preferences from -3 (the first response) to 3 (the second)."""

from __future__ import annotations

from dataclasses import replace

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded, empty, not_understood, text_of
from wimhf.data.formats.columns import Sample, Schema, optional, text
from wimhf.data.formats.conversations import after, messages, noting
from wimhf.data.formats.judged import Judged, Vote, Voted
from wimhf.data.formats.labels import Signed
from wimhf.data.formats.prompts import prompt_turns
from wimhf.data.pairs import Fields

STRENGTH = Signed("preference_strength", sign=-1, weakest=1, greatest=3, scale="the preference")
OVERALL = replace(STRENGTH, column="overall_preference")
INDIVIDUAL = replace(STRENGTH, column="individual_preference", required=True)


class HelpSteer3(Voted):
    """context, response1, response2; overall_preference, or else each annotator's own."""

    name = "helpsteer3"
    narrows = ("native",)
    expects = (
        "context (text or a list of {role, content}), response1, response2; "
        "overall_preference from -3 (first) to 3 (second), or individual_preference[{score}]"
    )
    polarity = (
        "the label favours response1 where the preference is negative and response2 where it is "
        "positive; 0 is a tie"
    )
    schema = Schema(
        "context", "overall_preference", "individual_preference",
        response_a=text("response1"),
        response_b=text("response2"),
        subset=optional("domain", "language"),
    )  # fmt: skip

    def matches(self, sample: Sample) -> bool:
        """Expect context and texts, and preferences of -3 to 3 or lists of them in most rows."""
        return (
            sample.mostly("context", lambda value: isinstance(value, (str, list)))
            and self.schema.fits(sample)
            and (
                OVERALL.fits(sample)
                or sample.mostly("individual_preference", _is_list, if_empty=True)
            )
        )

    def fields(self, row: Row) -> Fields:
        """Read a context of text as the user's turn."""
        with noting() as told:
            context = decoded(row.get("context"))
            if isinstance(context, list):
                turns = messages(context, "context", self.reading.roles, told)
            else:
                text = context if isinstance(context, dict) else text_of(row, "context")
                turns = prompt_turns(text, "context", self.reading.roles, told)
            fields = self.schema.read(row) | {"remarks": tuple(told)}
        return fields | after(turns, fields["response_a"], fields["response_b"])

    def votes(self, row: Row) -> list[Vote]:
        """Return the overall preference; where there is none, each annotator's by their place."""
        scores = decoded(row.get(INDIVIDUAL.column))
        if not empty(row.get(OVERALL.column)) or empty(scores):
            return [(None, OVERALL)]
        if not isinstance(scores, list):
            raise not_understood(row[INDIVIDUAL.column], INDIVIDUAL.column)
        votes: list[Vote] = []
        for place, score in enumerate(scores):
            name = f"annotator{place + 1}"
            path = (place, "score") if isinstance(score, dict) else (place,)
            votes.append((name, replace(INDIVIDUAL, path=path, called=name)))
        return votes if any(not empty(vote.cell(row)) for _, vote in votes) else [(None, OVERALL)]


class HelpSteer2(Judged):
    """prompt, response_1, response_2, preference_strength."""

    name = "helpsteer2"
    narrows = ("native",)
    expects = "prompt, response_1, response_2; preference_strength from -3 (first) to 3 (second)"
    polarity = (
        "the label favours response_1 where preference_strength is negative and response_2 where "
        "it is positive; 0 is a tie"
    )
    schema = Schema(
        prompt=text("prompt"), response_a=text("response_1"), response_b=text("response_2")
    )
    label = STRENGTH


def _is_list(value: object) -> bool:
    return isinstance(decoded(value), list)
