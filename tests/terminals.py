"""Processes in a terminal of their own, or before a pipe that nobody reads."""

import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

PATIENCE: Final = 60.0
"""Seconds after which a process that shows nothing of what is waited for is given up."""

END_OF_FILE: Final = "\x04"

# The terminal becomes the one that controls the process, as shells need it.
_LAUNCH: Final = "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"


def run_unread(*arguments: object) -> tuple[int, bytes]:
    """Run the command with an output that nobody reads any more; give its status and complaint."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "headertls", *map(str, arguments)],
            check=False,
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
        )
    finally:
        os.close(writer)
    return done.returncode, done.stderr


class Terminal:
    """A process in a terminal: `type` writes to it, `wait_for` and `read_all` read its screen."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], columns: int = 80) -> None:
        self._mine, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, columns))
        self.process = subprocess.Popen(  # noqa: S603  # commands of the tests
            [sys.executable, "-c", _LAUNCH, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=dict(env),
        )
        os.close(theirs)
        self._written = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self._mine)

    @property
    def screen(self) -> str:
        """All that has been shown so far."""
        return self._written.decode("utf-8", "replace").replace("\r\n", "\n")

    def type(self, text: str) -> None:
        """Type *text*, with its control characters."""
        os.write(self._mine, text.encode())

    def wait_for(self, text: str) -> None:
        """Wait until *text* has been shown."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.screen:
            assert self._read(deadline), f"{text!r} is not on the screen: {self.screen!r}"

    def read_all(self) -> str:
        """Wait for the end of the process, and give all that it has shown."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        self.process.wait(PATIENCE)
        return self.screen

    def _read(self, deadline: float) -> bool:
        """Read what is there; nothing comes any more when the process has ended."""
        left = deadline - time.monotonic()
        assert left > 0, f"nothing came in time: {self.screen!r}"
        ready, _, _ = select.select([self._mine], [], [], left)
        try:
            data = os.read(self._mine, 1 << 16) if ready else b""
        except OSError:  # EIO: nobody has the other end any more
            return False
        self._written += data
        return bool(data)
