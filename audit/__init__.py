"""Exports read back: check one, explain one of its rows, compare two."""
