"""File shapes: one file a shape, one row at a time, no rules."""
