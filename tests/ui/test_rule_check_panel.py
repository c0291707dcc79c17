"""A rule's pairs are checked beside its preview, without a browser."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("streamlit", reason="the app is not installed")

from tests.ui.test_app_curate import Open, c, made, page, press, ran, runs  # noqa: F401
from tests.ui.test_app_curate import told as escaped
from wimhf.curate import Curation, rule_checked, sample_rule
from wimhf.ui.app.rule_draft import compact, mark

RULE = {"when": {"text": "water"}, "then": "drop"}


def told(app: Any) -> str:
    return escaped(app).replace("\\", "")


def shown(**more: str) -> dict[str, str]:
    """Return the URL of a rule that is previewed."""
    seen = mark(compact([RULE]), 0, anyway=False)
    return {"rule": json.dumps(RULE), "shown": seen, **more}


def answered(app: Any, *names: str) -> Any:
    for name in names:
        next(button for button in app.button if button.label == name).click()
        app = ran(app)
    return app


def test_pairs_are_checked_before_the_rule_is_applied(page: Open, c: Curation) -> None:  # noqa: F811
    app = page("curate", **shown())
    assert "Nobody has looked yet" in told(app)
    app = press(app, "_check_open")
    sample = sample_rule(c.state, RULE, 20)
    assert "Does this pair fit the rule's reason: text = water" in told(app)
    assert sample[0].pair_id in told(app)
    app = answered(app, "Yes", "No", "Skip", "Yes")
    assert sample[4].pair_id in told(app)
    assert "Checked by hand: 2 of 3 pairs, at least 21 % truly fit" in told(app)
    assert "4 of 20 pairs, drawn with seed" in app.get("progress")[0].proto.text
    app = answered(app, "Undo")
    assert sample[3].pair_id in told(app)
    assert "1 of 2 pairs" in told(app)
    later = page("curate", **shown(check="1"))
    found = rule_checked(c.state, RULE)
    assert found is not None
    assert (found.hits, found.asked) == (1, 2)
    assert c.run.log.edits() == ()
    assert c.changed.is_empty()
    later = press(later, "_apply")
    assert "Applied as edit 1" in told(later)
    assert "It was checked by hand: 1 of 2 pairs" in told(later)


def test_the_export_page_shapes_margins_and_says_how(page: Open) -> None:  # noqa: F811
    plain = page("export", target="trl")
    assert "margin" not in plain.dataframe[0].value.columns
    app = page("export", target="trl", margin="shaped", scale="0.5")
    assert "margin" in app.dataframe[0].value.columns
    assert "margin = 0.5 x (s(chosen) - s(rejected))" in told(app)
    assert not any(box.label == "Margin" for box in page("export", target="openai").selectbox)


def test_the_end_offers_the_skipped_ones(page: Open, c: Curation) -> None:  # noqa: F811
    count = len(sample_rule(c.state, RULE, 20))
    app = answered(page("curate", **shown(check="1")), "Skip", *["Yes"] * (count - 1))
    assert "1 pair was skipped" in told(app)
    app = press(app, "_over")
    app = answered(app, "No")
    assert "All of these are answered" in told(app)
    app = press(app, "_undo_end")
    assert f"{count - 1} of {count} pairs" in app.get("progress")[0].proto.text


def test_another_why_is_another_question(page: Open, c: Curation) -> None:  # noqa: F811
    app = answered(page("curate", **shown(check="1")), "Yes")
    app.text_input(key="_why").input("it wastes water")
    app = ran(app)
    assert "fit the rule's reason: it wastes water" in told(app)
    assert "0 of 20 pairs" in app.get("progress")[0].proto.text
