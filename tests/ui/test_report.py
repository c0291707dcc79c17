"""Laws of the HTML report, on small run folders made by hand."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.base.config import Config
from wimhf.errors import RunError, WimhfError
from wimhf.run.opening import create_run, open_run
from wimhf.run.run import Run
from wimhf.ui.report import page as report_page
from wimhf.ui.report import render_markdown, render_report, write_report
from wimhf.ui.report.examples import SHORTER, fitting_examples
from wimhf.ui.words.features import ordered
from wimhf.ui.words.findings import sentence
from wimhf.ui.words.scale import round_scale

EVIL = (
    """</pre></script><script>alert('x')</script></style>"""
    """<img src="http://evil.example/x" onerror='y'>"""
)
RTL = "مرحبا بالعالم 👩‍👩‍👧 ok"
REASON = "every label is a tie"


def feature(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "feature": number, "description": "apologises more; is shorter", "author": "lexical",
        "pole": 1, "understood": True, "reason": None, "fidelity": 0.45, "fidelity_low": 0.31,
        "fidelity_high": 0.55, "fidelity_p": 0.001, "sign_accuracy": 0.8, "active_test": 12,
        "prevalence": 0.21, "energy": 0.1, "n_active": 40, "win_rate": 61.0, "beta": 0.2,
        "se": 0.04, "p": 0.0001, "q": 0.0004, "bonferroni": True, "effect": 8.8,
        "effect_low": 4.7, "effect_high": 12.6, "joint_beta": 0.1, "joint_se": 0.05,
        "joint_p": 0.04, "effect_reason": None, "path_rank": number + 1,
        "selection_frequency": 0.8, "heterogeneity_p": 0.4, "heterogeneity_q": 0.7, "flip_p": 0.9,
        "flip_q": 0.9, "flips": False, "heterogeneity_reason": None,
    }  # fmt: skip
    return row | changes


NO_EFFECT = dict.fromkeys(
    ("n_active", "win_rate", "beta", "se", "p", "q", "bonferroni", "effect", "effect_low",
     "effect_high", "joint_beta", "joint_se", "joint_p")
)  # fmt: skip
FEATURES = [
    feature(0),
    feature(1, description="hedges more", flips=True, flip_q=0.01, heterogeneity_q=0.002,
            effect=-12.3, effect_low=-15.1, effect_high=-9.4),
    feature(2, description="is longer", effect=0.6, effect_low=-3.0, effect_high=4.2, q=0.8),
    feature(3, understood=False, reason="fidelity is below 0.15", fidelity=0.04),
    feature(4, **NO_EFFECT, effect_reason="active in only 3 labelled pairs"),
    feature(5, understood=False, description=None, author=None, fidelity=None, fidelity_low=None,
            fidelity_high=None, fidelity_p=None, sign_accuracy=None, reason="nothing goes with it"),
]  # fmt: skip
PAIRS = [
    ("How?", "sorry, I will not", "take the train", 1.0),
    ("How?", EVIL, "plain words", 0.0),
    (EVIL, "no", "x " * 2_000, 0.5),
    ("long " * 400, RTL, "hello world", None),
    ("", "a\n  b", "a b", 0.7),
]
SUMMARY: dict[str, Any] = {
    "n_labelled": 4, "n_unlabelled": 1, "n_ties": 1, "n_fractional": 1, "n_zero_weight": 0,
    "folds": 5, "controls": ["length"], "joint_reason": None,
    "auc": {
        name: {"value": 0.6 + n / 50, "low": 0.55, "high": 0.71}
        for n, name in enumerate(
            ("length", "features", "features + length", "dense", "dense + length")
        )
    },
    "auc_recovered": {"value": 0.86, "low": 0.77, "high": 0.96},
    "alerts": [
        {"feature": 1, "concept": "x", "area": "safety", "rewards": EVIL, "why": EVIL,
         "effect": 12.3, "low": 9.4, "high": 15.1, "q": 0.001},
    ],
    "path": {
        "penalties": [0.1, 0.05, 0.01], "chosen": 1, "n_chosen": 1,
        "beta": [[0.0] * 6, [0.2, *[0.0] * 5], [0.3, -0.2, 0.1, 0.0, 0.0, 0.0]],
    },
    "subsets": {
        "by": "domain", "notes": ["1 of 3 values of domain are left out"], "reason": None,
        "subsets": [{"name": EVIL, "pairs": 1234}, {"name": "poems", "pairs": 60}],
    },
}  # fmt: skip
HEALTH: dict[str, Any] = {
    "counts": {"ok": 1, "note": 0, "warning": 0, "serious": 1},
    "groups": {
        "Labels": [
            {"title": "Ties", "severity": "ok", "said": "0 of 5 pairs are ties", "advice": ""},
            {"title": EVIL, "severity": "serious", "said": EVIL, "advice": "mend it"},
        ],
        "Texts": [],
    },
}
UNESTIMABLE = {key: value for key, value in SUMMARY.items() if key.startswith("n_")} | {
    "reason": REASON
}


def subset_effects(features: int) -> pl.DataFrame:
    rows = [
        {
            "feature": number, "subset": subset, "n_active": 30, "effect": effect,
            "effect_low": effect - 4.0, "effect_high": effect + 4.0, "effect_reason": None,
        }
        for number in range(features)
        for subset, effect in ((EVIL, 14.5), ("poems", -13.5))
    ]  # fmt: skip
    return pl.DataFrame(rows)


def make_run(
    path: Path,
    *,
    features: list[dict[str, Any]] | None = None,
    summary: dict[str, Any] | None = None,
    read: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
) -> Run:
    settings = Config().to_dict() | (config or {})
    settings["read"] = Config().to_dict()["read"] | {"source": "data/my pairs.jsonl"}
    run = create_run(path, Config.from_dict(settings))
    features = features or FEATURES
    facts = {
        "format": "native", "container": "jsonl", "polarity": "label 1 means A",
        "source_sha256": "ab" * 32, "n_rows": 7, "n_pairs": len(PAIRS), "n_rejects": 2,
        "rejects": {"empty response": 2}, "n_components": 4,
        "split": {"fit": 3, "select": 1, "test": 1}, "split_note": "",
    }  # fmt: skip
    pairs = pl.DataFrame(
        PAIRS, schema=["prompt", "response_a", "response_b", "label"], orient="row"
    ).with_columns(
        pl.Series("pair_id", [f"{n:016x}" for n in range(len(PAIRS))]),
        pl.Series("source_row", range(len(PAIRS))),
        pl.Series("component", [0, 0, 1, 2, 3]),
    )
    n = len(PAIRS)  # each feature is strongest in another pair
    codes = [(p, j, 1.0 - (p - j) % n / 10) for p in range(n) for j in range(len(features))]
    figures = {
        "variance_explained": 0.2, "mean_active": 4.0, "dead_share": 0.0, "swap_error": 0.0,
    }  # fmt: skip
    stages: list[tuple[str, list[str], dict[str, Any]]] = [
        ("read", [run.folder.write_table("pairs.parquet", pairs)], facts | (read or {})),
        ("health", [run.folder.write_json("health.json", HEALTH)], {}),
        ("embed", [], {
            "encoder": "fast", "revision": "r1", "template": "{response}", "max_tokens": None,
            "n_texts": 10, "n_cut": 1, "dimensions": 384,
        }),
        ("dictionary", [
            run.folder.write_json("dictionary.json", {
                "kind": "batch_topk",
                "features": len(features), "k": 4, "fit": figures, "test": figures,
            }),
            run.folder.write_table("codes.parquet", pl.DataFrame(
                codes, schema=["pair", "feature", "value"], orient="row"
            ).cast({"pair": pl.UInt32})),
        ], {"shape": [len(PAIRS), len(features)]}),
        ("name", [], {"n_understood": sum(f["understood"] for f in features)}),
        ("preference", [
            run.folder.write_table(
                "features.parquet", pl.DataFrame(features, infer_schema_length=None)
            ),
            run.folder.write_table("subset_effects.parquet", subset_effects(len(features))),
            run.folder.write_json("preference.json", summary or SUMMARY),
        ], {}),
    ]  # fmt: skip
    for name, outputs, recorded in stages:
        run.finish(name, "hash", outputs, recorded, {"seconds": 12.345, "peak_rss_mb": 1.0})
    return open_run(path)


class Page(HTMLParser):
    """Tags with attributes, and the text outside style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("style", "script"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.text += data

    def handles(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    return render_report(make_run(tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_text_of_the_data_never_becomes_markup(html: str, page: Page) -> None:
    assert EVIL not in html
    assert "<script>alert" not in html
    assert "<img" not in html
    assert len(page.handles("script")) == html.count("</script>") == 1
    assert len(page.handles("style")) == html.count("</style>") == 1
    assert page.handles("img") == []
    assert "alert('x')" in page.text


def test_a_description_never_becomes_markup(tmp_path: Path) -> None:
    evil = [feature(0, description=f"says “{EVIL}”"), feature(1, understood=False, reason=EVIL)]
    html = render_report(make_run(tmp_path / "r", features=evil, summary=UNESTIMABLE))
    assert len(Page(html).handles("script")) == 1
    assert Page(html).handles("img") == []


def test_nothing_is_loaded_from_anywhere(html: str, page: Page) -> None:
    for tag, attributes in page.tags:
        assert "src" not in attributes
        if tag != "a":
            assert "href" not in attributes
    assert page.handles("link") == []
    css = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in css
    assert "@import" not in css
    (policy,) = (
        str(meta["content"]) for meta in page.handles("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    )  # fmt: skip
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


def test_every_inner_link_has_its_target_and_ids_are_unique(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {str(a["href"])[1:] for a in page.handles("a") if str(a["href"]).startswith("#")}
    assert targets <= set(ids)
    assert {f"feature-{n}" for n in range(len(FEATURES))} <= targets


def test_rendering_twice_gives_the_same_bytes(tmp_path: Path, html: str) -> None:
    run = make_run(tmp_path / "again")
    assert render_report(run) == render_report(run) == html
    assert "12.345" not in html


def test_absent_numbers_are_told_with_a_reason(html: str, page: Page) -> None:
    assert not re.search(r"\b(NaN|nan|None|null|inf|undefined)\b", page.text)
    values = [value or "" for _, attributes in page.tags for value in attributes.values()]
    assert not any("None" in value or "nan" in value.split() for value in values)
    reasons = {a["title"] for a in page.handles("span") if a.get("class") == "absent"}
    assert {"active in only 3 labelled pairs", "nothing goes with it"} <= reasons


def test_findings_are_stated_apart_by_direction(page: Page) -> None:
    text = squeezed(page.text)
    rewarded = text.index("The response that apologises more and is shorter wins 9 points more")
    penalised = text.index("The response that hedges more wins 12 points less often")
    assert text.index("Rewarded ") < rewarded < text.index("Penalised ", rewarded) < penalised
    assert "86% (77% to 96%)" in text
    assert "2 of 7 rows were left out" in text
    assert "1 of 10 texts was longer than the encoder reads" in text


def test_features_not_understood_are_not_named(page: Page) -> None:
    headings = [t for t in page.text.splitlines() if "feature 3 (not understood)" in t]
    assert headings
    assert "feature 5 (not understood)" in page.text


@pytest.mark.parametrize("summary", [
    UNESTIMABLE,
    SUMMARY | {"auc": {}, "auc_reason": "fewer than 5 independent prompts", "folds": None},
    {k: v for k, v in SUMMARY.items() if k != "auc_recovered"}
    | {"auc_recovered_reason": "the dense probe does not beat chance", "controls": []},
    SUMMARY | {"auc_recovered": {"value": 0.9, "low": None, "high": None}},
])  # fmt: skip
def test_what_cannot_be_measured_is_said(tmp_path: Path, summary: dict[str, Any]) -> None:
    rows = FEATURES
    if "reason" in summary:
        rows = [f | NO_EFFECT | {"effect_reason": REASON} for f in FEATURES]
    page = Page(render_report(make_run(tmp_path / "r", features=rows, summary=summary)))
    for key in ("reason", "auc_reason", "auc_recovered_reason"):
        assert str(summary.get(key, "")) in page.text
    assert "None" not in page.text


def test_without_labels_the_differences_are_shown_instead(tmp_path: Path) -> None:
    rows = [f | NO_EFFECT | {"effect_reason": REASON} for f in FEATURES]
    page = Page(render_report(make_run(tmp_path / "r", features=rows, summary=UNESTIMABLE)))
    assert "cannot be estimated" in page.text
    assert "One response apologises more; is shorter." in page.text
    assert all(a.get("id") not in ("effects", "prediction") for a in page.handles("section"))


def test_no_finding_at_all_is_said(tmp_path: Path) -> None:
    rows = [feature(n, q=0.9, effect_low=-1.0) for n in range(3)]
    page = Page(render_report(make_run(tmp_path / "r", features=rows)))
    assert "Nothing with a name is rewarded or penalised" in page.text


def test_any_script_survives_and_finds_its_direction(page: Page) -> None:
    assert RTL in page.text
    texts = [a for a in page.handles("div") if a.get("class") == "text"]
    assert texts
    assert all(a.get("dir") == "auto" for a in texts)


def test_white_space_of_responses_is_kept(page: Page) -> None:
    assert "a\n  b" in page.text


def test_examples_say_who_won(page: Page) -> None:
    text = squeezed(page.text)
    assert "✓ preferred" in text
    assert "tie" in text
    assert "no label" in text


def test_examples_come_from_different_prompts_first(tmp_path: Path) -> None:
    page = Page(render_report(make_run(tmp_path / "r", features=[feature(0)])))
    shown = re.findall(r"pair 0*(\d*), row", page.text)
    assert shown == ["", "2", "3"]


def test_the_command_gives_the_settings_that_differ(tmp_path: Path) -> None:
    changed = Config().to_dict()
    changed["seed"] = 7
    changed["embed"]["encoder"] = "minilm"
    changed["dictionary"] |= {"restarts": 4, "features": 64, "prefixes": [8, 16]}
    text = Page(render_report(make_run(tmp_path / "r", config=changed))).text
    assert (
        "wimhf analyze 'data/my pairs.jsonl' --seed 7 --encoder minilm --features 64 "
        "--prefixes 8,16 --config settings.toml"
    ) in squeezed(text)
    (toml,) = re.findall(r"\[dictionary\]\nrestarts = 4", text)
    Path(tmp_path / "settings.toml").write_text(toml)
    assert Config.from_toml(tmp_path / "settings.toml").dictionary.restarts == 4


def test_default_settings_need_no_flags(page: Page) -> None:
    assert "wimhf analyze 'data/my pairs.jsonl'\n" in page.text


def test_it_is_written_with_its_folder(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    path = write_report(run, tmp_path / "new" / "folder" / "report.html")
    assert path.read_bytes() == render_report(run).encode()


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    (tmp_path / "file").write_text("")
    with pytest.raises(WimhfError, match="file"):
        write_report(run, tmp_path / "file" / "report.html")


def test_an_unfinished_run_is_told(tmp_path: Path) -> None:
    run = create_run(tmp_path / "run", Config())
    with pytest.raises(RunError, match="has not come that far"):
        write_report(run, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


@given(st.lists(st.floats(-100, 100)), st.sampled_from([0.0, 0.5]))
def test_a_scale_holds_its_values_and_has_the_origin_as_a_tick(
    values: list[float], origin: float
) -> None:
    scale = round_scale(values, origin=origin, finest=0.02)
    assert all(scale.low - 1e-6 <= value <= scale.high + 1e-6 for value in [*values, origin])
    assert origin in scale.ticks
    assert 2 <= len(scale.ticks) <= 9
    assert scale.at(scale.low) == "0.00%"
    assert scale.at(scale.high) == "100.00%"


def test_the_path_turns_with_the_pole_and_says_what_is_kept(tmp_path: Path) -> None:
    one = render_report(make_run(tmp_path / "one"))
    turned = [feature(0, pole=-1), *FEATURES[1:]]
    two = render_report(make_run(tmp_path / "two", features=turned))
    lines = [re.findall(r'<polyline class="\w+" points="([^"]+)"', page) for page in (one, two)]
    assert len(lines[0]) == len(FEATURES)
    heights = [[float(p.split(",")[1]) for p in line[-1].split()] for line in lines]
    assert heights[0][2] < heights[0][1] < heights[0][0]
    assert heights[1][2] > heights[1][1] > heights[1][0]
    assert "keeps by the one-standard-error rule: 1 feature." in one


def test_effects_by_subset_are_shown_and_flips_stand_out(tmp_path: Path) -> None:
    page = Page(render_report(make_run(tmp_path / "run")))
    assert "Does it depend on the domain?" in page.text
    assert "1 of 3 values of domain are left out." in page.text
    section = page.text[page.text.index("Does it depend") : page.text.index("All features")]
    assert re.search(r"hedges more\s+flips", section)
    assert "apologises" not in section
    assert "+14.5" in section
    assert "−13.5" in section


def test_without_subsets_the_page_has_no_section_of_them(tmp_path: Path) -> None:
    summary = {key: value for key, value in SUMMARY.items() if key not in ("subsets", "path")}
    html = render_report(make_run(tmp_path / "run", summary=summary))
    assert "Does it depend" not in html
    assert "<polyline" not in html


def test_the_health_of_the_data_is_told(tmp_path: Path) -> None:
    page = Page(render_report(make_run(tmp_path / "run")))
    section = page.text[page.text.index("Health of the data") :]
    assert "1 to mend before training, 0 to look at, 0 worth knowing, 1 in order" in section
    assert "Mend it." in section
    assert section.index("Mend it.") < section.index("0 of 5 pairs are ties")


def test_alerts_stand_before_the_findings(tmp_path: Path) -> None:
    page = Page(render_report(make_run(tmp_path / "run")))
    at = page.text.index("Look at this before you train")
    assert at < page.text.index("What is a point?")
    assert "+12.3 points of win rate (+9.4 to +15.1)" in " ".join(page.text[at:].split())


def test_a_sentence_never_says_zero_points_more_often() -> None:
    own = {"description": "apologises", "understood": True, "feature": 3, "effect": 4.0,
           "effect_low": 1.0, "effect_high": 8.0, "shrunk": 0.2, "shrunk_low": 0.0,
           "shrunk_high": 3.0}  # fmt: skip
    assert "about as often as other responses, once luck is allowed for (+4" in sentence(own)
    told = sentence(own | {"shrunk": 3.1, "shrunk_low": -0.2, "shrunk_high": 6.0})
    assert "wins 3 points more often (0 to 6)" in told
    turned = {"effect": -4.0, "effect_low": -8.0, "effect_high": -1.0, "shrunk": -3.1,
              "shrunk_low": -6.0, "shrunk_high": 0.2}  # fmt: skip
    assert "wins 3 points less often (0 to 6)" in sentence(own | turned)


def test_texts_of_a_report_are_cut_until_they_fit_and_only_then(tmp_path: Path) -> None:
    run = make_run(tmp_path / "made")
    whole = fitting_examples(run, [0, 1, 2], 10**9)
    size = sum(one.characters for found in whole for one in found)
    assert fitting_examples(run, [0, 1, 2], size) == whole
    cut = fitting_examples(run, [0, 1, 2], 0)
    assert [len(found) for found in cut] == [len(found) for found in whole]
    texts = [side.text for found in cut for one in found for side in one.sides]
    held = max(sum(len(t) for t, _ in (*text.shown, *text.rest)) for text in texts)
    assert held <= SHORTER[-1]


def test_a_report_of_many_features_has_cards_for_those_it_speaks_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = ordered(make_run(tmp_path / "made").feature_rows)
    last = features[-1].feature
    monkeypatch.setattr(report_page, "CARDS", 2)
    drawn = [one.feature for one in report_page._drawn(features, [], {last}, [])]
    assert len(drawn) == 2
    assert last in drawn
    every = report_page._drawn(features, [], {one.feature for one in features}, [])
    assert every == features


def test_markdown_says_the_same_findings_and_texts_of_the_data_are_no_markup(
    tmp_path: Path,
) -> None:
    run = make_run(tmp_path / "made")
    text = render_markdown(run)
    assert render_markdown(run) == text
    assert "apologises more" in text
    assert "12 points less often" in text
    assert "<script" not in text.replace("\\<", "")
    assert len(text.encode()) < 20_000
