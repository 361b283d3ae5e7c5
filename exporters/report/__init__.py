"""The report for people: statistics, charts, samples, rule cards; summaries for the terminal."""
