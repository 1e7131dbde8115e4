"""The server side: connections, signals, and an end that loses nothing."""

import asyncio
import errno
import logging
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from headertls.integrations.milter.judge import Judge
from headertls.integrations.milter.places import Place
from headertls.integrations.milter.readiness import READY, STOPPING, notify
from headertls.integrations.milter.session import Session
from headertls.integrations.milter.wire import WireError, read_frame

_logger: Final = logging.getLogger(__name__)
# Linux has no other name for it; elsewhere the option that is set anyhow stands in its place.
_QUICK: Final = getattr(socket, "TCP_QUICKACK", socket.TCP_NODELAY)

GRACE: Final = 60.0
"""Seconds that open messages have to their end after SIGTERM."""


async def serve(
    place: Place, judge: Judge, started: Callable[[Place], None], *, grace: float = GRACE
) -> None:
    """Serve until SIGTERM or SIGINT; then let messages that were begun come to their end.

    A service manager that wants to know (sd_notify) is told when connections are taken, and when
    the end begins.

    Args:
        place: Where to listen.
        judge: How messages are judged.
        started: Called with the place, its port filled in, when connections are taken.
        grace: Seconds that open messages have.

    Raises:
        OSError: It cannot listen there, or another does.
    """
    milter = _Milter(judge)
    listener = await _listen(place, milter)
    is_stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, is_stopped.set)
    started(_find_place(place, listener))
    notify(READY)
    await is_stopped.wait()
    notify(STOPPING)
    listener.close()
    await milter.stop(grace)


async def _listen(place: Place, milter: "_Milter") -> asyncio.Server:
    if place.path:
        # asyncio takes a path from whoever listens there; what a dead one left may be taken
        if await _is_served(place.path):
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        return await asyncio.start_unix_server(milter.accept, place.path)
    return await asyncio.start_server(milter.accept, place.host, place.port)


async def _is_served(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True


def _find_place(place: Place, listener: asyncio.Server) -> Place:
    if place.path:
        return place
    return place._replace(port=listener.sockets[0].getsockname()[1])


def _acknowledge(writer: asyncio.StreamWriter) -> None:
    """Have Linux acknowledge at once what the server sends.

    A server that writes a command in two pieces sends the second only after the first is
    acknowledged, for which a kernel likes to take 40 ms. The setting holds for a few packets.
    """
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)


class _Milter:
    """The connections of the servers."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._sessions: dict[asyncio.Task[None], Session] = {}
        self._is_stopping = False

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin with a connection."""
        session = Session(self._judge)
        task = asyncio.create_task(self._hold_safely(session, reader, writer))
        self._sessions[task] = session
        task.add_done_callback(self._sessions.pop)

    async def _hold_safely(
        self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Hold a connection; what goes wrong ends it, and the server does as it was told."""
        try:
            await self._hold(session, reader, writer)
        except (WireError, ConnectionError) as error:
            _logger.warning("a connection was given up: %s", error)
        except Exception:
            _logger.exception("a connection was given up")
        finally:
            writer.close()

    async def _hold(
        self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while not session.is_ended and not (self._is_stopping and not session.is_open):
            _acknowledge(writer)
            frame = await read_frame(reader)
            if frame is None:
                return
            writer.write(session.take(frame))
            await writer.drain()

    async def stop(self, grace: float) -> None:
        """End connections without an open message at once, the others with it, or after *grace*."""
        self._is_stopping = True
        for task, session in self._sessions.items():
            if not session.is_open:
                task.cancel()
        if tasks := set(self._sessions):
            _, left = await asyncio.wait(tasks, timeout=grace)
            for task in left:
                task.cancel()
