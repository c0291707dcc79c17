"""Kinds of dictionary held against each other on the same pairs."""
