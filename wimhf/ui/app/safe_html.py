"""Texts from the data as HTML that does nothing: marked words, Markdown, conversations, folding.

Every character of the data passes ``html.escape`` or a Markdown renderer that knows no HTML; links
and pictures of the data lead nowhere and load nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from typing import NotRequired, TypedDict
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from wimhf.ui.words.excerpts import excerpt
from wimhf.ui.words.figures import ending
from wimhf.ui.words.folding import folded, folded_prompt
from wimhf.ui.words.hits import hit_marks
from wimhf.ui.words.labels import badge_words, turned_label
from wimhf.ui.words.worddiff import Segments, telling_marks

OPEN, CLOSE = "\ue000", "\ue001"
"""Private characters that stand for the marks while Markdown is rendered."""
_WORD = re.compile(r"[^\s!-/:-@\[-`{-~]+")
_ATTRIBUTE = re.compile(r'="[^"]*"')


class PairTexts(TypedDict):
    """A pair from the side of a feature: the response with more of it, the other, and who won.

    ``turns`` is the conversation before the responses as JSON, where the source has it.
    """

    prompt: str
    turns: NotRequired[str | None]
    more: str
    less: str
    more_won: float | None


def pair_html(pair: PairTexts, *, formatted: bool = True) -> str:
    """Return a pair as HTML: its prompt, then the response with more of a feature and the other.

    Parameters
    ----------
    formatted
        Render Markdown; else show the text as it is.
    """
    titles, texts = ("More of it", "Less of it"), (pair["more"], pair["less"])
    asked = prompt(pair["prompt"], pair.get("turns"))
    return sides_html(asked, titles, texts, pair["more_won"], formatted)


def short_html(pair: PairTexts) -> str:
    """Return a pair in a few lines: the end of its prompt and a passage of either response."""
    last = ending(pair["prompt"].strip(), 140)
    asked = f'<div class="prompt text" dir="auto">{escape(last)}</div>'
    sides = "".join(
        _framed(title, won, f'<div class="text" dir="auto">{marked_html(excerpt(marked))}</div>')
        for title, won, marked in (
            ("More of it", pair["more_won"], telling_marks(pair["more"], pair["less"])),
            ("Less of it", turned_label(pair["more_won"]),
             telling_marks(pair["less"], pair["more"])),
        )
    )  # fmt: skip
    return f'<article class="pair short">{asked}<div class="sides">{sides}</div></article>'


def sides_html(
    asked: str,
    titles: tuple[str, str],
    texts: tuple[str, str],
    won: float | None,
    formatted: bool,
    sought: str = "",
) -> str:
    """Return two responses side by side below their prompt, which is HTML already.

    Parameters
    ----------
    won
        The label from the first response's side.
    sought
        A regular expression that was searched for: what it matches is marked, instead of what only
        one response has.
    """
    (first, second), (one, two) = titles, texts
    sides = side(first, one, two, won, formatted, sought)
    sides += side(second, two, one, turned_label(won), formatted, sought)
    return f'<article class="pair">{asked}<div class="sides">{sides}</div></article>'


def blind_html(asked: str, titles: tuple[str, str], texts: tuple[str, str], formatted: bool) -> str:
    """Return two responses side by side without what the label says of them."""
    sides = "".join(
        f'<section class="side"><h5>{title}</h5>{text_html(text, other, formatted=formatted)}'
        "</section>"
        for title, text, other in zip(titles, texts, texts[::-1], strict=True)
    )
    return f'<article class="pair">{asked}<div class="sides">{sides}</div></article>'


def text_html(
    text: str, other: str | None = None, *, formatted: bool = True, sought: str = ""
) -> str:
    """Return a text as HTML, long ones folded, with the words marked that ``other`` lacks.

    Parameters
    ----------
    sought
        A regular expression; where there is one, what it matches is marked instead.
    """
    plain: Segments = [(text, False)]
    marked = hit_marks(text, sought) if sought else telling_marks(text, other) if other else plain
    fold = folded(marked)
    html = f'<div class="text" dir="auto">{_rendered(fold.shown, formatted)}</div>'
    if not fold.rest:
        return html
    lost = f'<p class="soft">{fold.n_lost:,} more characters are not shown.</p>'
    return (
        f'{html}<details class="rest"><summary>The other {fold.n_rest:,} characters</summary>'
        f'<div class="text" dir="auto">{_rendered(fold.rest, formatted)}</div>'
        f"{lost if fold.n_lost else ''}</details>"
    )


def prompt(text: str, conversation: str | None, sought: str = "") -> str:
    """Return a pair's prompt as safe HTML, turn by turn where there are several.

    Parameters
    ----------
    conversation
        Turns as JSON; what cannot be read counts as none.
    sought
        A regular expression; what it matches is marked.
    """
    turns = _turns(conversation)
    if len(turns) < 2:
        asked = _folded(turns[0][1] if turns else text, sought)
        return f'<section class="prompt"><h5>Prompt</h5>{asked}</section>'
    *before, last = turns
    earlier = "".join(_turn(*turn, sought) for turn in before[-20:])
    return (
        f'<section class="prompt"><details class="rest"><summary>{len(before)} earlier '
        f"turn{'s' if len(before) > 1 else ''}</summary>{earlier}</details>"
        f"{_turn(*last, sought)}</section>"
    )


def document_html(markdown: str) -> str:
    """Return a document of our own, whose words of people are escaped in it, as safe HTML."""
    lines: Segments = [(markdown.replace("<br>", " · "), False)]
    return (
        f'<article class="pair document"><div class="text">{_rendered(lines, True)}</div></article>'
    )


def _turns(conversation: str | None) -> list[tuple[str, str]]:
    """Return the conversation before the responses as (role, content)."""
    try:
        turns = json.loads(conversation or "[]")
        return [(str(turn["role"]), str(turn["content"])) for turn in turns]
    except (ValueError, TypeError, KeyError):
        return []


def _turn(role: str, content: str, sought: str) -> str:
    spoken = _folded(content, sought)
    return f'<div class="turn"><h5>{escape(role.capitalize()[:40])}</h5>{spoken}</div>'


def _folded(text: str, sought: str) -> str:
    """Return a prompt: its end, where the question stands, and the whole if it is long."""
    if not text.strip():
        return '<div class="text"><em>no prompt</em></div>'
    fold = folded_prompt(text)
    if fold.whole is None:
        return f'<div class="text" dir="auto">{_found(fold.last, sought)}</div>'
    lost = f'<p class="soft">The first {fold.lost:,} characters are not shown.</p>'
    return (
        f'<div class="text" dir="auto">… {_found(fold.last, sought)}</div><details class="rest">'
        f"<summary>All {fold.n:,} characters</summary>{lost if fold.lost else ''}"
        f'<div class="text" dir="auto">{_found(fold.whole, sought)}</div></details>'
    )


def _found(text: str, sought: str) -> str:
    return marked_html(hit_marks(text, sought)) if sought else escape(text)


def side(
    title: str, text: str, other: str, won: float | None, formatted: bool, sought: str = ""
) -> str:
    """Return one response as safe HTML, with the words that the other one does not have marked.

    Parameters
    ----------
    won
        The label from this side: 1 preferred, 0 not, .5 a tie, None unlabelled.
    """
    return _framed(title, won, text_html(text, other, formatted=formatted, sought=sought))


def _framed(title: str, won: float | None, body: str) -> str:
    """Frame a response, and say what the label makes of it."""
    preferred, words = won is not None and won > 0.5, badge_words(won)
    badge = f'<span class="badge{" good" if preferred else ""}">{words}</span>' if words else ""
    frame = "side preferred" if preferred else "side"
    return f'<section class="{frame}"><h5>{title} {badge}</h5>{body}</section>'


def _rendered(segments: Segments, formatted: bool) -> str:
    if not formatted:
        return f'<div class="raw">{marked_html(segments)}</div>'
    html: str = _markdown().render("".join(_marked(*segment) for segment in segments))
    html = _ATTRIBUTE.sub(lambda m: m.group().replace(OPEN, "").replace(CLOSE, ""), html)
    html = html.replace(f"{CLOSE} {OPEN}", " ")
    return html.replace(OPEN, "<mark>").replace(CLOSE, "</mark>")


def marked_html(segments: Segments) -> str:
    """Return a text with marks as safe HTML."""
    return "".join(
        f"<mark>{escape(text)}</mark>" if marked else escape(text) for text, marked in segments
    )


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


def _link_open(self: RendererHTML, tokens: Sequence[Token], index: int, *_: object) -> str:
    address = str(tokens[index].attrGet("href") or "")
    for mark in (OPEN, CLOSE):
        address = address.replace(quote(mark), "")
    return f'<span class="link" title="{escape(address)}">'


def _link_close(self: RendererHTML, *_: object) -> str:
    return "</span>"


def _image(self: RendererHTML, tokens: Sequence[Token], index: int, *_: object) -> str:
    return f'<span class="link">[picture: {escape(tokens[index].content)}]</span>'


_RULES: dict[str, Callable[..., str]] = {
    "link_open": _link_open, "link_close": _link_close, "image": _image,
}  # fmt: skip
