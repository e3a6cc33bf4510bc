"""Groups of options, and the values that they are parsed to."""
