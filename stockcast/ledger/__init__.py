"""The ledger: what was forecast, written down before it came true, and what became of it."""
