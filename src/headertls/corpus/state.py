"""What a scan notes of itself while it runs, so that another one can go on with it."""

import json
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from headertls.corpus.tally import Tally
from headertls.mailboxes import Mark

SUFFIX: Final = ".state"
_VERSION: Final = 1


class StateError(Exception):
    """A scan cannot go on; the text says why."""


class State(NamedTuple):
    """How far a scan is done."""

    mark: Mark | None
    """`None` before the first message."""
    tally: Tally
    messages: int
    """That have a number."""
    octets: int
    """That were read."""
    saved: tuple[int | None, ...]
    """Of each output, what its `save` told."""
    seen: frozenset[bytes] = frozenset()
    """The digests of the Message-IDs."""


def make_print(*wanted: object) -> str:
    """Make a text that tells scans apart that want different things."""
    return sha256(json.dumps(wanted, default=str).encode()).hexdigest()


def write_state(path: Path, state: State, wanted: str) -> None:
    """Write *state*, in one step.

    Args:
        path: Of the file.
        state: How far the scan is done.
        wanted: What the scan is to do, as of `make_print`.

    Raises:
        OSError: It cannot be written.
    """
    document = {
        "version": _VERSION,
        "wanted": wanted,
        "mark": state.mark,
        "messages": state.messages,
        "octets": state.octets,
        "saved": state.saved,
        "counts": _list(state.tally.counts),
        "examples": _list(state.tally.examples),
        "seen": b64encode(b"".join(sorted(state.seen))).decode(),
    }
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(document), encoding="ascii")
    new.replace(path)


def read_state(path: Path, wanted: str, digest: int) -> State:
    """Read what `write_state` wrote.

    Args:
        path: Of the file.
        wanted: What the scan is to do; the one that was broken off had to do the same.
        digest: Octets of a digest.

    Raises:
        StateError: There is no such file, or it belongs to another scan.
        OSError: It cannot be read.
    """
    try:
        return _read_document(path, wanted, digest)
    except FileNotFoundError:
        raise StateError(f"{path}: is not there, so there is no scan to go on with") from None
    # what JSON it is, nobody knows
    except (ValueError, TypeError, AttributeError, LookupError):
        raise StateError(f"{path}: is no state of a scan") from None


def _read_document(path: Path, wanted: str, digest: int) -> State:
    document: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
    if document.get("version") != _VERSION or document.get("wanted") != wanted:
        raise StateError(f"{path}: belongs to a scan of other paths, or with other options")
    tally = Tally()
    tally.counts = _dict(document["counts"])
    tally.examples = _dict(document["examples"])
    seen = b64decode(document["seen"])
    digests = frozenset(seen[at : at + digest] for at in range(0, len(seen), digest))
    numbers = document["messages"], document["octets"]
    mark = _read_mark(document["mark"])
    return State(mark, tally, *numbers, tuple(document["saved"]), digests)


def _read_mark(mark: list[Any] | None) -> Mark | None:
    if mark is None:
        return None
    root, key, messages, offset = mark
    return Mark(root, tuple(tuple(part) for part in key), messages, offset)


def _list(table: dict[str, dict[tuple[str, ...], Any]]) -> dict[str, list[Any]]:
    """Write keys of several parts as JSON can hold them."""
    return {
        str(sort): [[*key, value] for key, value in rows.items()] for sort, rows in table.items()
    }


def _dict(table: dict[str, list[Any]]) -> dict[str, dict[tuple[str, ...], Any]]:
    return {
        sort: {cast("tuple[str, ...]", tuple(row[:-1])): row[-1] for row in rows}
        for sort, rows in table.items()
    }
