"""OpenAssistant: trees of messages, in which people ranked the assistant's replies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import as_text, decoded, number, optional_text
from wimhf.data.formats.cells_out import like, put, put_at
from wimhf.data.formats.choices import Exchange, Option
from wimhf.data.formats.columns import Sample, Schema
from wimhf.data.formats.gathered import GATHERED, Gathered, gathered_rows
from wimhf.data.formats.listed import Listed, new_figures
from wimhf.data.formats.ranks import Wanted
from wimhf.data.formats.roles import role_of
from wimhf.data.pairs import Fields, RowReject, Turns

FLAT = ("message_id", "parent_id", "text", "role")


@dataclass
class Node:
    """A message, where the row keeps it, and the replies to it."""

    message: Row
    path: tuple[str | int, ...]
    replies: list[Node] = field(default_factory=list)


class Oasst(Gathered, Listed):
    """Trees with nested replies, or a row a message; the ranked replies to a message are compared.

    Replies to different messages are never compared. Deleted and unranked replies stand in the
    conversations after them and are not compared.
    """

    name = "oasst"
    expects = (
        "prompt{text, role, replies[{text, role, rank, replies}]}, or a row a message: "
        "message_id, parent_id, message_tree_id, text, role, rank"
    )
    narrows = ("one-a-row",)
    polarity = (
        "the label favours the reply with the lower rank; sides A and B were drawn by a hash of "
        "each pair"
    )
    schema = Schema("prompt", "message_tree_id", "tree_state", "rank", "lang", "parent_id", *FLAT)

    def matches(self, sample: Sample) -> bool:
        """Look for trees, or for messages with ids of their parents."""
        if sample.mostly("prompt", _is_tree):
            return True
        return {*FLAT, "rank", "message_tree_id"} <= sample.columns and sample.mostly_text(
            "message_id", "text", "role"
        )

    def gathered_by(self, row: Row) -> Row | None:
        """Gather the messages of a tree."""
        tree = optional_text(row, "message_tree_id")
        if tree is None or GATHERED in row or "message_id" not in row:
            return None
        return {"message_tree_id": tree}

    def fields(self, row: Row) -> Fields:
        """Return the tree's id, and the language of its first message."""
        first = next((node.message for node in _roots(row)), {})
        tree = as_text(row.get("message_tree_id"))
        return {"conversation_id": tree, "subset": optional_text(first, "lang")}

    def exchanges(self, row: Row) -> list[Exchange | RowReject]:
        """Return every message with two ranked replies or more, after all that came before it."""
        roots = _roots(row)
        places = {id(node): place for place, node in enumerate(_all(roots))}
        found = [one for root in roots for one in _forks(root, [], places)]
        if not found:
            raise RowReject("no answers to compare", "no message has two ranked replies")
        return found

    def write_order(self, row: Row, turn: int, options: Sequence[Option], wanted: Wanted) -> Row:
        """Write the ranks of a message's replies."""
        nodes = list(_all(_roots(row)))
        replies = [nodes[option.place] for option in options]
        ranks = [node.message.get("rank") for node in replies]
        for node, old, new in zip(
            replies, ranks, new_figures(options, wanted, ranks, "rank"), strict=True
        ):
            column, *path = node.path
            cell = put_at(row[str(column)], (*path, "rank"), like(old, new))
            row = put(row, str(column), cell)
        return row


def _is_tree(value: object) -> bool:
    found = decoded(value)
    return isinstance(found, dict) and isinstance(decoded(found.get("replies")), list)


def _roots(row: Row) -> list[Node]:
    """Return the first messages of a row, with all that follows them."""
    tree = decoded(row.get("prompt"))
    if isinstance(tree, dict):
        return [_nested(tree, ("prompt",))]
    messages = gathered_rows(row) or [row]
    nodes = [Node(one, (GATHERED, at)) for at, one in enumerate(messages)]
    known = {str(node.message.get("message_id")): node for node in nodes}
    roots: list[Node] = []
    for node in nodes:
        parent = known.get(str(as_text(node.message.get("parent_id"))))
        (roots if parent is None or parent is node else parent.replies).append(node)
    return roots


def _nested(message: Row, path: tuple[str | int, ...]) -> Node:
    replies = decoded(message.get("replies"))
    inner = replies if isinstance(replies, list) else []
    return Node(message, path, [
        _nested(reply, (*path, "replies", at))
        for at, reply in enumerate(inner) if isinstance(reply, dict)
    ])  # fmt: skip


def _all(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.replies)


def _forks(node: Node, before: Turns, places: dict[int, int]) -> Iterator[Exchange | RowReject]:
    text, role = node.message.get("text"), node.message.get("role")
    if not isinstance(text, str) or not isinstance(role, str):
        yield RowReject("message without text or role")
        return
    turns = [*before, {"role": role_of(role), "content": text}]
    options: list[Option] = []
    for reply in node.replies:
        try:
            option = _option(reply, places[id(reply)])
        except RowReject as reject:
            yield reject
        else:
            options += [option] if option is not None else []
    if len(options) > 1:
        yield Exchange(turns, options)
    for reply in node.replies:
        yield from _forks(reply, turns, places)


def _option(reply: Node, place: int) -> Option | None:
    message = reply.message
    rank = number(message.get("rank"))
    is_answer = isinstance(message.get("role"), str) and role_of(message["role"]) == "assistant"
    if rank is None or not is_answer or message.get("deleted") in (True, "true", "True"):
        return None
    return Option(text=str(message.get("text") or ""), score=-rank, place=place)
