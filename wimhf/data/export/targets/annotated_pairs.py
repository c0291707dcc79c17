"""AnnotatedPairs, version 2: comparisons with the votes of any number of annotators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wimhf.data.containers.rows import Row
from wimhf.data.export.target import Chosen, Target
from wimhf.data.pairs import content_hash
from wimhf.errors import ExportError

DEFAULT = "Default annotator from original dataset (from column `preferred_text`)"
DEFAULT_ID = "ba751e7b"
"""What its own tools call whoever gave the labels of a data set."""
UNNAMED = {"name": "preferred_text", "description": DEFAULT, "type": "unknown"}
TAKEN = frozenset({
    "comparison_id", "prompt", "weight", "text_a", "text_b", "model_a", "model_b", DEFAULT_ID,
    "subset", "conversation_id",
})  # fmt: skip
"""What Feedback Forensics calls the columns of its table, among which annotators are others."""
ABOUT = ("subset", "conversation_id")


class AnnotatedPairsObject(Target):
    """One object; the same responses judged by several annotators are one comparison.

    An annotator without a name is the format's default annotator; else it is the busiest. A
    second vote of the same annotator on the same responses is a comparison of its own.
    """

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return the comparisons in the order in which their first pairs come."""
        comparisons: dict[tuple[object, ...], Row] = {}
        votes: Counter[tuple[object, ...]] = Counter()
        used: Counter[str] = Counter()
        for pair in chosen.each():
            same, voter = _shared(pair), _voter(pair)
            key = (*same, votes[*same, voter])
            votes[*same, voter] += 1
            comparison = comparisons.get(key)
            if comparison is None:
                comparison = comparisons[key] = _comparison(pair, chosen)
                used[comparison["id"]] += 1
                if used[comparison["id"]] > 1:
                    comparison["id"] += f"-{used[comparison['id']]}"
            turned = _side(pair, "a") != comparison["response_a"]
            comparison["annotations"][voter] = {
                "pref": "a" if (pair["label"] > 0.5) != turned else "b"
            }
        yield from comparisons.values()

    def document(self, rows: list[Row], chosen: Chosen, name: str) -> Row:
        """Return the object with everybody who voted.

        Raises
        ------
        ExportError
            If a published rule does not hold: ids are unique, and no text is empty.
        """
        texts = [row[side]["text"] for row in rows for side in ("response_a", "response_b")]
        if len({row["id"] for row in rows}) != len(rows) or not all(map(str.strip, texts)):
            raise ExportError("annotated-pairs needs unique ids and texts that are not empty")
        voters = Counter(voter for row in rows for voter in row["annotations"])
        names = {_voter(pair): pair.get("annotator") for pair in chosen.each()}
        busiest = min(voters, key=lambda voter: (-voters[voter], voter))
        metadata: Row = {
            "version": "2.0",
            "description": "Written by WIMHF",
            "dataset_name": name,
            "default_annotator": DEFAULT_ID if DEFAULT_ID in voters else busiest,
        }
        if keys := sorted({key for row in rows for key in row.get("metadata", {})}):
            metadata["available_metadata_keys_per_comparison"] = keys
        return {
            "metadata": metadata,
            "annotators": {voter: _annotator(names[voter]) for voter in sorted(voters)},
            "comparisons": rows,
        }


def _annotator(name: str | None) -> Row:
    if name is None:
        return UNNAMED
    return {"name": name, "description": f"Annotator {name} of the source", "type": "unknown"}


def _voter(pair: Row) -> str:
    name: str | None = pair.get("annotator")
    if name is None:
        return DEFAULT_ID
    return f"annotator {name}" if name in TAKEN else name


def _shared(pair: Row) -> tuple[object, ...]:
    """Return what pairs of one comparison share, whatever the order of their sides."""
    sides = [(pair[f"response_{side}"], pair.get(f"model_{side}") or "") for side in "ab"]
    return (pair["prompt"], *sorted(sides), *(pair.get(name) for name in ABOUT))


def _comparison(pair: Row, chosen: Chosen) -> Row:
    about = {name: pair.get(name) for name in ABOUT} | chosen.extras(pair)
    metadata = {name: str(value) for name, value in about.items() if value is not None}
    return {
        "id": content_hash(pair["prompt"], pair["response_a"], pair["response_b"]),
        "prompt": pair["prompt"] or None,
        "response_a": _side(pair, "a"),
        "response_b": _side(pair, "b"),
        "annotations": {},
    } | ({"metadata": metadata} if metadata else {})


def _side(pair: Row, side: str) -> Row:
    model = pair.get(f"model_{side}")
    return {"text": pair[f"response_{side}"]} | ({"model": model} if model else {})


ANNOTATED_PAIRS = AnnotatedPairsObject(
    name="annotated-pairs", aliases=("feedback-forensics",),
    about="AnnotatedPairs 2.0 JSON, as Feedback Forensics opens it",
    annotators=True, containers=("json",), one_object=True, family="annotated-pairs",
)  # fmt: skip
