"""`python -m stockcast` is the `stockcast` command."""

from stockcast.cli.app import main

if __name__ == "__main__":
    main()
