"""What is known of every pair: what the conditions of rules look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from wimhf.base import Floats, Mask
from wimhf.data import UNIT, SourceRows
from wimhf.errors import EditError
from wimhf.run import CONCEPT, Codes, Feature


@dataclass(frozen=True)
class Facts:
    """The analysed pairs, as the source labels them.

    Attributes
    ----------
    pairs
        The pair table with the source's own labels.
    read_codes
        Gives the signed codes, which are read when a condition asks for them.
    features
        The features as people want them: names, poles, mutes, members.
    poles
        The described pole of every feature, merged ones included.
    suspicion
        (n,) chance that models which never saw the pair give the other label, 0 to 1; NaN where
        it cannot be told.
    suspect
        (n,) True where the label is taken for wrong.
    health
        item and pair_id, one row per finding and pair.
    source
        Gives the columns of the untouched rows.
    places
        Row of every pair id.
    sides_drawn
        True where sides A and B were drawn, so that neither means anything.
    """

    pairs: pl.DataFrame
    read_codes: Callable[[], Codes]
    features: tuple[Feature, ...]
    poles: Mapping[int, int]
    suspicion: Floats
    suspect: Mask
    health: pl.DataFrame
    source: Callable[[], SourceRows]
    places: Mapping[str, int]
    sides_drawn: bool = False

    @property
    def codes(self) -> Codes:
        """The signed codes."""
        return self.read_codes()

    @cached_property
    def label(self) -> Floats:
        """(n,) the source's labels, NaN where unlabelled."""
        return self.pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()

    @cached_property
    def consensus(self) -> Floats:
        """(n,) what most labels of the same prompt and responses say.

        1, 0 or, where as many say either, .5; NaN where a pair was labelled once. Ties are votes
        for neither side.
        """
        low = pl.col("response_a") <= pl.col("response_b")
        toward = pl.when(low).then("label").otherwise(1 - pl.col("label")).sub(0.5).sign()
        unit = pl.col("pair_id").str.head(UNIT)
        lead = toward.sum().over(unit).sign()
        told = self.pairs.select(
            pl.when(pl.col("label").count().over(unit) > 1)
            .then(0.5 + pl.when(low).then(lead).otherwise(-lead) / 2)
            .alias("label")
        )["label"]
        return told.fill_null(np.nan).to_numpy()

    def feature(self, named: int | str) -> Feature:
        """Return a feature by its id, its number or its name.

        Raises
        ------
        EditError
            If there is none, it is muted, or the name is several features'.
        """
        matches = [one for one in self.features if _is_named(one, named)]
        if not matches:
            known = [f"{one.id or one.feature} ({one.description})" for one in self.features[-3:]]
            raise EditError(
                f"there is no feature {named!r}; name one by its id, number or description, "
                f"such as {'; '.join(known)}"
            )
        concepts = [one for one in matches if one.kind == CONCEPT]
        if len(matches) > 1 and len(concepts) == 1:
            matches = concepts  # a discovered feature may be named after it
        if len(matches) > 1:
            numbers = ", ".join(str(one.feature) for one in matches)
            raise EditError(f"{named!r} is the name of features {numbers}; give the number")
        if matches[0].muted:
            raise EditError(f"feature {matches[0].feature} is muted; unmute it to use it in a rule")
        return matches[0]

    def lasting(self, written: Mapping[str, object]) -> dict[str, object]:
        """Return a written rule with concepts by their ids, which mean the same in every run."""
        out = {key: self._lasting(value) for key, value in written.items()}
        named = written.get("feature")
        if isinstance(named, (int, str)):
            one = self.feature(named)
            out["feature"] = one.id if one.kind == CONCEPT else named
        return out

    def _lasting(self, value: object) -> object:
        if isinstance(value, list):
            return [self._lasting(one) for one in value]
        return self.lasting(value) if isinstance(value, dict) else value

    def code(self, named: int | str) -> Floats:
        """Return the code (n,) of a feature in its described pole; merged features together."""
        return self.codes.together(self.poles, self.feature(named).whole)

    def column(self, name: str) -> Sequence[object]:
        """Return a column (n) of the pairs or, failing that, of the source's rows.

        Raises
        ------
        EditError
            If neither has it.
        """
        if name in self.pairs.columns:
            return self.pairs[name].to_list()
        source = self.source()
        if name not in source.names:
            others = sorted(source.names - set(self.pairs.columns))
            known = ", ".join([*self.pairs.columns, *others][:30])
            raise EditError(f"there is no column {name!r}; columns: {known}")
        return source.column(name, self.pairs["source_row"])


def _is_named(feature: Feature, named: int | str) -> bool:
    if isinstance(named, str) and named.strip().isdigit():
        named = int(named)
    if isinstance(named, int):
        return named in feature.whole
    if named.strip() == feature.id:
        return True
    names = (feature.description, feature.short, feature.found)
    return named.strip().casefold() in {name.casefold() for name in names if name}
