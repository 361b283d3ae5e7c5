"""What a curation found: as counts, and as a page to look at."""
