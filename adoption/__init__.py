"""Answers of Label Studio projects that goldleaf did not make: recognised, mapped, read."""
