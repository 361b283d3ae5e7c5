"""Preference pairs as a set: what they teach beside what was meant."""
