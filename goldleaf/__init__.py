"""goldleaf from Python."""
