"""Owning a feature: what people say of it becomes an edit."""

from __future__ import annotations

from collections.abc import Mapping

from wimhf.errors import EditError
from wimhf.run import KEYS, Edit, Override, Run

KINDS = {"note": str, "short": str, "description": str, "muted": bool, "pinned": bool,
         "flipped": bool}  # fmt: skip
LONGEST = 500
"""Characters of a name or note."""
NOTHING = Override()


def own_feature(
    run: Run, feature: int | str, words: Mapping[str, object], who: str | None, why: str
) -> Edit:
    """Record what somebody says of a feature; see ``Curation.own``."""
    new = {("description" if key == "name" else key): value for key, value in words.items()}
    unknown = set(new) - set(KEYS) | ({"merged_sign"} & set(new))
    if unknown or not new:
        raise EditError(
            f"a feature has no {', '.join(sorted(unknown)) or 'such thing'}; say name, short, "
            "note, muted, pinned, flipped or merged_into"
        )
    with run.log.writing() as write:
        number = _number(run, feature)
        _check_member(run, number, new)
        new |= {key: _checked(key, value) for key, value in new.items() if key != "merged_into"}
        if "merged_into" in new:
            new["merged_into"] = head = _head(run, number, new["merged_into"])
            new["merged_sign"] = _agreeing(run, number, head)
        _check_name(run, number, new.get("description"))
        if new.get("description") is not None and new.get("short") is None:
            new["short"] = None  # the describer's short label speaks of its own name
        before = run.overrides.get(number, NOTHING)
        data = {
            "feature": _lasting(run, number),
            "dictionary": run.dictionary,
            "old": {key: getattr(before, key) for key in new},
            "new": new,
        }
        if data["old"] == new:
            raise EditError(f"feature {number} is so already; nothing was changed")
        if isinstance(into := new.get("merged_into"), int):
            data["new"] = new | {"merged_into": _lasting(run, into)}
        edit = write("feature", data, who, why)
        if "merged_into" in new:
            run.merges.keep()
        return edit


def _lasting(run: Run, number: int) -> int | str:
    """Return what a feature is known by in the log: a concept's id means the same in every run."""
    return next((name for name, own in run.concept_numbers.items() if own == number), number)


def _number(run: Run, feature: int | str) -> int:
    """Return the number of a feature by its number or name; merged and muted ones count too."""
    tables = (run.features_as_found, run.features)
    rows = [row for table in tables for row in table.select("feature", "description").iter_rows()]
    wanted = str(feature).strip().casefold()
    if wanted in run.concept_numbers:
        return run.concept_numbers[wanted]
    matches = {number for number, _ in rows if wanted == str(number)} or {
        number for number, name in rows if wanted == (name or "").casefold()
    }
    concepts = matches & set(run.concept_numbers.values())
    if len(matches) > 1 and len(concepts) == 1:
        matches = concepts  # a discovered feature may be named after it
    if len(matches) != 1:
        raise EditError(
            f"there is no one feature {feature!r}; name it by its id or its number, 0 to "
            f"{len(run.features_as_found) - 1}"
        )
    return int(matches.pop())


def _checked(key: str, value: object) -> object:
    kind = KINDS[key]
    if value is None:
        return None
    if not isinstance(value, kind):
        raise EditError(f"{key} is {value!r}; expected {kind.__name__}")
    if not isinstance(value, str):
        return value
    text = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if not text or len(text) > LONGEST:
        raise EditError(f"{key} has {len(text)} characters; give 1 to {LONGEST}")
    return text


def _check_member(run: Run, feature: int, new: Mapping[str, object]) -> None:
    """Refuse what would not show: a merged feature has no row of its own."""
    head = run.overrides.get(feature, NOTHING).merged_into
    if head is not None and set(new) != {"merged_into"}:
        raise EditError(
            f"feature {feature} is merged into {head}; say it of {head}, or take it out first "
            "with merged_into None (--merge-into none)"
        )


def _check_name(run: Run, feature: int, name: object) -> None:
    """Refuse a name by which another feature is known."""
    if not isinstance(name, str):
        return
    taken = [
        one.feature for one in run.feature_rows
        if one.feature != feature and name.casefold() in {
            (known or "").casefold() for known in (one.description, one.short)
        }
    ]  # fmt: skip
    if name.isdigit() or taken:
        whose = f"feature {taken[0]} has it" if taken else "it would be taken for a number"
        raise EditError(f"feature {feature} cannot be named {name!r}: {whose}; give another name")


def _agreeing(run: Run, feature: int, head: int | None) -> int | None:
    """Return how a feature's pole as found relates to its head's, as both are described now."""
    if head is None:
        return None
    turned = [bool(run.overrides.get(number, NOTHING).flipped) for number in (feature, head)]
    return -1 if turned[0] != turned[1] else 1


def _head(run: Run, feature: int, into: object) -> int | None:
    """Return the feature another is merged into: one that is itself merged into none."""
    if into is None:
        return None
    if not isinstance(into, (int, str)):
        raise EditError(f"merged_into is {into!r}; expected a feature's number or name")
    head = _number(run, into)
    if head == feature:
        raise EditError(f"feature {feature} cannot be merged into itself")
    above = run.overrides.get(head, NOTHING).merged_into
    if above is not None:
        raise EditError(f"feature {head} is merged into {above}; merge into {above} instead")
    below = [number for number, own in run.overrides.items() if own.merged_into == feature]
    if below:
        raise EditError(
            f"features {', '.join(map(str, below))} are merged into {feature}; take them out first"
        )
    return head
