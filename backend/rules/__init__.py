"""What rules draft, one file a kind."""
