"""wimhf annotators and its page: planted tastes are told, and what is missing is said."""

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tests.app_run import make_run
from tests.conftest import TRAITS, toy_rows
from tests.ui.test_curate_command import told, wimhf
from wimhf.errors import RunError
from wimhf.run import annotators_of, open_run

APP = str(Path(__file__).resolve().parents[2] / "app.py")
PEOPLE = 24


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return runs: half of the annotators like praise, half do not; and one without names."""
    draw, praise = random.Random(0), set(TRAITS["praise"].split())
    rows = toy_rows(1200)
    for row in rows:
        number = draw.randrange(PEOPLE)
        row["annotator"] = f"worker {number}"
        a, b = (len(praise & set(row[f"response_{side}"].split())) for side in "ab")
        if a != b and draw.random() < 0.8:
            row["label"] = float((a > b) == (number % 2 == 0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("app") / "runs"
        make_run(folder, "people", rows)
        judged = [
            row | {"annotator": f"judge {who}"}
            | ({"label": 1 - row["label"]} if who == 2 and draw.random() < 0.3 else {})
            for row in toy_rows(120) for who in range(3)
        ]  # fmt: skip
        make_run(folder, "judged", judged)
        make_run(folder, "nobody", toy_rows(120))
        yield folder


def test_planted_tastes_are_told_without_the_annotators_ids(runs: Path) -> None:
    said = wimhf("annotators", runs / "people")
    assert f"The {PEOPLE} annotators differ in what they prefer, beyond chance" in said
    assert "better than the pooled ones" in said
    assert "points on average" in said
    assert "Annotator 1" in said
    assert "worker" not in said
    assert "worker" in wimhf("annotators", runs / "people", "--ids")


def test_the_most_subjective_feature_is_the_planted_one(runs: Path) -> None:
    found = told("annotators", runs / "people")
    first = found["features"][0]
    run = open_run(runs / "people")
    praise = run.sparse_codes.column(first["feature"])
    words = set(TRAITS["praise"].split())
    sides = run.pair_table.select("response_a", "response_b").iter_rows()
    lead = [len(words & set(a.split())) - len(words & set(b.split())) for a, b in sides]
    assert abs(pl.DataFrame({"x": praise, "y": lead}).corr()["y"][0]) > 0.5
    assert first["subjectivity_q"] < 0.05
    assert first["tau_low"] > 0
    assert {"id", "labels"} & set(found["annotators"][0]) == {"labels"}


def test_a_turned_pole_turns_what_annotators_weigh(runs: Path) -> None:
    run = open_run(runs / "people")
    before = annotators_of(run)
    feature = before.features["feature"][0]
    wimhf("curate", "feature", runs / "people", str(feature), "--flip-pole")
    after = annotators_of(open_run(runs / "people"))
    for table in ("features", "departures"):
        one, other = (
            getattr(view, table).filter(pl.col("feature") == feature) for view in (before, after)
        )
        low, high = ("low_taste", "high_taste") if table == "features" else ("low", "high")
        assert other[low].to_list() == [-x for x in one[high].to_list()]
    wimhf("curate", "undo", runs / "people")


def test_predictions_are_written_for_everybody(runs: Path, tmp_path: Path) -> None:
    wimhf("annotators", runs / "people", "--predict", tmp_path / "p.parquet", "--ids")
    table = pl.read_parquet(tmp_path / "p.parquet")
    run = open_run(runs / "people")
    assert len(table) == PEOPLE * len(run.pair_table)
    assert table["chance"].is_between(0, 1).all()
    own = table.join(run.pair_table.select("pair_id", "annotator", "label"),
                     on=["pair_id", "annotator"])  # fmt: skip
    assert ((own["chance"] > 0.5) == (own["label"] > 0.5)).mean() > 0.75


def test_without_names_it_is_said_and_nothing_is_written(runs: Path, tmp_path: Path) -> None:
    said = wimhf("annotators", runs / "nobody")
    assert "cannot be compared: the source names no annotators" in said
    for place, why in ((tmp_path, "is a folder"), (tmp_path / "no" / "p", "that is not there")):
        with pytest.raises(RunError, match=f"{why}.*--predict"):
            wimhf("annotators", runs / "people", "--predict", place)
    with pytest.raises(RunError, match="names no annotators"):
        wimhf("annotators", runs / "nobody", "--predict", tmp_path / "p.parquet")
    assert not (tmp_path / "p.parquet").exists()


def test_who_judged_the_same_is_compared_two_by_two(runs: Path) -> None:
    said = wimhf("annotators", runs / "judged")
    assert "How far they agree" in said
    assert "Annotator 1 and Annotator 2 agree most: 100%" in said
    assert "Krippendorff's alpha" in said
    assert "judge" not in said.replace("judged", "")
    assert "judge 0 and judge 1 agree most" in wimhf("annotators", runs / "judged", "--ids")
    rows = told("annotators", runs / "judged")["agreement"]
    assert [(row["first"], row["second"]) for row in rows] == [(0, 1), (0, 2), (1, 2)]
    assert 0.6 < rows[1]["agreement"] < 0.85
    assert "How far they agree" not in wimhf("annotators", runs / "people")


def test_the_page_shows_them_and_says_what_is_missing(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    testing = pytest.importorskip("streamlit.testing.v1", reason="the app is not installed")
    monkeypatch.setenv("WIMHF_RUNS", str(runs))
    monkeypatch.delenv("WIMHF_RUN", raising=False)

    def page(**params: str) -> str:
        app = testing.AppTest.from_file(APP, default_timeout=60)
        app.run()
        app.switch_page("wimhf/ui/app/pages/annotators.py")
        for key, value in params.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception, app.exception[0].value
        parts = (app.markdown, app.caption, app.subheader, app.header)
        return " ".join(str(part.value) for kind in parts for part in kind)

    said = page(run="people", annotator="3")
    assert "differ in what they prefer, beyond chance" in said
    assert "Annotator 4 against the pool" in said
    assert "How far they agree" not in said
    assert "Annotator 1 and Annotator 2 agree most" in page(run="judged")
    assert "judge 0 and judge 1 agree most" in page(run="judged", ids="true")
    assert "names no annotators" in page(run="nobody")
