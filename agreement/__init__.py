"""Which of several judgements of one task is used."""
