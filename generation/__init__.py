"""Models that write text, behind one protocol."""
