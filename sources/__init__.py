"""Sources of data: one file a source, with its own checks, defaults and licence questions."""
