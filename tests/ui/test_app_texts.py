"""Texts from the data on a page: nothing runs, nothing is loaded, nothing is lost."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("streamlit", reason="the app is not installed")

from tests.app_run import HOSTILE
from wimhf.ui.app import safe_html as texts
from wimhf.ui.report import page as report
from wimhf.ui.words.figures import plain

TAGS = {
    "div", "p", "br", "em", "strong", "mark", "span", "ul", "ol", "li", "pre", "code", "blockquote",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "table", "thead", "tbody", "tr", "th", "td",
    "details", "summary", "section", "article",
}  # fmt: skip
ATTRIBUTES = {"class", "dir", "title", "start", "style"}


class Reader(HTMLParser):
    """Collects what a page would do and show."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.shown = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.shown += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


NASTY = st.lists(
    st.sampled_from(
        ["<script>alert(1)</script>", "<", ">", '"', "'", "&lt;", "`", "```\n", "**", "[a](", ")",
         "javascript:alert(1)", "![x](http://e.invalid)", "<http://e.invalid>", "\n\n", "# ", "- ",
         "1. ", "|a|b|\n|-|-|\n", "word", "שלום", "\ue000", "\ue001", '="x', "onerror=", "\\"]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


@given(text=NASTY, other=NASTY)
def test_whatever_a_text_holds_only_harmless_marks_reach_the_page(text: str, other: str) -> None:
    for formatted in (True, False):
        seen = read(texts.text_html(text, other, formatted=formatted))
        assert seen.tags <= TAGS
        assert seen.attributes <= ATTRIBUTES
        if formatted:  # these stand for marks, and mean nothing else
            assert not {"\ue000", "\ue001"} & set(seen.shown)


def test_an_attack_is_shown_as_the_text_it_is() -> None:
    pair = {"prompt": HOSTILE, "more": HOSTILE, "less": "x", "more_won": 1.0}
    for formatted in (True, False):
        seen = read(texts.pair_html(pair, formatted=formatted))
        assert seen.tags <= TAGS
        assert "<script>document.title='owned'</script>" in seen.shown


@given(st.text(max_size=300), st.text(max_size=60))
def test_unformatted_text_is_shown_whole(text: str, other: str) -> None:
    html = texts.text_html(text, other, formatted=False)
    assert unescape(re.sub(r"</?(mark|div)[^>]*>", "", html)) == text


def test_words_that_only_one_response_has_are_marked_and_markdown_is_rendered() -> None:
    html = texts.text_html("**Sure**, here is a list:\n\n- one\n- two", "here is a list: one")
    assert "<strong><mark>Sure</mark></strong>" in html
    assert "<li><mark>two</mark></li>" in html
    assert "<mark>list" not in html


def test_long_texts_fold_and_say_what_is_left_out() -> None:
    html = texts.text_html("word " * 20_000)
    assert "The other 18,800 characters" in html
    assert "80,000 more characters are not shown" in html
    assert len(html) < 60_000


def test_conversations_show_their_last_turn_and_fold_the_earlier_ones() -> None:
    turns = '[{"role":"user","content":"first"},{"role":"assistant","content":"second"},' \
            '{"role":"user","content":"third"}]'  # fmt: skip
    html = texts.pair_html(
        {"prompt": "p", "turns": turns, "more": "a", "less": "b", "more_won": 0.5}
    )
    assert "2 earlier turns" in html
    assert html.index("second") < html.index("</details>") < html.index("third")
    assert html.count("tie") == 2


@pytest.mark.parametrize("turns", [None, "not json", '{"role": 1}', '[{"role": "user"}]', "[3]"])
def test_a_conversation_that_cannot_be_read_leaves_the_prompt(turns: str | None) -> None:
    html = texts.pair_html(
        {"prompt": "ask", "turns": turns, "more": "a", "less": "b", "more_won": None}
    )
    assert "ask" in html
    assert "no label" in html


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=80))
def test_text_in_markdown_loses_every_mark_of_its_own(text: str) -> None:
    from markdown_it import MarkdownIt

    shown = MarkdownIt("commonmark").renderInline(plain(text))
    assert unescape(shown) == " ".join(text.split())


def test_figures_are_written_as_in_the_report() -> None:
    from wimhf.ui.words import figures

    filters = report.environment().filters
    for value in (-12.34, -0.04, 0.0, 0.5, 3.21, 88.0):
        assert figures.points(value) == filters["points"](value)
        assert figures.decimal(value) == filters["decimal"](value)
    for value in (0.0, 0.0004, 0.2, 1.0):
        assert figures.chance(value) == filters["chance"](value)
        assert figures.share(value) == filters["share"](value)
