"""Workers of `examples/stream` as processes of their own, and what they write."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

import headertls

ROOT: Final = Path(__file__).parents[1]
WORKER: Final = ROOT / "examples" / "stream"
EXAMPLES: Final = sorted((ROOT / "examples").glob("*.eml"))
PATIENCE: Final = 60.0
"""Seconds after which a test gives up; a worker is done long before."""


def make_mail(count: int) -> Iterator[bytes]:
    """Give messages in the shapes of the examples."""
    yield from islice(cycle([path.read_bytes() for path in EXAMPLES]), count)


def write_command(output: Path | str, *words: object) -> list[str]:
    """Write the command line of a worker: its options, the source and what belongs to it."""
    return [sys.executable, str(WORKER), "--output", str(output), *map(str, words)]


@contextmanager
def start(output: Path | str, *words: object, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker; one that is still there at the end is killed."""
    library = str(Path(headertls.__file__).parents[1])
    settings = {"env": os.environ | {"PYTHONPATH": library}, "stderr": subprocess.PIPE} | more
    with subprocess.Popen(write_command(output, *words), **settings) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.kill()


def end(process: subprocess.Popen[bytes], signal: int | None = None) -> str:
    """Send *signal*, wait until the worker is gone, and give what it complained of."""
    if signal is not None:
        process.send_signal(signal)
    _, told = process.communicate(timeout=PATIENCE)
    return told.decode()


def run(output: Path | str, *words: object, **more: Any) -> tuple[int, str]:
    """Run a worker to its end, and give its status and what it complained of."""
    with start(output, *words, **more) as process:
        told = end(process)
    return process.returncode, told


def wait_until(is_so: Callable[[], object], what: str = "it") -> None:
    """Wait until something is so.

    Raises:
        AssertionError: It never is.
    """
    limit = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < limit, f"{what} did not happen"
        time.sleep(0.005)


def count_lines(output: Path) -> int:
    """Count the lines that are there so far."""
    return output.read_bytes().count(b"\n") if output.exists() else 0


def read_rows(*outputs: Path) -> list[dict[str, Any]]:
    """Read what workers wrote that are gone: all lines are whole."""
    rows = read_whole_rows(*outputs)
    assert len(rows) == sum(len(path.read_bytes().splitlines()) for path in outputs)
    return rows


def read_whole_rows(*outputs: Path) -> list[dict[str, Any]]:
    """Read what is there: a worker that still writes, or was killed, may leave half a line."""
    lines = [
        line
        for path in outputs
        if path.exists()
        for line in path.read_text("ascii").splitlines(keepends=True)
    ]
    return [json.loads(line) for line in lines if line.endswith("\n")]


def read_judgements(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out of *rows* where the messages came from."""
    places = {"message", "path", "member", "offset", "number"}
    return [{key: row[key] for key in row if key not in places} for row in rows]


def expect_judgements(mail: Sequence[bytes], folder: Path) -> list[dict[str, Any]]:
    """What `headertls scan --messages` writes of *mail*, in its order."""
    from headertls import cli  # noqa: PLC0415  # few tests need it

    (box := folder / "expected").mkdir()
    for number, message in enumerate(mail):
        (box / f"{number:06}.eml").write_bytes(message)
    rows = folder / "expected.ndjson"
    assert cli.main(["scan", "--workers", "1", "--messages", str(rows), str(box)]) == 0
    return read_judgements(read_rows(rows))
