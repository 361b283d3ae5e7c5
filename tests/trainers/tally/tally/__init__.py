"""A trainer as another package offers it, whole in one folder: it counts words."""

NAME = "tally"
TITLE = "a trainer that counts words"
READS = ("tally",)
NEEDS = ("json",)
INSTALL = "pip install tally"
METHODS = {"pairs": ("count",)}
