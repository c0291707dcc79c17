"""A user's own concepts describe features."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import toy_rows, write_rows

OWN = """
[[concept]]
id = "names_a_flower"
more = "names a flower"
less = "names no flower"
words = ["tulip", "rose bush"]
"""


def test_an_own_concept_names_a_feature_and_a_changed_file_describes_again(
    analyze_toy: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "own.toml"
    words = '["sorry", "unable", "decline"]'
    file.write_text(
        OWN.replace('["tulip", "rose bush"]', words).replace("names a flower", "begs off")
    )
    source = write_rows(tmp_path / "toy.jsonl", toy_rows(400))
    run = analyze_toy(source, describe={"concepts": [str(file)]})
    table = run.folder.read_table("descriptions.parquet").filter("won")
    assert "begs off" in " ".join(table["description"].drop_nulls())
    file.write_text(file.read_text().replace("begs off", "bows out"))
    again = analyze_toy(source, describe={"concepts": [str(file)]})
    assert "bows out" in " ".join(again.features["description"].drop_nulls())
