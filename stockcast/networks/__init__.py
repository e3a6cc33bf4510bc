"""The mathematics of recurrent networks, in NumPy: readable equations with their sources."""
