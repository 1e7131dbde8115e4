"""Name spaces: what a server's room is made in, and ends with."""

import os
import subprocess
from typing import Final, NoReturn

from lab.room import Room
from lab.servers.base import Server

SPACES: Final = ("unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child")
"""What stands before the command of a process that has the lab to itself."""


def open_room(room: Room, server: Server, command: tuple[str, ...]) -> NoReturn:
    """Build the room while there is a network; then go on without, as *command*."""
    subprocess.run(("mount", "--make-rprivate", "/"), check=True)
    subprocess.run(("mount", "-t", "proc", "proc", "/proc"), check=True)
    room.build()
    server.install(room)
    without = ("unshare", "--net", *command)
    os.execvp(without[0], without)  # noqa: S606
