"""OpenAI's two shapes: comparisons of summaries, and DPO lines for its fine-tuning service."""

from __future__ import annotations

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded, empty, holds, object_of, optional_text, text_of
from wimhf.data.formats.columns import Sample, Schema, optional
from wimhf.data.formats.conversations import after, answer_of, messages, noting, response_text
from wimhf.data.formats.judged import Judged
from wimhf.data.formats.labels import PICKED, Codes
from wimhf.data.formats.roles import Roles
from wimhf.data.formats.sides import Apart
from wimhf.data.pairs import Fields, RowReject

OUTPUTS = ("preferred_output", "non_preferred_output")


class OpenAiSummaries(Judged):
    """info, two summaries, choice: summaries of a post or an article."""

    name = "openai-summaries"
    expects = (
        "info{post or article}, summaries, a list of two {text, policy}; choice (0 = first, "
        "1 = second); worker"
    )
    polarity = "choice 0 means label 1 for the first summary, 1 label 0 for the second"
    schema = Schema("info", "summaries", annotator=optional("worker"))
    label = Codes("choice", meanings=PICKED)

    def matches(self, sample: Sample) -> bool:
        """Look for an object of information and a list of summaries, in most rows."""
        return (
            "choice" in sample.columns
            and sample.mostly("info", lambda value: isinstance(decoded(value), dict))
            and sample.mostly("summaries", lambda value: holds(value, "text"))
        )

    def fields(self, row: Row) -> Fields:
        """Take the post, or the article, as prompt."""
        info = object_of(row, "info")
        asked = {name: info[name] for name in ("post", "article") if not empty(info.get(name))}
        summaries = decoded(row.get("summaries"))
        if not isinstance(summaries, list) or len(summaries) != 2:
            raise RowReject("summaries are not two")
        first, second = (one if isinstance(one, dict) else {} for one in summaries)
        return self.schema.read(row) | {
            "prompt": text_of(asked, "post", "article"),
            "response_a": text_of(first, "text"),
            "response_b": text_of(second, "text"),
            "model_a": optional_text(first, "policy"),
            "model_b": optional_text(second, "policy"),
            "subset": optional_text(info, "subreddit", "site"),
        }


class OpenAiDpo(Apart):
    """input, preferred_output, non_preferred_output: one conversation, two answers."""

    name = "openai-dpo"
    narrows = ("trl",)
    expects = (
        "input{messages}, preferred_output, non_preferred_output, each a list of {role, content}"
    )
    polarity = (
        "the source lists the preferred output apart from the other one; "
        "sides A and B were drawn by a hash of each pair"
    )
    schema = Schema("input", *OUTPUTS)
    better = "a preferred output"
    words = ("preferred", "non_preferred")

    def matches(self, sample: Sample) -> bool:
        """Look for an input with messages and two outputs of messages, in most rows."""
        return sample.mostly("input", _has_messages) and all(
            sample.mostly(name, lambda value: holds(value, "role")) for name in OUTPUTS
        )

    def fields(self, row: Row) -> Fields:
        """Return the input and what both outputs answer."""
        roles = self.reading.roles
        with noting() as told:
            turns = messages(object_of(row, "input").get("messages"), "input", roles, told)
            preferred, other = (_answer(row, name, roles) for name in OUTPUTS)
        return after(turns, preferred, other) | {"remarks": tuple(told)}


def _has_messages(value: object) -> bool:
    given = decoded(value)
    return isinstance(given, dict) and isinstance(given.get("messages"), list)


def _answer(row: Row, name: str, roles: Roles) -> str:
    turns = messages(row.get(name), name, roles)
    if turns[0]["role"] != "assistant":
        raise RowReject(f"{name} is not the assistant's", f"its role is {turns[0]['role']!r:.60}")
    if len(turns) == 1:
        return answer_of(turns[0])
    return response_text(turns)
