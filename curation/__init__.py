"""Detectors: what is wrong with a text or a set of records."""
