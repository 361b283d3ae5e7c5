"""An export counted again from its files alone."""
