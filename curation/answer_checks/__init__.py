"""What is wrong with an answer to its prompt, and what a program can check of it."""
