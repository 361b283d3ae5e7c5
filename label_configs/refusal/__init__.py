"""A prompt at the edge of harm and an answer to it: what is right, and its correction (S12)."""
