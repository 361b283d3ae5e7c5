"""`python -m goldleaf`: the command line."""

from goldleaf.cli.main import main

if __name__ == "__main__":
    main()
