"""What the servers from npm have in common."""

import json
from typing import ClassVar

from lab.room import Room
from lab.servers.base import Server


class NpmServer(Server):
    """A server that npm installs into `/opt/NAME`; the machine may have Node.js already."""

    packages: ClassVar = ("nodejs", "npm")
    release: ClassVar[str] = ""
    """The version that is wanted, with `@` before it; the newest one else."""

    @property
    def home(self) -> str:
        """Where it is installed."""
        return f"/opt/{self.package.lower()}"

    def install(self, room: Room) -> None:
        """Install it with npm."""
        room.install(() if room.path("/usr/bin/npm").exists() else self.packages)
        what = f"{self.package}{self.release}"
        room.run("npm", "install", "--silent", "--no-audit", "--prefix", self.home, what)

    def version(self, room: Room) -> str:
        """Read the version of the package."""
        path = room.path(f"{self.home}/node_modules/{self.package}/package.json")
        return str(json.loads(path.read_text(encoding="utf-8"))["version"])

    def source(self, room: Room) -> str:
        """Name the npm package, and the Node.js that runs it."""
        node = room.run("node", "--version").strip()
        return f"npm {self.package} {self.version(room)}, Node.js {node}"
