"""What the trials of the filter have in common: the server starts the filter that is tried."""

import sys
from pathlib import Path
from typing import Final

import headertls
from lab.names import HOST
from lab.trials.base import Trial

SITE: Final = "/etc/lab/site.toml"
PACKAGE: Final = Path(headertls.__file__).parents[1]


class FilterTrial(Trial):
    """A server that starts a filter for each message."""

    def prepare(self) -> None:
        """Write the site, and let everybody reach the interpreter; the room alone is changed."""
        self.room.write(SITE, f'hosts = ["{HOST}"]\n')
        for path in (Path(sys.executable), Path(sys.executable).resolve(), PACKAGE):
            self.room.run("chmod", "o+x", *map(str, path.parents[:-1]))

    def clean_up(self) -> None:
        """Nothing was started."""
