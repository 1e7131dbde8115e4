"""What the trials of the filter have in common: the server starts the filter that is tried."""

import sys
from pathlib import Path
from typing import Final

import headertls
from lab.names import HOST
from lab.room import Room
from lab.trials.base import Trial

SITE: Final = "/etc/lab/site.toml"
PACKAGE: Final = Path(headertls.__file__).parents[1]


def open_python(room: Room) -> None:
    """Let every user of the room reach the interpreter and the package, wherever they are."""
    for path in (Path(sys.prefix), Path(sys.base_prefix), PACKAGE):
        room.show(path)
        room.run("chmod", "o+x", *map(str, (path, *path.parents[:-1])))


class FilterTrial(Trial):
    """A server that starts a filter for each message."""

    def prepare(self) -> None:
        """Write the site, and let everybody reach the interpreter."""
        self.room.write(SITE, f'hosts = ["{HOST}"]\n')
        open_python(self.room)

    def clean_up(self) -> None:
        """Nothing was started."""
