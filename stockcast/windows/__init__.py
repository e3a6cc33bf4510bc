"""PriceHistory ─▶ WindowedSeries: features, split, scaling, windows."""
