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
SIDE = {"a": "b", "b": "a"}


class AnnotatedPairsObject(Target):
    """One object; the same responses judged by several annotators are one comparison.

    An annotator without a name is the format's default annotator; else it is the busiest. A
    second vote of the same annotator on the same responses is a comparison of its own.
    """

    name = "annotated-pairs"
    aliases = ("feedback-forensics",)
    about = "AnnotatedPairs 2.0 JSON, as Feedback Forensics opens it"
    annotators = True
    containers = ("json",)
    one_object = True
    family = "annotated-pairs"

    def columns(self, chosen: Chosen) -> None:
        """Leave the columns to the object."""
        return None

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return the comparisons in the order in which their first pairs come."""
        found: dict[tuple[object, ...], list[Row]] = {}
        order: list[Row] = []
        for pair in chosen.each():
            same = found.setdefault(_key(pair), [])
            voter = _voter(pair)
            open_ones = (one for one in same if voter not in one["annotations"])
            comparison = next(open_ones, None)
            if comparison is None:
                comparison = _comparison(pair, chosen)
                same.append(comparison)
                order.append(comparison)
            comparison["annotations"][voter] = {"pref": _vote(pair, comparison)}
        yield from _numbered(order)

    def document(self, rows: list[Row], chosen: Chosen, name: str) -> Row:
        """Return the object with everybody who voted."""
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
        document: Row = {
            "metadata": metadata,
            "annotators": {voter: _about(names[voter]) for voter in sorted(voters)},
            "comparisons": rows,
        }
        check_object(document)
        return document


def _about(name: str | None) -> Row:
    if name is None:
        return UNNAMED
    return {"name": name, "description": f"Annotator {name} of the source", "type": "unknown"}


def _voter(pair: Row) -> str:
    name: str | None = pair.get("annotator")
    if name is None:
        return DEFAULT_ID
    return f"annotator {name}" if name in TAKEN else name


def _key(pair: Row) -> tuple[object, ...]:
    """Return what pairs of one comparison share, whatever the order of their sides."""
    sides = [(pair[f"response_{side}"], pair.get(f"model_{side}") or "") for side in SIDE]
    about = (pair.get("subset"), pair.get("conversation_id"))
    return (pair["prompt"], *sorted(sides), *about)


def _comparison(pair: Row, chosen: Chosen) -> Row:
    digest = content_hash(pair["prompt"], pair["response_a"], pair["response_b"])
    about = {name: pair.get(name) for name in ("subset", "conversation_id")} | chosen.extras(pair)
    metadata = {name: str(value) for name, value in about.items() if value is not None}
    return {
        "id": digest,
        "prompt": pair["prompt"] or None,
        "response_a": _side(pair, "a"),
        "response_b": _side(pair, "b"),
        "annotations": {},
    } | ({"metadata": metadata} if metadata else {})


def _side(pair: Row, side: str) -> Row:
    model = pair.get(f"model_{side}")
    return {"text": pair[f"response_{side}"]} | ({"model": model} if model else {})


def _vote(pair: Row, comparison: Row) -> str:
    """Return the side of the comparison that the pair's label prefers."""
    side = "a" if pair["label"] > 0.5 else "b"
    return side if _side(pair, "a") == comparison["response_a"] else SIDE[side]


def _numbered(comparisons: list[Row]) -> Iterator[Row]:
    """Return the comparisons with ids that no other has."""
    seen: dict[str, int] = {}
    for comparison in comparisons:
        digest = comparison["id"]
        seen[digest] = seen.get(digest, 0) + 1
        yield comparison | {"id": digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"}


def check_object(document: Row) -> None:
    """Check the published rules: ids are unique, everybody votes, no text is empty.

    Raises
    ------
    ExportError
        If one does not hold.
    """
    comparisons = document["comparisons"]
    ids = [one["id"] for one in comparisons]
    texts = [one[f"response_{side}"]["text"] for one in comparisons for side in SIDE]
    voters = {voter for one in comparisons for voter in one["annotations"]}
    if len(set(ids)) != len(ids) or not all(text.strip() for text in texts):
        raise ExportError("annotated-pairs needs unique ids and texts that are not empty")
    if voters != document["annotators"].keys():
        raise ExportError("annotated-pairs needs every annotator in at least one comparison")
