"""What every room speaks: records, errors, settings, files, redaction, words."""
