"""What the stages of a run saved, each file read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, overload

import polars as pl
from scipy import sparse

from wimhf.base import Config, Floats32
from wimhf.concepts import Concept
from wimhf.run import facts as recorded
from wimhf.run.codes import Codes
from wimhf.run.concepts import CONCEPTS, COUNTED, RunConcepts, concept_codes, read_concepts
from wimhf.run.folder import RunFolder
from wimhf.run.log import EditLog
from wimhf.run.manifest import Manifest, ManifestData, RunLock

Known = TypeVar("Known")
Files = dict[str, "Future[object]"]
"""What was read of a run's files, by their names, or is being read."""


class SavedRun:
    """What the stages of a run saved, whatever people changed since.

    Attributes
    ----------
    folder, manifest, log
        Its files, what is done, and what people changed.
    lock
        Who writes it.
    """

    def __init__(self, path: Path, data: ManifestData) -> None:
        self.path = path
        self.folder = RunFolder(path)
        self.manifest = Manifest(self.folder, data)
        self.log = EditLog(path)
        self.lock = RunLock(path)
        self._saved: Files = {}
        self._derived: dict[
            str, tuple[object, object]
        ] = {}  # by name, with what it was derived from

    def __repr__(self) -> str:
        done = [name for name in self.manifest.stages if self.manifest.done(name)]
        return f"{type(self).__name__}({str(self.path)!r}, done={done})"

    @property
    def config(self) -> Config:
        """The settings the run was made with."""
        return self.manifest.config

    @overload
    def facts(self, stage: Literal["read"]) -> recorded.ReadFacts: ...
    @overload
    def facts(self, stage: Literal["embed"]) -> recorded.EmbedFacts: ...
    @overload
    def facts(self, stage: Literal["dictionary"]) -> recorded.DictionaryFacts: ...
    @overload
    def facts(self, stage: Literal["name"]) -> recorded.NameFacts: ...
    @overload
    def facts(self, stage: Literal["score", "llm", "judge"]) -> recorded.ModelFacts: ...
    @overload
    def facts(self, stage: Literal["suspects"]) -> recorded.SuspectFacts: ...
    def facts(self, stage: str) -> Any:
        """Return what a stage recorded about itself; empty where it has not run."""
        return self.manifest.facts(stage)

    def finish(
        self,
        stage: str,
        input_hash: str,
        outputs: list[str],
        facts: Mapping[str, object],
        cost: Mapping[str, float],
    ) -> None:
        """Record that a stage is done, and forget what was read of its files."""
        self.manifest.finish(stage, input_hash, outputs, facts, cost)
        self._saved.clear()
        self._derived.clear()

    def share(self, files: Files) -> None:
        """Keep what is read of its files where other objects of the same run keep theirs."""
        self._saved = files

    # -- files, each read once -----------------------------------------------------------------

    @property
    def pair_table(self) -> pl.DataFrame:
        """The accepted pairs, with each pair's component and split."""
        return self.table("pairs.parquet")

    @property
    def rejects(self) -> pl.DataFrame:
        """Every row left out: source_row, reason, detail."""
        return self.folder.read_table("rejects.parquet")

    def table(self, name: str) -> pl.DataFrame:
        """Return a table that a stage saved; it is read once."""
        return self._once(name, lambda: self.folder.read_table(name))

    @property
    def concepts(self) -> RunConcepts:
        """The concepts that were counted; none in a run of before there were any."""
        if not self.manifest.done("concepts"):
            return RunConcepts()
        return self._once(CONCEPTS, lambda: read_concepts(self.folder))

    @property
    def concept_numbers(self) -> dict[str, int]:
        """The numbers of the concepts that are features, by their ids."""
        first = self.n_discovered if self.concepts.features else 0
        return {one.concept.id: first + at for at, one in enumerate(self.concepts.features)}

    @property
    def n_discovered(self) -> int:
        """How many features the dictionary has; concepts are numbered from there."""
        return self.facts("dictionary")["shape"][1]

    @property
    def sparse_codes(self) -> Codes:
        """The signed codes of all features (poles not applied), concepts behind discovered ones."""

        def read() -> Codes:
            n = self.facts("dictionary")["shape"][0]
            found, concepts = self.discovered_codes(), len(self.concepts.features)
            if not concepts:
                return found
            return found.beside(concept_codes(self.folder.read_table(COUNTED), n, concepts))

        return self._once("codes.parquet", read)

    def code_of(self, feature: int) -> pl.DataFrame:
        """Return one feature's code as pair (row) and value, zeros left out, nothing else read.

        Its pole is not applied.
        """
        file, column, number = "codes.parquet", "feature", feature
        if feature >= self.n_discovered:
            file, column, number = COUNTED, "concept", feature - self.n_discovered
        own = self.folder.scan_table(file).filter(pl.col(column) == number)
        return own.select(pl.col("pair").cast(pl.Int64), pl.col("value").cast(pl.Float64)).collect()

    def codes(self) -> Floats32:
        """Return the signed codes (n, m) of all features as one array (poles not applied)."""
        return self.sparse_codes.dense()

    def concept_columns(self) -> tuple[tuple[Concept, ...], sparse.csc_array]:
        """Return the concepts that tell enough pairs apart, and (n, c) their odd values, unscaled.

        Those that are held as controls are among them.
        """
        table = self.folder.read_table(COUNTED)
        return self.concepts.columns(table, len(self.pair_table))

    def discovered_codes(self) -> Codes:
        """Return the signed codes (n, m) as the dictionary gives them."""
        return Codes(self.folder.read_table("codes.parquet"), self.facts("dictionary")["shape"])

    def _once(self, name: str, read: Callable[[], Known]) -> Known:
        """Return what is read of a file; who comes while another reads it waits for that."""
        own: Future[object] = Future()
        kept = self._saved.setdefault(name, own)
        if kept is own:
            try:
                own.set_result(read())
            except BaseException as error:
                self._saved.pop(name, None)  # the next one tries again
                own.set_exception(error)
        return cast("Known", kept.result())

    def _derive(self, name: str, source: object, make: Callable[[], Known]) -> Known:
        """Return what is derived from a state of the log, computed once for that state."""
        kept = self._derived.get(name)
        if kept is None or kept[0] != source:
            self._derived[name] = kept = (source, make())
        return cast("Known", kept[1])
