"""Studies: what the default recipe is, and what skill to expect. `make study` runs them."""
