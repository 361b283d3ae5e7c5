"""What runs inside Label Studio's own process: the one place that may import its modules."""
