"""Importing WIMHF and asking for help load no torch; the public names exist."""

import subprocess
import sys

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
        "from wimhf.cli.main import app\n"
        "for words in (['--help'], ['analyze', '--help'], ['--version']):\n"
        "    try: app(words)\n"
        "    except SystemExit as end: assert not end.code"
    )
    assert loads(code) == "False"


def test_public_names_are_few_and_real() -> None:
    assert len(wimhf.__all__) <= 15
    assert all(getattr(wimhf, name) is not None for name in wimhf.__all__)
