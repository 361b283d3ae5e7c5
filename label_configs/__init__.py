"""Kinds of annotation: a screen and its meaning, one folder each."""
