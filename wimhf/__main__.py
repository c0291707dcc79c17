"""python -m wimhf."""

from wimhf.ui import run_cli

run_cli()
