"""What runs in processes of its own; the two sides of a row share no process-wide setting."""
