"""The `goldleaf` command: one file a command; each wires rooms together."""
