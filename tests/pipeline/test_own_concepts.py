"""Own concepts of a run: features like the others, kept whole, gone when taken out."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import wimhf
from tests.conftest import TRAITS, ToyEncoder, write_rows
from tests.llm_server import BLOCK, Server, serving
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from tests.ui.test_curate_command import told
from tests.ui.test_curate_command import wimhf as command
from wimhf.base import LlmConfig
from wimhf.errors import ConfigError, EstimationError, RunError, WimhfError
from wimhf.pipeline import Named, add_by_examples, add_by_question, add_written, remove_concept
from wimhf.run.opening import open_run
from wimhf.run.own_concepts import FOLDER
from wimhf.run.run import Run

NAMED = Named("praises_you", "praises the user", "leaves praise out")


def leads(run: Run, trait: str) -> np.ndarray:
    """Return which response of every pair has more of a planted trait: 1, 0 or -1."""
    words = set(TRAITS[trait].split())
    sides = run.pair_table.select("response_a", "response_b").iter_rows()
    return np.array([np.sign(len(words & {*a.split()}) - len(words & {*b.split()}))
                     for a, b in sides])  # fmt: skip


def marks_for(run: Run, lead: np.ndarray, n: int = 120) -> dict[str, str]:
    ids = run.pair_table["pair_id"].to_list()
    said = {1: "A", -1: "B", 0: "neither"}
    return {ids[row]: said[int(lead[row])] for row in range(n)}


def column(run: Run, name: str) -> np.ndarray:
    return run.sparse_codes.column(run.concept_numbers[name])


def kept_files(run: Run) -> dict[str, bytes]:
    return {place.name: place.read_bytes() for place in sorted((run.path / FOLDER).glob("[!.]*"))}


@pytest.fixture
def server() -> Iterator[Callable[..., Server]]:
    yield from serving()


def praising(prompt: str, _: int) -> tuple[int, str]:
    """Answer as somebody who knows the words of praise."""
    assert "Which response praises the user?" in prompt
    words = set(TRAITS["praise"].split())
    texts = [text for kind, text in BLOCK.findall(prompt) if kind != "PROMPT"]
    first, second = (len(words & set(text.split())) for text in texts)
    return 200, "1" if first > second else "2" if second > first else "0"


def test_a_written_one_is_a_feature_like_others_and_goes_without_trace(
    toy_run: Run, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    before = toy_run.features
    run = add_written(toy_run, NAMED, ["great", "brilliant"], [r"wonder\w+"])
    row = open_run(run.path).features.filter(run.features["id"] == "praises_you").to_dicts()[0]
    assert (row["kind"], row["area"], row["short"]) == ("concept", "own", "Praises you")
    assert row["description"] == "praises the user"
    assert row["effect"] > 10
    np.testing.assert_array_equal(np.sign(column(run, "praises_you")), leads(run, "praise"))
    again = wimhf.analyze(run.config.read.source, run.path, config=run.config,
                          encoder=ToyEncoder())  # fmt: skip
    assert "praises_you" in again.concept_numbers
    remove_concept(again, "praises_you")
    assert again.features.equals(before)
    with pytest.raises(ConfigError, match="no own concept 'praises_you'; its own are: none"):
        remove_concept(again, "praises_you")


def test_one_learned_from_examples_is_what_was_marked(toy_run: Run) -> None:  # noqa: F811
    lead = leads(toy_run, "praise")
    dictionary = toy_run.manifest.sha256("dictionary", "dictionary.safetensors")
    run = add_by_examples(toy_run, NAMED, marks_for(toy_run, lead), "ann")
    (own,) = open_run(run.path).learned_concepts
    assert own.record["agreement"]["value"] > 0.8
    assert (own.record["author"], own.record["by"], own.record["marked"]) == (
        "ann",
        "examples",
        120,
    )
    values = column(run, "praises_you")
    there = (values != 0) & (lead != 0)
    assert (np.sign(values) == lead)[there].mean() > 0.8
    found, silent = (values != 0)[lead != 0].mean(), (values == 0)[lead == 0].mean()
    assert (found + silent) / 2 > 0.7
    row = run.features.filter(run.features["id"] == "praises_you").to_dicts()[0]
    assert row["kind"] == "concept"
    assert row["effect"] > 10
    assert run.manifest.sha256("dictionary", "dictionary.safetensors") == dictionary
    assert not any("praises" in (said or "") for said in run.features.filter(
        run.features["kind"] == "discovered")["description"])  # fmt: skip
    turned = {key: {"A": "B", "B": "A"}.get(mark, mark) for key, mark in
              marks_for(run, lead).items()}  # fmt: skip
    add_by_examples(run, NAMED, turned, "ann", force=True)
    np.testing.assert_allclose(column(run, "praises_you"), -values, rtol=1e-3, atol=1e-4)


def test_marks_by_chance_are_refused_and_nothing_is_kept(toy_run: Run) -> None:  # noqa: F811
    lead = np.random.default_rng(0).choice([-1, 1], 400)
    with pytest.raises(EstimationError, match="held-out agreement"):
        add_by_examples(toy_run, NAMED, marks_for(toy_run, lead))
    assert not (toy_run.path / FOLDER).exists()
    assert toy_run.manifest.done("concepts")


def test_one_that_is_asked_of_a_model_in_both_orders(
    toy_run: Run, server: Callable[..., Server]  # noqa: F811
) -> None:  # fmt: skip
    there = server(praising)
    config = LlmConfig(model="knowing", base_url=there.url)
    run = add_by_question(toy_run, NAMED, "praises the user?", config, 160)
    assert len(set(there.prompts)) == len(there.prompts) <= 320
    (own,) = run.learned_concepts
    assert own.concept.learned.startswith("question:")
    assert own.record["agreement"]["value"] > 0.8
    assert own.record["author"] == "llm:knowing"
    assert abs(own.record["leakage"]) < 0.2
    lead = leads(run, "praise")
    answers = dict(zip(run.pair_table["pair_id"], (1 + lead) / 2, strict=True))
    assert all(own.record["answers"][key] == answers[key] for key in own.record["answers"])
    values = column(run, "praises_you")
    assert (np.sign(values) == lead)[(values != 0) & (lead != 0)].mean() > 0.8
    first = server(lambda *_: (200, "1"))
    with pytest.raises(EstimationError, match="0 of them name a side"):
        add_by_question(
            run, Named("x", "y", "z"), "praises", LlmConfig(model="m", base_url=first.url)
        )


def test_nothing_is_half_written(
    toy_run: Run, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    run = add_by_examples(toy_run, NAMED, marks_for(toy_run, leads(toy_run, "praise")))
    kept, values = kept_files(run), column(run, "praises_you")

    def full(self: object, name: str, *_: object) -> str:
        raise RunError(f"{name}: full")

    monkeypatch.setattr("wimhf.run.folder.RunFolder.write_json", full)
    with pytest.raises(RunError, match="full"):
        add_by_examples(run, NAMED, marks_for(run, leads(run, "refusal")), force=True)
    monkeypatch.undo()
    assert kept.items() <= kept_files(run).items()
    again = open_run(run.path)
    assert [one.concept.id for one in again.learned_concepts] == ["praises_you"]
    np.testing.assert_array_equal(column(again, "praises_you"), values)
    assert not again.lock.path.joinpath(".lock").is_dir()


def test_one_learned_of_other_pairs_is_left_out_and_said(
    toy_run: Run  # noqa: F811
) -> None:  # fmt: skip
    run = add_by_examples(toy_run, NAMED, marks_for(toy_run, leads(toy_run, "praise")))
    settings = run.config.to_dict()
    settings["read"]["limit"] = 300
    said: list[str] = []
    again = wimhf.analyze(
        run.config.read.source, run.path, config=type(run.config).from_dict(settings),
        encoder=ToyEncoder(), progress=lambda event: said.append(event.message),
    )  # fmt: skip
    assert "praises_you" not in again.concept_numbers
    assert any("praises_you was learned of other pairs; add it again" in line for line in said)
    (row,) = again.learned_concepts
    assert row.values is None


def test_the_commands(toy_run: Run, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "marks.jsonl"
    marks = marks_for(toy_run, leads(toy_run, "refusal"))
    write_rows(file, [{"pair_id": key, "more": mark} for key, mark in marks.items()])
    base = ("concepts", "add", toy_run.path, "--more", "begs off", "--less", "takes it on", "-q")
    done = told(*base, "--id", "begs_off", "--examples", file)
    assert done["effect"] < -10
    assert done["learned"]["agreement"]["value"] > 0.8
    said = command(*base, "--id", "declines", "--words", "decline, unable", "--title", "Declines")
    assert "declines tells the sides of" in said
    assert "The response that begs off wins" in said
    listed = {row["id"]: row for row in told("concepts", toy_run.path, "-q")["concepts"]}
    assert listed["begs_off"]["area"] == listed["declines"]["area"] == "own"
    assert listed["declines"]["wins"]["value"] < 0.4
    with pytest.raises(ConfigError, match="has an own concept 'declines'; take its place"):
        command(*base, "--id", "declines", "--words", "sorry")
    command("concepts", "remove", toy_run.path, "declines", "-q")
    assert "declines" not in open_run(toy_run.path).concept_numbers


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say what gives it away by one of"),
        (("--words", "a", "--question", "b"), "by one of"),
        (("--question", "is warm"), "name it with --llm MODEL"),
        (
            (
                "--pattern",
                "(",
            ),
            "is no Rust regex",
        ),
        (("--words", " , "), "nothing to look for"),
        (("--examples", "absent.jsonl"), "absent.jsonl cannot be read"),
        (("--examples", "bad.jsonl"), "bad.jsonl line 2 is no example"),
        (("--examples", "twice.jsonl"), "twice.jsonl line 2: pair x is marked twice"),
        (("--examples", "strange.jsonl"), "has no pair 'x'"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(
    toy_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,  # noqa: F811
    words: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    line = json.dumps({"pair_id": "x", "more": "A"}) + "\n"
    Path("bad.jsonl").write_text(line + "{}\n")
    Path("twice.jsonl").write_text(2 * line)
    Path("strange.jsonl").write_text(line)
    with pytest.raises(WimhfError, match=said) as caught:
        command("concepts", "add", toy_run.path, "--id", "own", "--more", "a", "--less", "b", "-q",
                *words)  # fmt: skip
    assert "\n" not in str(caught.value)
    assert not (toy_run.path / FOLDER).exists()


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (Named("Not Snake", "a", "b"), "not snake_case"), (Named("x", "a", "a"), "say the same"),
        (Named("flatters_user", "a", "b"), "in the bank"), (Named("../x", "a", "b"), "snake_case"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused(
    toy_run: Run, named: Named, said: str  # noqa: F811
) -> None:  # fmt: skip
    if named.id == "flatters_user":
        named = Named(toy_run.bank[0].id, "a", "b")
    for add in (
        lambda: add_written(toy_run, named, ["x"]),
        lambda: add_by_examples(toy_run, named, {}),
        lambda: add_by_question(toy_run, named, "x", LlmConfig(model="m")),
    ):
        with pytest.raises(ConfigError, match=said):
            add()
    assert not (toy_run.path / FOLDER).exists()
