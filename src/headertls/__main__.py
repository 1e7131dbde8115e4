"""`python -m headertls`."""

import sys

from headertls.cli import main

if __name__ == "__main__":
    sys.exit(main())
