"""The `goldleaf` command: one file per command; each calls a workflow."""
