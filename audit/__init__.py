"""What became of one row, and what changed between two exports."""
