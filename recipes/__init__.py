"""Recipes: YAML files with the targets, rules and settings of an export."""
