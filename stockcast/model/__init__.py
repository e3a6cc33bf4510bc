"""Model, and the one file that holds it."""
