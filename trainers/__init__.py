"""Trainers: one folder for each, with the rows it reads, its configuration, loader and page."""
