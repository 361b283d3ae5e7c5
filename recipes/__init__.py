"""What the finished set must contain: the recipe, its file, its layers, the shipped ones."""
