"""Three to eight answers, one under the other: a rank for each, and an edit of the best (S5)."""
