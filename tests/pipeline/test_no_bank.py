"""Without the packaged concepts: own ones are counted, everything else is there."""

from __future__ import annotations

from pathlib import Path

import wimhf
from tests.conftest import TRAITS, ToyEncoder, toy_config, toy_rows, write_rows
from tests.ui.test_curate_command import wimhf as command
from wimhf.ui.report import render_report

OWN = """
[[concept]]
id = "praises_you"
more = "praises the user"
less = "leaves praise out"
words = [{words}]
"""


def test_without_the_bank_own_concepts_are_counted_alone(tmp_path: Path) -> None:
    source, file = write_rows(tmp_path / "rows.jsonl", toy_rows(160)), tmp_path / "own.toml"
    file.write_text(OWN.format(words=", ".join(f'"{w}"' for w in TRAITS["praise"].split())))
    describe = {"bank": False, "concepts": [str(file)]}
    run = wimhf.analyze(source, tmp_path / "run", toy_config(describe=describe),
                        encoder=ToyEncoder())  # fmt: skip
    assert list(run.concept_numbers) == ["praises_you"]
    assert run.features.filter(run.features["kind"] == "discovered").height == 8
    assert "praises the user" in render_report(run)
    assert "Audit of" in command("audit", run.path)


def test_without_any_concept_the_dictionary_speaks_alone(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "rows.jsonl", toy_rows(160))
    run = wimhf.analyze(source, tmp_path / "run", toy_config(describe={"bank": False}),
                        encoder=ToyEncoder())  # fmt: skip
    assert set(run.features["kind"]) == {"discovered"}
    assert "Audit of" in command("audit", run.path)
    assert "</html>" in render_report(run)
