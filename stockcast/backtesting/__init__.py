"""Walk forward through a history, as if each day were the last, and say what came of it."""
