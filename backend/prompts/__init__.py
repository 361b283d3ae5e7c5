"""What a model is told to draft: one file a kind, in English and Chinese."""
