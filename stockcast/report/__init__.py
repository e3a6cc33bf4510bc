"""Charts, pages and wording of what was forecast."""
