"""What a service manager is told of the milter: by the protocol of sd_notify(3).

A datagram to the socket that the environment names; without one, nothing.
"""

import logging
import os
import socket
from typing import Final

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"

_PATIENCE: Final = 5.0
_logger: Final = logging.getLogger(__name__)


def notify(state: str) -> None:
    """Tell the service manager *state*, if there is one; that it does not listen is only logged."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name.startswith(("/", "@")):
        return
    # `@` stands for the NUL before an abstract name
    address = f"\0{name[1:]}" if name.startswith("@") else name
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(_PATIENCE)
            channel.sendto(state.encode(), address)
    except OSError as error:
        _logger.warning("the service manager was not told %s: %s", state, error)
