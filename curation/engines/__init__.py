"""Engines: what runs the kernels of screens that compare records with each other."""
