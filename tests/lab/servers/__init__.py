"""The servers that the lab knows."""

from typing import Final

from lab.servers.base import Server
from lab.servers.postfix import Postfix

SERVERS: Final[dict[str, type[Server]]] = {
    "postfix": Postfix,
}
"""By the name of the file under `recorded/`."""
