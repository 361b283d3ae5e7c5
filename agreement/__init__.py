"""Which of several contradicting annotations of one task is used."""
