"""headertls in the way of mail: `deliver [--count N] [NAME...]`.

A real server hands each message to headertls and delivers it; the clients know the truth. None may
be lost, doubled or changed, whatever happens to headertls meanwhile.

Each trial is a process of its own, in name spaces that end with it, as `lab.driver` has them.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from signal import SIGTERM, signal
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from lab.pki import make_certificates
from lab.room import Room
from lab.sink import Sink
from lab.spaces import SPACES, open_room
from lab.trials import TRIALS, Trial

FAILED: Final = 1
INCOMPLETE: Final = 2
"""The server could not be installed or started here."""


def main() -> int:
    """Hold the trials that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="deliver", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TRIALS))
    parser.add_argument("--count", type=int, default=1000, help="messages (1000)")
    parser.add_argument("--stage", choices=("install", "hold"), help=argparse.SUPPRESS)
    parser.add_argument("--room", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    names = chosen.names or list(TRIALS)
    if unknown := set(names) - set(TRIALS):
        parser.error(f"no such trial: {', '.join(sorted(unknown))}")
    if chosen.stage == "install":
        open_room(
            Room(chosen.room), TRIALS[names[0]].make_server(), _again("hold", names[0], chosen)
        )
    if chosen.stage == "hold":
        return _hold(TRIALS[names[0]], Room(chosen.room), chosen.count)
    return _hold_all(names, chosen)


def _hold_all(names: list[str], chosen: argparse.Namespace) -> int:
    # unshare outlives a mere SIGTERM; what leaves `subprocess.run` by an exception is killed
    signal(SIGTERM, lambda *_: sys.exit(1))
    statuses = {0}
    for name in names:
        start = monotonic()
        print(f"{name}:", flush=True)
        with TemporaryDirectory(prefix="lab-") as room:
            chosen.room = room
            done = subprocess.run((*SPACES, *_again("install", name, chosen)), check=False)
        statuses.add(done.returncode if done.returncode in (0, INCOMPLETE) else FAILED)
        print(f"  {monotonic() - start:.0f} s", flush=True)
    return FAILED if FAILED in statuses else max(statuses)


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
