"""How good forecasts are: metrics, significance, and the verdict against the last price."""
