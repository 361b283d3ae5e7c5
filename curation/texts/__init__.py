"""What can be told of a single text: language, hidden characters, structure, tone."""
