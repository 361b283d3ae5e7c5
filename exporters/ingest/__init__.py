"""All inputs read once into tables: examples, their rows, votes, drop reasons."""
