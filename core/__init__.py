"""Shared by every package: records, errors, settings, files, secrets, translations."""
