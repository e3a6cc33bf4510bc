"""stockcast beside plain Keras, PyTorch and pandas: ratios, each taken in one run.

`python -m benchmarks` runs them all and prints a Markdown table; README.md says what each row is.
"""
