"""headertls in the way of mail: `deliver [--count N] [NAME...]`.

A real server hands each message to headertls and delivers it; the clients know the truth. None may
be lost, doubled or changed, whatever happens to headertls meanwhile.

Each trial is a process of its own, in name spaces that end with it, as `lab.driver` has them.
"""

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from signal import SIGTERM, signal
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from lab.pki import make_certificates
from lab.room import Room
from lab.sink import Sink
from lab.spaces import SPACES, open_room
from lab.trials import CHECKED, TRIALS, Trial

FAILED: Final = 1
INCOMPLETE: Final = 2
"""The server could not be installed here."""

_LONGEST: Final = 3600.0


def main() -> int:
    """Hold the trials that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="deliver", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"{', '.join(TRIALS)}; {', '.join(CHECKED)} by default",
    )
    parser.add_argument("--count", type=int, default=1000, help="messages (1000)")
    parser.add_argument("--stage", choices=("install", "hold"), help=argparse.SUPPRESS)
    parser.add_argument("--room", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    names = chosen.names or list(CHECKED)
    if unknown := set(names) - set(TRIALS):
        parser.error(f"no such trial: {', '.join(sorted(unknown))}")
    if chosen.stage == "install":
        return _install(names[0], chosen)
    if chosen.stage == "hold":
        return _hold(TRIALS[names[0]], Room(chosen.room), chosen.count)
    return _hold_all(names, chosen)


def _install(name: str, chosen: argparse.Namespace) -> int:
    try:
        open_room(Room(chosen.room), TRIALS[name].make_server(), _again("hold", name, chosen))
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        print(f"  cannot be tried here: {error}", flush=True)
        return INCOMPLETE


def _hold_all(names: list[str], chosen: argparse.Namespace) -> int:
    # unshare outlives a mere SIGTERM; what leaves `subprocess.run` by an exception is killed
    signal(SIGTERM, lambda *_: sys.exit(1))
    with ThreadPoolExecutor(len(names)) as pool:
        statuses = set(pool.map(lambda name: _hold_in_spaces(name, chosen), names))
    return FAILED if FAILED in statuses else max(statuses)


def _hold_in_spaces(name: str, chosen: argparse.Namespace) -> int:
    start = monotonic()
    with TemporaryDirectory(prefix="lab-") as room:
        command = _again("install", name, argparse.Namespace(**vars(chosen) | {"room": room}))
        done = subprocess.run(
            (*SPACES, *command), check=False, capture_output=True, text=True, timeout=_LONGEST
        )
    print(f"{name}, {monotonic() - start:.0f} s:\n{done.stdout}{done.stderr}", end="", flush=True)
    return done.returncode if done.returncode in (0, INCOMPLETE) else FAILED


def _again(stage: str, name: str, chosen: argparse.Namespace) -> tuple[str, ...]:
    options = ("--stage", stage, "--room", str(chosen.room), "--count", str(chosen.count))
    return (sys.executable, "-m", "lab.in_path", *options, name)


def _hold(kind: type[Trial], room: Room, count: int) -> int:
    room.isolate()
    certificates = room.path("/srv/certificates")
    make_certificates(certificates)
    server = kind.make_server()
    server.configure(room, certificates)
    with Sink() as sink:
        trial = kind(server, room, certificates, sink)
        try:
            trial.prepare()
            server.start(room)
            server.wait()
            faults = list(trial.run(count))
        finally:
            server.stop(room)
            trial.clean_up()
            room.stop_all()
    for fault in faults[:20]:
        print(f"  {fault}")
    print(f"  {len(faults)} faults", flush=True)
    return FAILED if faults else 0


if __name__ == "__main__":
    sys.exit(main())
