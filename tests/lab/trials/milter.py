"""The process `headertls milter`, as the trials start and stop it."""

import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from lab.names import HOST

_PATIENCE: Final = 30.0
_LISTENING: Final = b"listening at "


class Milter:
    """One milter, which may be started several times."""

    def __init__(self, socket: str, log: Path, *options: str) -> None:
        self._command = (
            *(sys.executable, "-m", "headertls", "milter"),
            *("--socket", socket, "--authserv-id", HOST, *options),
        )
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        told = self.read_log().count(_LISTENING)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stderr=log)
        end = monotonic() + _PATIENCE
        while self.read_log().count(_LISTENING) == told:
            if monotonic() > end or self._process.poll() is not None:
                raise RuntimeError(f"the milter does not start:\n{self.read_log().decode()}")
            sleep(0.05)

    def read_log(self) -> bytes:
        """Read what all of its processes have told so far."""
        return self._log.read_bytes() if self._log.exists() else b""

    def kill(self) -> None:
        """Kill it, as the kernel does when memory is short."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """Stop it as systemd does, and give its exit status."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            return -1
