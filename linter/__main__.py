"""`python -m linter`: the command where it is not installed."""

from __future__ import annotations

from linter.cli.start import main

if __name__ == "__main__":
    main()
