"""Settings: round trips, and one clear line for what cannot be."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.base.config import Config
from wimhf.base.config_options import SETTINGS, nested_settings, setting
from wimhf.errors import ConfigError


@given(
    st.integers(0, 2**31), st.integers(5, 100), st.integers(1, 5), st.sampled_from(["auto", "fast"])
)
def test_settings_survive_the_manifest(seed: int, m: int, k: int, encoder: str) -> None:
    config = Config.from_dict(
        {"seed": seed, "dictionary": {"features": m, "k": k, "prefixes": [2, 4]},
         "embed": {"encoder": encoder}, "read": {"columns": {"prompt": "q"}}}
    )  # fmt: skip
    assert Config.from_dict(config.to_dict()) == config


def test_toml_gives_the_same_as_the_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "wimhf.toml"
    path.write_text('seed = 3\n[dictionary]\nfeatures = 16\nk = 2\n[read]\nformat = "hh"\n')
    expected = {"seed": 3, "dictionary": {"features": 16, "k": 2}, "read": {"format": "hh"}}
    assert Config.from_toml(path) == Config.from_dict(expected)
    path.write_text("seed = ")
    with pytest.raises(ConfigError, match="not TOML"):
        Config.from_toml(path)
    with pytest.raises(ConfigError, match="does not exist"):
        Config.from_toml(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"dictionry": {}}, "has no dictionry; known: .*dictionary"),
        ({"embed": {"encodr": "x"}}, "has no encodr; known: .*encoder"),
        ({"embed": 3}, "write a table"),
        ({"dictionary": {"features": "many"}}, "expected int"),
        ({"dictionary": {"features": 0}}, "at least 1"),
        ({"dictionary": {"features": 8, "prefixes": [9]}}, "between 1 and features=8"),
        ({"embed": {"template": "{prompt}"}}, "no {response}"),
        ({"embed": {"device": "tpu"}}, "use auto, cpu, cuda"),
        ({"split": {"fit": 0.9, "select": 0.2}}, "leave a share for test"),
        ({"preference": {"folds": 1}}, "at least 2"),
        ({"read": {"limit": 0}}, "at least 1 row"),
        ({"seed": "x"}, "seed"),
    ],
)
def test_what_cannot_be_is_refused_in_words(values: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Config.from_dict(values)


@given(st.data())
def test_what_is_asked_for_survives_the_command_line(data: st.DataObject) -> None:
    names = st.text("ab.:-é ", min_size=1, max_size=5).map(str.strip).filter(bool)
    drawn = {
        "seed": st.integers(0, 9), "columns": st.dictionaries(names, names, min_size=1),
        "limit": st.integers(1, 9), "prefixes": st.just([8, 16]), "encoder": names,
        "controls": st.lists(names, min_size=1), "prices": st.just([0.25, 2.0]),
        "scores": st.just(["detection"]), "device": st.sampled_from(["cpu", "cuda:1"]),
        "max_cost": st.floats(0, 9),
    }  # fmt: skip
    values = data.draw(st.fixed_dictionaries({"prices": drawn.pop("prices")}, optional=drawn))
    config = Config.from_dict(nested_settings(values))
    for name in values:
        one = setting(name)
        word = one.word(config)
        assert word is not None
        kind = type(one.values(config)[0])
        again = one.read(word) if one.notation else kind(word)
        once_more = Config.from_dict(nested_settings({**values, name: again}))
        assert once_more == config


def test_a_word_never_says_what_it_cannot_hold() -> None:
    config = Config.from_dict(
        {"read": {"columns": {"prompt": "a,b"}}, "preference": {"controls": []},
         "embed": {"device": "cpu"}}
    )  # fmt: skip
    assert [setting(name).word(config) for name in ("columns", "controls", "device")] == [None] * 3


def test_every_setting_that_is_asked_for_is_one() -> None:
    for one in SETTINGS:
        first, *others = one.values(Config())
        value = [first, *others] if one.name == "prices" else first
        plain = list(value) if isinstance(value, tuple) else value
        assert Config.from_dict(nested_settings({one.name: plain})) == Config()
    assert len({one.option for one in SETTINGS}) == len(SETTINGS)
