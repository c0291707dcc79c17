"""wimhf curate check: how many of a rule's pairs truly fit, before it is applied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from wimhf.ui.cli.asking import PROMPT_SHOWN, TEXT_SHOWN, ask_each, say_aside
from wimhf.ui.cli.curate_options import RULES, THEN, WHEN, WHO, WHY, Option, curating, rules_given
from wimhf.ui.cli.options import JSON, RUN

if TYPE_CHECKING:
    from wimhf.curate import Curation, Rule, RuleCheck


def check(
    run: RUN,
    rules: RULES = None,
    when: WHEN = None,
    then: THEN = None,
    why: WHY = "",
    pairs: Annotated[int, Option("--pairs", min=1, help="Pairs of each rule, at most.")] = 20,
    seed: Annotated[
        int | None, Option("--seed", min=0, help="What the pairs are drawn from [the run's].")
    ] = None,
    who: WHO = None,
    as_json: JSON = False,
) -> None:
    """Show pairs a rule selects, ask of each whether it fits, say how many do; edit nothing.

    Answer y, n, s (skip), u (undo) or q (quit); every answer is kept at once, and asked for once.
    What a pair is to fit is the rule's why, else its name, else its condition in words.
    """
    from wimhf.ui.cli.console import print_json

    with curating(run, who) as curation:
        given = [replace(one, why=one.why or why) for one in rules_given(rules, when, then, why)]
        going, told = True, []
        seed = curation.run.config.seed if seed is None else seed
        for rule in given:
            going = going and _asked(curation, rule, pairs, seed, who)
            told.append(_result(curation, rule, pairs, seed))
    if as_json:
        print_json({"rules": told})
        return
    for one in told:
        _print(one)


def _asked(curation: Curation, rule: Rule, count: int, seed: int, who: str | None) -> bool:
    """Ask about what is not answered yet, skipped pairs last; return whether to go on."""
    from wimhf.curate import record_rule_check, sample_rule

    sample = sample_rule(curation.state, rule, count, seed)
    skipped = [one for one in sample if one.answer is not None and one.answer.answer is None]
    asked = [one for one in sample if one.answer is None] + skipped
    return ask_each(
        asked,
        lambda one, number: _show(one, f"[{number}/{len(asked)}]"),
        lambda one, answer: record_rule_check(curation.run, one, answer, who),
    )


def _show(one: RuleCheck, place: str) -> None:
    from wimhf.ui.words.checks import rule_question
    from wimhf.ui.words.figures import ending, shortened

    say_aside(f"\n{place} {one.pair_id}", bold=True)
    wide = max(map(len, one.titles))
    say_aside(f"{'PROMPT':<{wide}} {ending(one.prompt, PROMPT_SHOWN)}")
    for title, text in zip(one.titles, (one.first, one.second), strict=True):
        say_aside(f"{title.upper():<{wide}} {shortened(text, TEXT_SHOWN)}")
    say_aside(rule_question(one.reason), bold=True)


def _result(curation: Curation, rule: Rule, count: int, seed: int) -> dict[str, Any]:
    from wimhf.curate import rule_checked, sample_rule

    sample = sample_rule(curation.state, rule, count, seed)
    checked = rule_checked(curation.state, rule)
    return {
        "rule": rule.to_dict(), "reason": sample[0].reason, "seed": seed,
        "selected": len(curation.select(rule)), "pair_ids": [one.pair_id for one in sample],
        "checked": None if checked is None else checked.to_dict(),
    }  # fmt: skip


def _print(told: dict[str, Any]) -> None:
    from wimhf.ui.cli.console import say
    from wimhf.ui.words.checks import rule_share

    drawn = len(told["pair_ids"])
    say(f"Does the pair fit: {told['reason']}?", "bold")
    say(f" {drawn:,} of the {told['selected']:,} pairs the rule selects, seed {told['seed']}")
    checked = told["checked"]
    if checked is None:
        say(" nobody has answered yet")
        return
    skipped = f"; {checked['skipped']} skipped" if checked["skipped"] else ""
    say(f" {rule_share(checked['hits'], checked['asked'], checked['low'])}{skipped}", "bold")
    say(" No label was changed; preview, apply and the change card show this for the same rule.",
        "dim")  # fmt: skip
