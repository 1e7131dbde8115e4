"""Records servers: `record [--to FOLDER] [--check] [NAME...]`.

A name may have a suite of Debian behind it, `postfix@trixie`: the room is then made by debootstrap
instead of out of this machine's own files.

Each server is recorded by a process of its own, in name spaces that end with it: mounts, process
ids and the host name from the start; the network is left behind once the server is installed.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from signal import SIGTERM, signal
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Final

from lab.compare import find_misreadings
from lab.dialog import Plan, RefusedError, hold
from lab.fixture import write_recording
from lab.pki import make_certificates
from lab.room import Room
from lab.servers import SERVERS, Server
from lab.servers.base import Held, Listener
from lab.sessions import plan_sessions
from lab.sink import Ident, Sink
from lab.spaces import SPACES, open_room
from lab.truth import (
    RECORDED,
    About,
    Fact,
    Recording,
    Refusal,
    Session,
    Truth,
    find_misread,
    read_recording,
)

_PATIENCE: Final = 30.0


MISREAD: Final = 1
INCOMPLETE: Final = 2
"""A server or a session could not be recorded, which a machine under load may be the cause of."""


def main() -> int:
    """Record the servers that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="record", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SERVERS))
    parser.add_argument("--to", type=Path, default=RECORDED, help="the folder (recorded/)")
    parser.add_argument(
        "--check", action="store_true", help="fail if a line is misread, or missing"
    )
    parser.add_argument(
        "--describe", action="store_true", help="only state anew what the kept lines tell"
    )
    parser.add_argument(
        "--bases", type=Path, help="the folder in which the files of Debian's releases are kept"
    )
    parser.add_argument("--stage", choices=("install", "hold"), help=argparse.SUPPRESS)
    parser.add_argument("--room", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    names = arguments.names or list(SERVERS)
    if unknown := {name.partition("@")[0] for name in names} - set(SERVERS):
        parser.error(f"no such server: {', '.join(sorted(unknown))}")
    folder = arguments.to.resolve()
    if arguments.stage == "install":
        _install(names[0], folder, arguments.room, arguments.bases)
    elif arguments.stage == "hold":
        _record(_make_server(names[0]), Room(arguments.room), _find_file(folder, names[0]))
    elif arguments.describe:
        for name in names:
            _describe_again(name, _find_file(folder, name))
    else:
        return _record_all(names, folder, arguments.bases, is_checked=arguments.check)
    return 0


def _record_all(names: list[str], folder: Path, bases: Path | None, *, is_checked: bool) -> int:
    # unshare outlives a mere SIGTERM; what leaves `subprocess.run` by an exception is killed
    signal(SIGTERM, lambda *_: sys.exit(1))
    statuses = {0}
    for name in names:
        with TemporaryDirectory(prefix="lab-") as room:
            options = ("--bases", str(bases.resolve())) if bases else ()
            command = (*_again("install", name, folder, Path(room)), *options)
            done = subprocess.run((*SPACES, *command), check=False)
        if done.returncode:
            print(f"{name}: not recorded")
            statuses.add(INCOMPLETE)
        else:
            recording = read_recording(_find_file(folder, name))
            _sort(recording, _find_file(folder, name))
            statuses.add(_report(name, recording, is_checked=is_checked))
    return MISREAD if MISREAD in statuses else max(statuses)


def _describe_again(name: str, path: Path) -> None:
    """State what the kept lines tell, after the server's module has learnt better.

    Lines that are now read otherwise change between the recording and its misread part.
    """
    server, recording = _make_server(name), read_recording(path)
    misread = _read_misread(path)
    listeners = {listener.name: listener for listener in server.listeners}
    sessions = [
        _describe(
            server,
            _describe_told(server, listeners[kept.listener], kept.name, kept.truth),
            [*kept.trace, kept.line],
        )
        if kept.listener in listeners
        else kept
        for kept in (*recording.session, *misread)
    ]
    about = recording.server.model_copy(update={"marks": server.marks, "has_tls": server.has_tls})
    again = Recording(server=about, session=tuple(sessions), refused=recording.refused)
    _sort(again, path)
    _report(name, again, is_checked=False)


def _sort(recording: Recording, path: Path) -> None:
    """Keep what is misread apart, until the parser is mended: no test reads that part."""
    path.unlink(missing_ok=True)
    misread_path = find_misread(path)
    misread_path.unlink(missing_ok=True)
    wrong = tuple(session for session in recording.session if find_misreadings(session))
    right = tuple(session for session in recording.session if session not in wrong)
    write_recording(recording.model_copy(update={"session": right}), path)
    if wrong:
        misread_path.parent.mkdir(exist_ok=True)
        update = {"session": wrong, "refused": ()}
        write_recording(recording.model_copy(update=update), misread_path)


def _read_misread(path: Path) -> tuple[Session, ...]:
    """Read the part of a recording that is known to be misread."""
    misread_path = find_misread(path)
    return read_recording(misread_path).session if misread_path.exists() else ()


def _report(name: str, recording: Recording, *, is_checked: bool) -> int:
    faults = _find_missing(_find_file(RECORDED, name), recording) if is_checked else []
    known = {session.name for session in _read_misread(_find_file(RECORDED, name))}
    misreadings = [
        f"{session.name}: {misreading}\n    {session.line}"
        for session in recording.session
        if not is_checked or session.name not in known
        for misreading in find_misreadings(session)
    ]
    print(
        f"{name}: {recording.server.product} {recording.server.version}:"
        f" {len(recording.session)} lines, {len(recording.refused)} sessions refused,"
        f" {len(misreadings)} misreadings"
    )
    for fault in (*faults, *misreadings):
        print(fault)
    if not is_checked:
        return 0
    return MISREAD if misreadings else INCOMPLETE if faults else 0


def _find_missing(path: Path, recording: Recording) -> list[str]:
    """Name the sessions of the kept recording that did not succeed this time."""
    if not path.exists():
        print(f"{path.name} is not kept: nothing to compare with")
        return []
    kept = read_recording(path)
    if kept.server.version != recording.server.version:
        print(f"{path.name} holds lines of {kept.server.version}: numbers are not compared")
        return []
    names = {session.name for session in recording.session}
    sessions = (*kept.session, *_read_misread(path))
    missing = [session.name for session in sessions if session.name not in names]
    return [f"{name}: recorded before, but not now" for name in missing]


def _make_server(name: str) -> Server:
    kind, _, suite = name.partition("@")
    server = SERVERS[kind]()
    server.suite = suite or None
    return server


def _find_file(folder: Path, name: str) -> Path:
    return folder / f"{name.replace('@', '-')}.toml"


def _again(stage: str, name: str, folder: Path, room: Path) -> tuple[str, ...]:
    """The command for this program's next stage."""
    options = ("--stage", stage, "--room", str(room), "--to", str(folder), name)
    return (sys.executable, "-m", "lab.driver", *options)


def _install(name: str, folder: Path, place: Path, bases: Path | None) -> None:
    room = Room(place, name.partition("@")[2] or None, bases)
    open_room(room, _make_server(name), _again("hold", name, folder, place))


def _record(server: Server, room: Room, path: Path) -> None:
    room.isolate()
    certificates = room.path("/srv/certificates")
    make_certificates(certificates)
    server.configure(room, certificates)
    try:
        server.start(room)
        server.wait()
        with Sink() as sink, Ident() as ident:
            recording = _hold_all(server, room, certificates, sink, ident)
    except Exception:
        print(room.path("/tmp/spawned.log").read_text(errors="replace")[-4000:])  # noqa: S108
        raise
    finally:
        server.stop(room)
        room.stop_all()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_recording(recording, path)


def _hold_all(
    server: Server, room: Room, certificates: Path, sink: Sink, ident: Ident
) -> Recording:
    held: list[Held] = []
    refused: list[Refusal] = []
    for listener in server.listeners:
        for plan in plan_sessions(listener):
            ident.answer = plan.ident
            try:
                truth = hold(plan, listener.port, certificates)
                held.append(_describe_told(server, listener, plan.name, truth))
            except OSError as error:
                refused.append(_describe_refusal(plan, RefusedError("connection", "", str(error))))
            except RefusedError as error:
                refused.append(_describe_refusal(plan, error))
    if refused and not held:
        raise RuntimeError(f"no session came to its end: {refused[0]}")
    held.extend(server.hold_others(room))
    lines = _wait_for_lines(server, room, sink, {session.name for session in held})
    return Recording(
        server=_describe_server(server, room),
        session=tuple(
            _describe(server, session, lines[session.name])
            for session in held
            if session.name in lines
        ),
        refused=tuple(refused),
    )


def _describe_told(server: Server, listener: Listener, name: str, truth: Truth) -> Held:
    told = tuple(sorted(server.told(listener, truth)))
    return Held(name, listener.name, told, truth, server.is_unsure(listener, truth))


def _describe(server: Server, held: Held, lines: list[str]) -> Session:
    *trace, line = lines if server.keeps_traces else lines[:1]
    shown = dict(_iter_shown(server, held))
    return Session(**held._asdict(), shown=shown, line=line, trace=tuple(trace))


def _iter_shown(server: Server, held: Held) -> Iterator[tuple[Fact, str]]:
    """Give the texts that the server changes."""
    truth = held.truth
    texts = {
        Fact.HELO: truth.helo,
        Fact.NAME: truth.name,
        Fact.IDENT: truth.ident,
        Fact.SENDER: truth.sender,
        Fact.RECIPIENT: truth.recipient,
        Fact.USER: truth.auth and truth.auth.user,
        Fact.CERTIFICATE: truth.tls and truth.tls.certificate,
    }
    for fact, text in texts.items():
        if fact in held.told and text is not None and (shown := server.show(fact, text)) != text:
            yield fact, shown


def _describe_refusal(plan: Plan, error: RefusedError) -> Refusal:
    return Refusal(
        name=plan.name,
        listener=plan.listener,
        stage=error.stage,
        sent=error.sent,
        reply=error.reply,
    )


def _describe_server(server: Server, room: Room) -> About:
    return About(
        product=server.product,
        version=server.version(room),
        package=server.source(room),
        system=room.system(),
        marks=server.marks,
        has_tls=server.has_tls,
        configuration=server.configuration,
    )


def _wait_for_lines(
    server: Server, room: Room, sink: Sink, names: set[str]
) -> dict[str, list[str]]:
    """Collect until the message of each session is there; lost ones are told of, not hidden."""
    end = monotonic() + _PATIENCE
    found: dict[str, list[str]] = {}
    while names - set(found) and monotonic() < end:
        sleep(0.2)
        with suppress(FileNotFoundError):  # a message moved while it was read
            found = dict(_iter_lines(server.collect(room, sink)))
    for name in sorted(names - set(found)):
        print(f"  {name}: the message did not arrive")
    return found


def _iter_lines(messages: list[bytes]) -> Iterator[tuple[str, list[str]]]:
    """Give the name of the session and the lines of each message."""
    for message in messages:
        names, lines = read_fields(message, "X-Lab-Session"), read_fields(message, "Received")
        if names and lines:
            yield names[0], lines


def read_fields(message: bytes, name: str) -> list[str]:
    """Read the fields of a message as they stand, folds and all, newest first."""
    head = message.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace")
    fields: list[str] = []
    for line in head.split("\n"):
        if line[:1] in (" ", "\t") and fields:
            fields[-1] += f"\n{line}"
        else:
            fields.append(line)
    start = f"{name.lower()}:"
    return [field[len(start) :].strip() for field in fields if field.lower().startswith(start)]


if __name__ == "__main__":
    sys.exit(main())
