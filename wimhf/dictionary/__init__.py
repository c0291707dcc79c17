"""Differences -> dictionary -> codes."""
