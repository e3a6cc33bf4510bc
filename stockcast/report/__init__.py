"""Charts of what was forecast."""
