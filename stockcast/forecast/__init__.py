"""Model + PriceHistory ─▶ Forecast, on NumPy alone."""
