"""What prompts ask for: sentence vectors, cognitive modes, behaviours, prototypes."""
