"""Records that are nearly another one, and prompts that are nearly the same."""
