"""What a model that writes is asked to draft, one file a kind."""
