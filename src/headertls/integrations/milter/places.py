"""Where a milter listens, in the words of Postfix and sendmail."""

import re
from pathlib import Path
from typing import Final, NamedTuple

LOOPBACK: Final = "127.0.0.1"

_LAST_PORT: Final = 65535
_is_place: Final = re.compile(
    r"(?:inet6?:(?P<port>\d{1,5})(?:@\[?(?P<host>[^\[\]]+)\]?)?|(?:unix|local):(?P<path>.+))"
).fullmatch


class Place(NamedTuple):
    """A port of a host, or else a path."""

    host: str = LOOPBACK
    port: int = 0
    """Any free one if it is 0."""
    path: Path | None = None
    """Of a Unix socket."""

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else f"inet:{self.port}@{self.host}"


def parse_place(text: str) -> Place:
    """Read where to listen: `inet:PORT@HOST`, `inet:PORT` for loopback, or `unix:PATH`.

    Raises:
        ValueError: It is written in no such way.

    >>> parse_place("inet:8891@127.0.0.1")
    Place(host='127.0.0.1', port=8891, path=None)
    >>> str(parse_place("unix:/run/headertls/milter.sock"))
    'unix:/run/headertls/milter.sock'
    """
    found = _is_place(text)
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        raise ValueError(f"{text}: is neither inet:PORT@HOST nor unix:PATH")
    if found["path"]:
        return Place(path=Path(found["path"]))
    return Place(found["host"] or LOOPBACK, int(found["port"]))
