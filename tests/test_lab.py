"""What real servers wrote, read back: `lab/recorded` holds each line beside its session's truth."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from headertls import Marking, Transport, analyze, parse_received
from headertls.classifier.writers import find_writer
from lab.compare import expect_transport, find_misreadings
from lab.fixture import write_recording
from lab.truth import RECORDED, Recording, Session, read_recording

RECORDINGS: Final = {path.stem: read_recording(path) for path in sorted(RECORDED.glob("*.toml"))}
SESSIONS: Final = {
    f"{name}::{session.name}": session
    for name, recording in RECORDINGS.items()
    for session in recording.session
}
TRACES: Final = {name: session for name, session in SESSIONS.items() if session.trace}

# Sessions whose truth is changed in one place, so that the line must seem to be misread.
CHANGES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "encrypted": ("postfix::comment-tls13", {"tls": None}),
    "helo": ("postfix::smtp-plain", {"helo": "other.sender.example"}),
    "address": ("exim::default-plain", {"address": "89.160.20.112"}),
    "name": ("exim::default-plain", {"name": None}),
    "login": ("postfix::submission-tls-auth-plain", {"auth": None}),
    "sender": ("exim::default-plain", {"sender": "bob@sender.example"}),
    "recipient": ("postfix::smtp-plain", {"recipient": "bob@lab.example"}),
}

_find_hosts: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b", re.IGNORECASE).findall


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_recorded_lines_are_read_right(recording: Recording) -> None:
    """What is read in a line agrees with what the client of that session knows."""
    # one test for all lines of a server: there are thousands
    found = {session.name: find_misreadings(session) for session in recording.session}

    assert {} == {name: misreadings for name, misreadings in found.items() if misreadings}


@pytest.mark.parametrize("session", TRACES.values(), ids=TRACES)
def test_session_is_found_in_a_whole_trace(session: Session) -> None:
    """The client's session is the entry, and no line of the servers behind it is flagged."""
    lines = "".join(f"Received: {line}\n" for line in (*session.trace, session.line))
    trace = analyze(f"{lines}\n".encode())
    inner = [hop.verdict for hop in trace.hops if hop.raw != session.line]

    assert trace.entry is not None
    assert session.line == trace.entry.raw
    assert trace.entry.verdict is not None
    if not session.is_unsure:
        assert expect_transport(session) is trace.entry.verdict.transport
    assert len(session.trace) == len(inner)
    assert [] == [finding for verdict in inner if verdict for finding in verdict.findings]


@pytest.mark.parametrize(("name", "change"), CHANGES.values(), ids=CHANGES)
def test_other_truth_is_noticed(name: str, change: dict[str, Any]) -> None:
    """The comparison sees a line that does not say what happened."""
    session = SESSIONS[name]
    changed = session.model_copy(update={"truth": session.truth.model_copy(update=change)})

    assert find_misreadings(changed)


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_recording_proves_the_row_of_its_writer(recording: Recording) -> None:
    """The table of writers says of a server what its recorded lines show."""
    hops = [parse_received(session.line) for session in recording.session if session.truth.greeting]
    markings = {writer.marking for hop in hops if (writer := find_writer(hop))}

    marks = recording.server.marks
    assert ({Marking(marks)} if marks else set()) == markings


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_sessions_bear_out_the_row_of_their_writer(recording: Recording) -> None:
    """A writer that always marks TLS marked all sessions with it, one that never does none."""
    for session in recording.session:
        hop = parse_received(session.line)
        writer = find_writer(hop)
        if not session.truth.greeting or not session.truth.tls or writer is None:
            continue
        if expect_transport(session) is Transport.NOT_APPLICABLE:  # it hides its client
            continue
        is_unsure = hop.protocol in writer.unsure_words
        if writer.marking is Marking.ALWAYS and not is_unsure:
            assert hop.tls is not None, session.name
        elif writer.marking is Marking.NEVER:
            assert hop.tls is None, session.name


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_recording_shows_both_states(recording: Recording) -> None:
    """A server was recorded with TLS and without, unless it has none or refused all of it."""
    truths = [session.truth for session in recording.session if session.truth.greeting]
    states = {bool(truth.tls or truth.front) for truth in truths}
    refusals = {refusal.stage for refusal in recording.refused}

    if recording.server.has_tls:
        assert {True, False} == states or refusals & {"STARTTLS", "handshake"}
    else:
        assert True not in states


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_recording_names_no_real_host(recording: Recording) -> None:
    """The servers' and clients' names are all invented."""
    starts = [re.split(r"[(;]", session.line)[0] for session in recording.session]
    hosts = {host.lower() for start in starts for host in _find_hosts(start)}

    # chasquid leaves signs out of a HELO argument, and its words run together
    assert [] == [host for host in hosts if not host.rpartition(".")[2].startswith("example")]


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_recording_survives_its_file(recording: Recording, tmp_path: Path) -> None:
    """What is written is what is read."""
    path = tmp_path / "again.toml"
    write_recording(recording, path)

    assert recording == read_recording(path)
