"""Importing WIMHF and asking for help load no torch; the public names exist."""

import importlib
import subprocess
import sys
from types import ModuleType

import pytest

import wimhf


def loads(code: str) -> str:
    script = f"{code}\nimport sys\nprint(any(m in sys.modules for m in ('torch', 'polars')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_import_loads_no_torch() -> None:
    assert loads("import wimhf; wimhf.__version__; wimhf.Config; wimhf.WimhfError") == "False"


def test_help_loads_no_torch() -> None:
    code = (
        "from wimhf.ui.cli.main import app\n"
        "for words in (['--help'], ['analyze', '--help'], ['curate', '--help'],\n"
        "              ['concepts', '--help'], ['concepts', 'x', '--help'],\n"
        "              ['curate', 'apply', '--help'], ['describe', '--help'],\n"
        "              ['export', '--help'], ['app', '--help'],\n"
        "              ['compare', '--help'], ['--version']):\n"
        "    try: app(words)\n"
        "    except SystemExit as end: assert not end.code"
    )
    assert loads(code) == "False"


def test_public_names_are_few_and_real() -> None:
    assert len(wimhf.__all__) <= 15
    for name in ("wimhf.curate.rules", "wimhf.curate", "wimhf.ui.report", "wimhf.data.export"):
        importlib.import_module(name)  # a package of that name must not stand in the way
    found = [getattr(wimhf, name) for name in wimhf.__all__]
    assert not any(one is None or isinstance(one, ModuleType) for one in found)


def test_the_app_loads_no_torch_before_a_page_computes() -> None:
    pytest.importorskip("streamlit", reason="the app is not installed")
    code = "import sys, wimhf.ui.app.frame, wimhf.compare; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
