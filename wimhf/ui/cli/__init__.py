"""The command line."""

from wimhf.base import keep_little

keep_little()
