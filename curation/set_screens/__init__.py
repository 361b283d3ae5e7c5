"""One file per screen that compares records: duplicates, templates, contamination, prototypes."""
