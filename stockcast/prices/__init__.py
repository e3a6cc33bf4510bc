"""CSV ─▶ PriceHistory: reading, checking, and the next trading sessions."""
