"""What became of drafts, for people: a page, and text for a terminal or notebook."""
