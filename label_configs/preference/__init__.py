"""Two answers side by side: which is better, by how much, and an edit of the winner (S5)."""
