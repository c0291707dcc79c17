"""Texts from the data as HTML that does nothing: marked words, Markdown, conversations, folding.

Every character of the data passes ``html.escape`` or a Markdown renderer that knows no HTML; links
and pictures of the data lead nowhere and load nothing.
"""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML

from wimhf.ui.words.worddiff import Segments, cut, word_marks

SHOWN = 1_200
"""Characters of a response that are shown at once."""
KEPT = 20_000
"""Characters of a text that a page holds at all."""
PROMPT_SHOWN = 480
OPEN, CLOSE = "\ue000", "\ue001"
"""Private characters that stand for the marks while Markdown is rendered."""
Row = dict[str, Any]
_WORD = re.compile(r"[^\s!-/:-@\[-`{-~]+")
_ATTRIBUTE = re.compile(r'="[^"]*"')


def pair_html(pair: Row, *, formatted: bool = True) -> str:
    """Return a pair as HTML: its prompt, then the response with more of a feature and the other.

    Parameters
    ----------
    pair
        ``prompt``, ``more``, ``less``, ``more_won``, and ``turns`` where the source has them.
    formatted
        Render Markdown; else show the text as it is.
    """
    more, less, won = pair["more"], pair["less"], pair["more_won"]
    lost = None if won is None else 1 - won
    sides = side("More of it", more, less, won, formatted) + side(
        "Less of it", less, more, lost, formatted
    )
    return f'<article class="pair">{prompt(pair)}<div class="sides">{sides}</div></article>'


def text_html(text: str, other: str | None = None, *, formatted: bool = True) -> str:
    """Return a text as HTML, long ones folded, with the words marked that ``other`` lacks."""
    marks: Segments = [(text, False)] if other is None else word_marks(text, other)
    shown, rest = cut(marks, SHOWN)
    rest, gone = cut(rest, KEPT - SHOWN)
    html = f'<div class="text" dir="auto">{_rendered(shown, formatted)}</div>'
    if rest:
        more, lost = _length(rest), _length(gone)
        html += (
            f'<details class="rest"><summary>The other {more:,} characters</summary>'
            f'<div class="text" dir="auto">{_rendered(rest, formatted)}</div>'
        )
        html += f'<p class="soft">{lost:,} more characters are not shown.</p>' if lost else ""
        html += "</details>"
    return html


def turns_of(pair: Row) -> list[tuple[str, str]]:
    """Return the conversation before the responses as (role, content); empty where not told."""
    try:
        turns = json.loads(pair.get("turns") or "[]")
        return [(str(turn["role"]), str(turn["content"])) for turn in turns]
    except (ValueError, TypeError, KeyError):
        return []


def prompt(pair: Row) -> str:
    """Return a pair's prompt as safe HTML, turn by turn where there are several."""
    turns = turns_of(pair)
    if len(turns) < 2:
        said = _folded(turns[0][1] if turns else pair["prompt"])
        return f'<section class="prompt"><h5>Prompt</h5>{said}</section>'
    *before, last = turns
    earlier = "".join(_turn(*turn) for turn in before[-20:])
    return (
        f'<section class="prompt"><details class="rest"><summary>{len(before)} earlier '
        f"turn{'s' if len(before) > 1 else ''}</summary>{earlier}</details>{_turn(*last)}</section>"
    )


def _turn(role: str, content: str) -> str:
    return f'<div class="turn"><h5>{escape(role.capitalize()[:40])}</h5>{_folded(content)}</div>'


def _folded(text: str) -> str:
    """Return a prompt: its end, where the question stands, and the whole if it is long."""
    if not text.strip():
        return '<div class="text"><em>no prompt</em></div>'
    if len(text) <= PROMPT_SHOWN * 1.3:
        return f'<div class="text" dir="auto">{escape(text)}</div>'
    whole = escape(text[-KEPT:])
    gone = max(len(text) - KEPT, 0)
    lost = f'<p class="soft">The first {gone:,} characters are not shown.</p>' if gone else ""
    return (
        f'<div class="text" dir="auto">… {escape(text[-PROMPT_SHOWN:])}</div><details class="rest">'
        f"<summary>All {len(text):,} characters</summary>{lost}"
        f'<div class="text" dir="auto">{whole}</div></details>'
    )


def side(title: str, text: str, other: str, won: float | None, formatted: bool) -> str:
    """Return one response as safe HTML, with the words that the other one does not have marked.

    Parameters
    ----------
    won
        The label from this side: 1 preferred, 0 not, .5 a tie, None unlabelled.
    """
    preferred = won is not None and won > 0.5
    badge = ""
    if preferred and won is not None:
        graded = f" ({100 * won:.0f}%)" if won < 1 else ""
        badge = f'<span class="badge good">✓ preferred{graded}</span>'
    elif won is None:
        badge = '<span class="badge">no label</span>'
    elif won == 0.5:
        badge = '<span class="badge">tie</span>'
    frame = "side preferred" if preferred else "side"
    body = text_html(text, other, formatted=formatted)
    return f'<section class="{frame}"><h5>{title} {badge}</h5>{body}</section>'


def _length(segments: Segments) -> int:
    return sum(len(text) for text, _ in segments)


def _rendered(segments: Segments, formatted: bool) -> str:
    if not formatted:
        return '<div class="raw">' + "".join(
            f"<mark>{escape(text)}</mark>" if unique else escape(text) for text, unique in segments
        ) + "</div>"  # fmt: skip
    html: str = _markdown().render("".join(_marked(*segment) for segment in segments))
    html = _ATTRIBUTE.sub(lambda m: m.group().replace(OPEN, "").replace(CLOSE, ""), html)
    html = html.replace(f"{CLOSE} {OPEN}", " ")
    return html.replace(OPEN, "<mark>").replace(CLOSE, "</mark>")


def _marked(text: str, unique: bool) -> str:
    """Put private characters around each word, so that no mark spans Markdown of its own."""
    text = text.replace(OPEN, "").replace(CLOSE, "")
    if not unique:
        return text
    return _WORD.sub(
        lambda m: m.group() if m.group().isdigit() else f"{OPEN}{m.group()}{CLOSE}", text
    )


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
    for name in ("link_open", "link_close", "image"):
        markdown.add_render_rule(name, _RULES[name])
    return markdown


def _link_open(self: RendererHTML, tokens: Any, index: int, options: Any, env: Any) -> str:
    address = str(tokens[index].attrGet("href") or "")
    for mark in (OPEN, CLOSE):
        address = address.replace(quote(mark), "")
    return f'<span class="link" title="{escape(address)}">'


def _link_close(self: RendererHTML, tokens: Any, index: int, options: Any, env: Any) -> str:
    return "</span>"


def _image(self: RendererHTML, tokens: Any, index: int, options: Any, env: Any) -> str:
    return f'<span class="link">[picture: {escape(tokens[index].content)}]</span>'


_RULES = {"link_open": _link_open, "link_close": _link_close, "image": _image}
