"""Evaluation prompts in training rows."""
