"""stdout, stderr, tables and progress."""
