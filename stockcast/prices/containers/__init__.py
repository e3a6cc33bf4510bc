"""What price files come in: compressed files, archives, typed tables, workbooks."""
