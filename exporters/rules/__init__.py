"""Rules of the balance: one file a rule, over columns only."""
