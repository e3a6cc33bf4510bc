"""Reference pages, man pages and shell completions, written from the program itself."""
