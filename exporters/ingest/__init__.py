"""What was read, as columns: examples, their rows, pairs, hashes, lengths, sides."""
