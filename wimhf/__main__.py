"""python -m wimhf."""

from wimhf.cli.main import run

run()
