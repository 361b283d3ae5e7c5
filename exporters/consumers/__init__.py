"""Consumers: what loads our files, each through its own loader."""
