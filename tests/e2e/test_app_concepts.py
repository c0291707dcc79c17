"""Concepts in a real browser: checked by keyboard, added by words and by marks, taken out."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.app_run import hostile_rows, make_run
from tests.conftest import TRAITS
from tests.e2e.conftest import Serving
from tests.e2e.tabs import new_tab
from tests.llm_server import BLOCK, Server, knowing, small
from wimhf.curate import sample_checks
from wimhf.run.answers import read_answers
from wimhf.run.checks import check_rows, feature_concept, standing_answers
from wimhf.run.drafts import Draft, keep_draft, mark_pair, read_drafts
from wimhf.run.opening import open_run
from wimhf.run.own_concepts import own_ids

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("streamlit", reason="the app is not installed")
pytestmark = pytest.mark.e2e
HEARD = 5_000
WORDS = "Words or phrases that give it away, one a line"
MARKS = {"ArrowLeft": "A", "ArrowRight": "B", "n": "neither"}
Tab = Callable[..., Any]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of hostile texts, alone in its runs folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        return make_run(tmp_path_factory.mktemp("app") / "runs", "toy", hostile_rows(400))


@pytest.fixture(scope="module")
def site(run: Path, serving: Serving) -> Iterator[str]:
    with serving(run.parent) as address:
        yield address


@pytest.fixture
def tab(browser: Any, site: str) -> Iterator[Tab]:
    """Return a function that opens a page in a session of its own."""
    opened: list[Any] = []
    trouble: list[str] = []

    def show(name: str, width: int = 1400, **params: str) -> Any:
        page = new_tab(browser, width)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto(f"{site}{name}?{urlencode({'run': 'toy', **params})}")
        page.get_by_role("heading", level=1).wait_for()
        opened.append(page.context)
        return page

    yield show
    for context in opened:
        context.close()
    assert trouble == []


def press(page: Any, key: str, done: str) -> None:
    """Press a key until the page says what it should: it hears keys a moment after it is shown."""
    said = page.get_by_text(done, exact=False).first
    for _ in range(8):
        page.keyboard.press(key)
        try:
            said.wait_for(timeout=HEARD)
        except sync_api.TimeoutError:
            continue
        return
    pytest.fail(f"the page never said {done!r}")


def fill(page: Any, name: str, text: str, key: str = "Enter") -> None:
    field = page.get_by_role("textbox", name=name, exact=True)
    field.fill(text)
    field.press(key)


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=re.compile(f"^{name}")).last


def no_sideways(page: Any) -> bool:
    return not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def often_found(run: Path) -> str:
    """Return a concept that is found in enough pairs."""
    opened = open_run(run)
    for one in opened.concepts.features:
        if len(check_rows(opened, feature_concept(opened, one.concept.id)[1])[0]) >= 10:
            return one.concept.id
    raise AssertionError("no concept is found often")


def test_the_first_visitor_of_a_page_sees_its_frame(run: Path, serving: Serving, browser: Any) -> (
    None
):  # fmt: skip
    with serving(run.parent) as address:
        page = new_tab(browser)
        page.goto(f"{address}concepts?run=toy")
        page.get_by_role("heading", name="Concepts").wait_for()
        page.get_by_text("WIMHF", exact=True).wait_for()
        page.close()


def test_a_concept_is_checked_from_its_feature_by_keyboard(tab: Tab, run: Path) -> None:
    name = often_found(run)
    opened = open_run(run)
    checks = sample_checks(opened, name)
    page = tab("feature", feature=name)
    page.get_by_role("link", name="Check it").click()
    page.get_by_role("heading", name="Check:").wait_for()
    page.get_by_text("0 of ").wait_for()
    page.get_by_text("Is it true of the left one").wait_for()
    assert page.get_by_text("no label").count() == page.get_by_text("preferred", exact=True).count()
    for count, key in enumerate("yyn", start=1):
        press(page, key, f"{count} of ")
    press(page, "s", "· 1 skipped")
    page.get_by_text("2 of 3 times it is true").wait_for()
    page.reload()
    page.get_by_text("4 of ").wait_for()
    page.get_by_text(checks[4].pair_id).wait_for()
    press(page, "n", "5 of ")
    page.get_by_text("2 of 4 times it is true").wait_for()
    press(page, "u", "2 of 3 times it is true")
    page.get_by_text(checks[4].pair_id).wait_for()
    press(page, "y", "3 of 4 times it is true")
    said = standing_answers(opened, checks[0].concept)
    given = [said[one.kind, one.pair_id].answer for one in checks[:5]]
    assert given == [True, True, False, None, True]
    assert {one.who for one in read_answers(opened)} == {"kim"}
    page.get_by_role("link", name="All concepts").click()
    page.get_by_text("3 of 4 times it is true").wait_for()


def test_after_moving_between_concepts_an_answer_is_of_the_pair_shown(tab: Tab, run: Path) -> None:
    opened = open_run(run)
    names = [one.concept.id for one in opened.concepts.features]
    asked = {name: sample_checks(opened, name) for name in names if name != often_found(run)}
    (first, one), (second, other) = [pair for pair in asked.items() if len(pair[1]) > 3][:2]
    page = tab("check", concept=first)
    page.get_by_text(one[0].pair_id).first.wait_for()
    page.get_by_role("link", name="All concepts").click()
    page.get_by_role("heading", name="Concepts", exact=True).wait_for()
    page.goto(page.url.replace("/concepts", "/check").replace(first, second))
    page.get_by_text(other[0].pair_id).first.wait_for()
    press(page, "y", "1 of ")
    page.go_back()
    page.get_by_role("heading", name="Concepts", exact=True).wait_for()
    page.go_back()
    page.get_by_text(one[0].pair_id).first.wait_for()
    press(page, "n", "1 of ")
    for shown, answer in ((other[0], True), (one[0], False)):
        said = standing_answers(opened, shown.concept)
        assert {key: given.answer for key, given in said.items()} == {
            (shown.kind, shown.pair_id): answer
        }


def test_words_are_tried_added_counted_and_taken_out(tab: Tab, run: Path) -> None:
    page = tab("concepts")
    page.get_by_role("link", name="Add a concept").click()
    fill(
        page, "Words or phrases that give it away, one a line", "great\nbrilliant", "Control+Enter"
    )
    page.get_by_text("It would tell the sides of").wait_for()
    page.get_by_role("heading", name="Where it is found most").wait_for()
    fill(page, "Title", "Praise <i>words</i>")
    fill(page, "The response with more of it …", "praises you")
    fill(page, "The response with less of it …", "does not")
    button(page, "Add it").click()
    page.get_by_text("is added, and all findings are counted again").wait_for()
    page.get_by_text("The response that praises you").first.wait_for()
    assert own_ids(open_run(run)) == {"praise_i_words_i"}
    button(page, "Close").click()
    page.get_by_text("is added, and all findings").wait_for(state="detached")
    page = tab("concepts", concept="praise_i_words_i")
    page.get_by_role("heading", name="Praise <i>words</i>").wait_for()
    button(page, "Remove").click()
    button(page, "Remove it").click()
    page.get_by_text("was taken out").wait_for()
    assert own_ids(open_run(run)) == set()


def test_pairs_are_marked_by_keyboard_and_learned(tab: Tab, run: Path) -> None:
    opened = open_run(run)
    words = set(TRAITS["praise"].split())
    rows = {row["pair_id"]: row for row in opened.pair_table.iter_rows(named=True)}

    def key_for(pair_id: str) -> str:
        a, b = (len(words & set(rows[pair_id][f"response_{s}"].split())) for s in "ab")
        return "ArrowLeft" if a > b else "ArrowRight" if b > a else "n"

    page = tab("add", way="pairs")
    fill(page, "Title", "Praising")
    fill(page, "The response with more of it …", "praises")
    fill(page, "The response with less of it …", "leaves praise out")
    button(page, "Begin").click()
    page.get_by_text("0 of at least 20 pairs marked").wait_for()
    for count in range(1, 4):
        pair_id = page.locator("code").last.inner_text()
        press(page, key_for(pair_id), f"{count} of at least 20 pairs marked")
    press(page, "u", "2 of at least 20 pairs marked")
    page.reload()
    page.get_by_text("2 of at least 20 pairs marked").wait_for()
    for pair_id in list(rows)[:90]:
        mark_pair(opened, "praising", pair_id, MARKS[key_for(pair_id)])
    page.reload()
    page.get_by_text("models that did not see them agree with").wait_for()
    button(page, "Add it").click()
    page.get_by_text("is added, and all findings are counted again").wait_for()
    page.get_by_text("Learned from 9").wait_for()
    assert own_ids(open_run(run)) == {"praising"}
    assert read_drafts(open_run(run)) == {}


def praising(prompt: str, _: int) -> tuple[int, str]:
    """Answer as somebody who knows the planted words, asked which response praises."""
    if "Which response praises the user?" not in prompt:
        return 200, knowing(prompt)
    words = set(TRAITS["praise"].split())
    texts = [text for kind, text in BLOCK.findall(prompt) if kind != "PROMPT"]
    first, second = (len(words & set(text.split())) for text in texts)
    return 200, "1" if first > second else "2" if second > first else "0"


@pytest.fixture
def asked(run: Path) -> Iterator[str]:
    """Return the name of a run that names a language-model server, which is there."""
    server = Server(praising)
    made = make_run(run.parent, "asked", hostile_rows(300), llm=small(server))
    yield made.name
    server.close()


def test_a_question_to_a_language_model_is_asked_and_added(tab: Tab, run: Path, asked: str) -> None:
    page = tab("add", way="question", run=asked)
    page.get_by_text("in both orders").first.wait_for()
    fill(page, "Which response …?", "praises the user")
    fill(page, "Title", "Praising")
    fill(page, "The response with more of it …", "praises the user")
    fill(page, "The response with less of it …", "leaves praise out")
    above = page.get_by_text("spend it all the same")
    if above.count():
        above.click()
    button(page, "Ask and add it").click()
    page.get_by_text("is added, and all findings are counted again").wait_for()
    opened = open_run(run.parent / asked)
    assert own_ids(opened) == {"praising"}
    (own,) = opened.learned_concepts
    assert own.record["agreement"]["value"] > 0.7
    assert own.record["author"] == "llm:knowing"


def test_marks_by_chance_are_refused(tab: Tab, run: Path) -> None:
    opened, draw = open_run(run), random.Random(3)
    keep_draft(opened, Draft("chance", "is lucky", "is not", "Chance"))
    for pair_id in opened.pair_table["pair_id"].to_list()[:60]:
        mark_pair(opened, "chance", pair_id, draw.choice("AB"))
    page = tab("add", way="pairs")
    page.get_by_role("link", name="Go on with Chance").click()
    page.get_by_text("it has to be at least 60 %").wait_for()
    assert button(page, "Add it").count() == 0


@pytest.mark.parametrize("name", ["concepts", "check", "add"])
def test_pages_fit_a_narrow_screen(tab: Tab, run: Path, name: str) -> None:
    page = tab(name, 420, concept=often_found(run))
    shown = {"concepts": "Right when found", "check": "Formatted text", "add": "Title"}[name]
    page.get_by_text(re.compile(f"{shown}|of .* concepts")).first.wait_for()
    assert no_sideways(page)
