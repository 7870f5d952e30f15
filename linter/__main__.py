"""`python -m linter`: the command where it is not installed.

Python looks for modules in the working folder first when it is started so, and that folder may be the untrusted tree: it
is taken off the path before anything else is imported. What the interpreter itself imports before it comes here is out
of our hands, so that the installed command, or `python -P -m linter`, is what an untrusted tree is scanned with.
"""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]
    from linter.cli.start import main

    main()
