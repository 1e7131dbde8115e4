"""Messages from a stream of Redis, by a consumer group.

An entry has the octets of a message in the field `raw`. What is handed out is pending until it is
acknowledged; what a dead worker left pending is another's after a time.
"""

import logging
import os
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as LateError
from redis.retry import Retry
from work import HEADER, Settings, Taken

from headertls.mailboxes import Place

BLOCK = 1000
"""Milliseconds that the server waits for an entry; a stop takes no longer."""
TIMEOUT = 10.0
"""Seconds after which a silent server is given up."""
PAUSES = (0.1, 10.0)
"""Seconds between attempts to reach a server: the first pause, which doubles, and the longest."""

NO_GROUP = ("NOGROUP", "UNBLOCKED")
"""Errors that say that the stream or its group is not there, or was removed as we waited."""

# In the server, so that a message that is too much for a worker does not travel, and in one step.
# Whoever comes second finds nothing pending. Lua cannot unpack lists of any length.
BURY = """
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return 0 end
local entry = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
local fields = entry and {unpack(entry[2], 1, math.min(#entry[2], 1000))} or {}
redis.call('XADD', KEYS[2], '*', 'id', ARGV[2], 'reason', ARGV[3], unpack(fields))
return redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
"""

log = logging.getLogger("stream")

T = TypeVar("T")


class Names(NamedTuple):
    """Names in the server."""

    stream: str
    group: str
    field: str
    """Of an entry, with the octets of the message."""
    dead: str
    """The stream of what was set aside."""


class RedisStream:
    """The entries of a stream."""

    def __init__(self, url: str, names: Names, settings: Settings, longest: int) -> None:
        """Prepare; the server may come later.

        Args:
            url: `redis://HOST:PORT/DB`, `rediss://` for TLS, or `unix://PATH`.
            names: In the server.
            settings: Of the worker.
            longest: Octets of a message above which it is set aside.
        """
        self._client = Redis.from_url(
            url,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
        )
        self._names, self._settings, self._longest = names, settings, longest
        self._me = f"{socket.gethostname()}-{os.getpid()}"
        self._next_look = 0.0

    def take(self) -> Sequence[Taken]:
        """Take new entries, or one that another worker left behind."""
        return self._insist(self._take) or ()

    def _take(self) -> Sequence[Taken]:
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + 1
            # one by one: if it ends this worker, too, then no other message is blamed
            if left := self._take_over():
                self._next_look = 0.0
                return left
        stream, group, *_ = self._names
        told: Any = self._client.xreadgroup(
            group, self._me, {stream: ">"}, count=self._settings.batch, block=BLOCK
        )
        return [self._read(entry, fields) for _, entries in told for entry, fields in entries]

    def _take_over(self) -> Sequence[Taken]:
        """XAUTOCLAIM does it in one step, but does not tell how often an entry was handed out."""
        stream, group, *_ = self._names
        idle = int(self._settings.lease * 1000)
        told: Any = self._client.xpending_range(
            stream, group, "-", "+", self._settings.batch, idle=idle
        )
        for pending in told:
            entry, times = pending["message_id"], pending["times_delivered"]
            is_given_up = times >= self._settings.deliveries
            claimed: Any = self._client.xclaim(
                stream, group, self._me, idle, [entry], justid=is_given_up
            )
            if claimed and is_given_up:
                return [self._fail(entry, f"was handed out {times} times, and never finished")]
            # there is nothing where the entry was deleted, or another worker was faster
            if found := [self._read(*each) for each in claimed if each[0] is not None]:
                return found
        return ()

    def _read(self, entry: bytes, fields: dict[bytes, bytes] | None) -> Taken:
        raw = (fields or {}).get(self._names.field.encode())
        if raw is None:
            return self._fail(entry, f"has no field {self._names.field}")
        if len(raw) > self._longest:
            return self._fail(entry, f"has more than {self._longest} octets")
        return Taken(entry, self._locate(entry), raw[:HEADER])

    def _fail(self, entry: bytes, error: str) -> Taken:
        return Taken(entry, self._locate(entry), error=error)

    def _locate(self, entry: bytes) -> Place:
        return Place(self._names.stream, member=entry.decode())

    def finish(self, done: Sequence[Taken]) -> None:
        """Acknowledge and remove what was judged, and move what could not be read."""
        if self._insist(lambda: self._finish(done)) is None:
            log.warning("%d entries are written, not acknowledged: they come again", len(done))

    def _finish(self, done: Sequence[Taken]) -> list[Any]:
        stream, group, _, dead = self._names
        with self._client.pipeline(transaction=True) as pipeline:
            for taken in done:
                if taken.error is not None:
                    pipeline.eval(BURY, 2, stream, dead, group, taken.key, taken.error)
                else:
                    pipeline.xack(stream, group, taken.key)
            if not self._settings.keep:
                pipeline.xdel(stream, *(taken.key for taken in done))
            return pipeline.execute()

    def _insist(self, call: Callable[[], T]) -> T | None:
        """Try until the server is there, or it is time to end."""
        pause, longest = PAUSES
        while True:
            try:
                return call()
            except (LostError, LateError) as error:
                log.warning("%s; once more in %.1f s", error, pause)
                if self._settings.stop.wait(pause):
                    return None
                pause = min(2 * pause, longest)
            except ResponseError as error:
                if not str(error).startswith(NO_GROUP):
                    raise
                self._make_group()

    def _make_group(self) -> None:
        """The first worker of all finds no group, nor do those of a server that lost its data."""
        stream, group, *_ = self._names
        try:
            self._client.xgroup_create(stream, group, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    def close(self) -> None:
        """Take our name out of the group, unless something is pending under it."""
        try:
            self._leave()
        except (LostError, LateError, ResponseError) as error:
            log.warning("the group keeps the name %s: %s", self._me, error)
        self._client.close()

    def _leave(self) -> None:
        stream, group, *_ = self._names
        if not self._client.xpending_range(stream, group, "-", "+", 1, consumername=self._me):
            self._client.xgroup_delconsumer(stream, group, self._me)
