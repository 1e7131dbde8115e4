"""`python -m headertls`."""

import sys

from headertls.cli import main

sys.exit(main())
