"""Agents under test, how they are run over a split, and the report of it."""
