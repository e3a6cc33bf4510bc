"""The reader: any provider's CSV, judged and read right, or a question."""
