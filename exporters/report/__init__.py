"""What a person looks at: the report, its charts, the rule cards."""
