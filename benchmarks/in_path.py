"""How fast Postfix is with headertls in its way: `python benchmarks/in_path.py`.

The lab's Postfix takes the same mail alone, with the milter, and with `headertls filter` as its
content filter, in turn. Told are messages a second until the last one is delivered, as ratios to
Postfix alone, and what a single client waits from MAIL to the reply that takes the message. It
needs what the lab needs: root, name spaces and apt-get.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main():
    """Hold the trial `rates`."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=600)
    chosen = parser.parse_args()
    command = (ROOT / "tests" / "lab" / "deliver", "rates", "--count", str(chosen.count))
    environment = {**os.environ, "PYTHON": sys.executable}
    return subprocess.run(command, check=False, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
