"""What real servers wrote, read back: `lab/recorded` holds each line beside its session's truth."""

from typing import Final

import pytest

from headertls import Marking, parse_received
from headertls.classifier.writers import find_writer
from lab.compare import find_misreadings
from lab.truth import RECORDED, Recording, Session, read_recording

RECORDINGS: Final = {path.stem: read_recording(path) for path in sorted(RECORDED.glob("*.toml"))}
SESSIONS: Final = [
    pytest.param(session, id=f"{name}::{session.name}")
    for name, recording in RECORDINGS.items()
    for session in recording.session
]


@pytest.mark.parametrize("session", SESSIONS)
def test_recorded_line_is_read_right(session: Session) -> None:
    """What is read in a line agrees with what the client of that session knows."""
    assert [] == find_misreadings(session)


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_recording_proves_the_row_of_its_writer(recording: Recording) -> None:
    """The table of writers says of a server what its recorded lines show."""
    hops = [parse_received(session.line) for session in recording.session if session.truth.greeting]
    markings = {writer and writer.marking for hop in hops if (writer := find_writer(hop))}

    marks = recording.server.marks
    assert ({Marking(marks)} if marks else set()) == markings


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_recording_shows_both_states(recording: Recording) -> None:
    """A server was recorded with TLS and without, unless it refused all that was tried."""
    states = {bool(session.truth.tls) for session in recording.session if session.truth.greeting}
    refusals = {refusal.stage for refusal in recording.refused}

    assert {True, False} == states or refusals & {"STARTTLS", "handshake"}
