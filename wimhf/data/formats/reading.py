"""How the user says that a source is to be read, where it does not say so itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wimhf.base import ReadConfig
from wimhf.data.formats.roles import Roles

MEANT: Mapping[str, float | None] = {"a": 1.0, "b": 0.0, "tie": 0.5, "none": None}
"""The labels that a code can be said to mean."""


@dataclass(frozen=True)
class Reading:
    """What labels, roles and lists of answers mean.

    Attributes
    ----------
    codes
        Labels by the source's codes for them, as ``plain_code`` writes codes.
    roles
        Roles by what the source calls them, in lower case.
    pairs
        Which of several answers are compared: all, adjacent or best.
    spellings
        The codes as the user writes them.
    """

    codes: Mapping[str, float | None] = field(default_factory=dict)
    roles: Roles = field(default_factory=dict)
    pairs: str = "all"
    spellings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, label_map: Mapping[str, str], roles: Mapping[str, str], pairs: str = "all"
    ) -> Reading:
        """Return what the settings of these names say."""
        return cls(
            {plain_code(code): MEANT[meaning] for code, meaning in label_map.items()},
            {" ".join(name.split()).lower(): role for name, role in roles.items()},
            pairs,
            {plain_code(code): code for code in label_map},
        )

    @classmethod
    def configured(cls, config: ReadConfig) -> Reading:
        """Return what the settings of a run say."""
        return cls.of(config.label_map, config.roles, config.pairs)


def plain_code(value: object) -> str:
    """Return a label's code as it is compared: text without case and outer blanks, 1.0 as 1."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = " ".join(str(value).split()).lower()
    return text.removesuffix(".0") if text.removesuffix(".0").lstrip("-").isdigit() else text
