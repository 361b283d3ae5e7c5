"""One file per screen: what is wrong with a record by itself, found in a batch of records."""
