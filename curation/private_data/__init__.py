"""Personal data and secrets in texts: where they are, and placeholders for them."""
