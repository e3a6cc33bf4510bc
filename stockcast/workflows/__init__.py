"""What the program does, for any front end: the command line, Python, an estimator."""
