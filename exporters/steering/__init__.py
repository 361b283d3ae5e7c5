"""What people should annotate next: what a plan finds short, and which task would give it."""
