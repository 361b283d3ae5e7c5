"""How alike the answers of a set are: templates, measures of style."""
