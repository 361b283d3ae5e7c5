"""One instruction and its answer: corrected, rated, and named by what it teaches (S2-S4)."""
