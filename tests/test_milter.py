"""The milter, driven by what Postfix and sendmail say, frame by frame."""

import asyncio
import logging
import os
import re
import signal
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls import ResultField, ResultWord, Severity, Site, parse_result_field
from headertls.cli import main
from headertls.integrations.milter import Judge, OnFail, Place, parse_place
from headertls.integrations.milter import judge as judge_module
from headertls.integrations.milter import server as server_module
from headertls.integrations.milter.facts import make_live
from headertls.integrations.milter.readiness import READY, notify
from headertls.integrations.milter.server import serve
from headertls.integrations.milter.session import Session
from headertls.integrations.milter.wire import MAX_FRAME, Frame, Peer, WireError
from headertls.source import MAX_HEADER

OWN: Final = "mx.site.example"
JUDGE: Final = Judge(OWN)
STRICT: Final = Judge(OWN, fail_on=Severity.HIGH, on_fail=OnFail.REJECT)

# What Postfix 3.7 and sendmail 8.17 offer: all actions, all options.
ALL_ACTIONS: Final = 0x1FF
ALL_OPTIONS: Final = 0x1FFFFF
SETSYMLIST: Final = 0x100
LEADING_SPACE: Final = 0x100000

TLS: Final = {"{tls_version}": "TLSv1.3", "{cipher}": "TLS_AES_256_GCM_SHA384"}
PATIENCE: Final = 10.0
ANY: Final = Place()


class Change(NamedTuple):
    """What the server is told to do to a header field."""

    command: bytes
    number: int
    name: str
    value: str


def write_frame(command: bytes, *texts: str | bytes) -> bytes:
    """A frame, whose texts all end with a NUL."""
    octets = (text if isinstance(text, bytes) else text.encode() for text in texts)
    payload = command + b"".join(text + b"\0" for text in octets)
    return struct.pack("!L", len(payload)) + payload


def parse_frames(answer: bytes) -> list[Frame]:
    """The frames of which *answer* is made."""
    frames = []
    while answer:
        (size,) = struct.unpack("!L", answer[:4])
        frames.append(Frame(answer[4:5], answer[5 : 4 + size]))
        answer = answer[4 + size :]
    return frames


def parse_change(frame: Frame) -> Change:
    """An order to change, or to insert, a field."""
    name, value, rest = frame.payload[4:].split(b"\0")
    assert rest == b""
    return Change(
        frame.command, struct.unpack("!L", frame.payload[:4])[0], name.decode(), value.decode()
    )


class Server:
    """The side of the mail server, for a session without any connection."""

    def __init__(
        self,
        judge: Judge = JUDGE,
        actions: int = ALL_ACTIONS,
        options: int = ALL_OPTIONS,
        version: int = 6,
    ) -> None:
        self.session = Session(judge)
        self.blank = " " if options & LEADING_SPACE else ""
        offer = struct.pack("!LLL", version, actions, options)
        (self.terms,) = parse_frames(self.session.take(Frame(b"O", offer)))

    def say(self, command: bytes, *texts: str | bytes) -> list[Frame]:
        """Say something, and hear the answer."""
        (frame,) = parse_frames(write_frame(command, *texts))
        return parse_frames(self.session.take(frame))

    def tell(self, step: str, macros: dict[str, str]) -> None:
        """Send the macros of a step."""
        texts = [text for pair in macros.items() for text in pair]
        (frame,) = parse_frames(write_frame(b"D" + step.encode(), *texts))
        assert b"" == self.session.take(frame)

    def connect(self, name: str = "out.shop.example", address: str = "81.2.69.144") -> None:
        """Begin a connection."""
        self.tell("C", {"j": OWN, "{client_name}": name, "{client_addr}": address})
        self.say(b"C", name, b"4" + struct.pack("!H", 41234) + address.encode())

    def greet(self, helo: str | bytes = "out.shop.example", tls: dict[str, str] = TLS) -> None:
        """Greet, with what is known of TLS by then."""
        if tls:
            self.tell("H", tls)
        self.say(b"H", helo)

    def begin(self, macros: dict[str, str] | None = None) -> None:
        """Begin a message."""
        if macros:
            self.tell("M", macros)
        self.say(b"M", "<ann@shop.example>")

    def end(self, *fields: tuple[str, str]) -> list[Frame]:
        """Send the fields of a message, and its end; give what is to be done."""
        for name, value in (("Subject", "Lunch"), *fields):
            self.say(b"L", name, f"{self.blank}{value}")
        self.tell("E", {"i": "4Q1"})
        return self.say(b"E")

    def send(self, *fields: tuple[str, str], tls: dict[str, str] = TLS) -> list[Frame]:
        """Send one message over a new connection."""
        self.connect()
        self.greet(tls=tls)
        self.begin()
        return self.end(*fields)


def read_result(answer: list[Frame]) -> ResultField:
    """The field that the server is told to insert, as its last order but one."""
    *_, inserted, end = answer
    assert Frame(b"c", b"") == end
    change = parse_change(inserted)
    assert (b"i", 0, "Authentication-Results") == change[:3]
    field = parse_result_field(change.value)
    assert field is not None
    return field


def test_encrypted_session_is_told() -> None:
    """The field says what the server's macros say: version, suite, client."""
    field = read_result(Server().send())

    assert OWN == field.authserv_id
    assert (ResultWord.PASS, "TLSv1.3", "TLS_AES_256_GCM_SHA384") == (
        field.result.word,
        field.result.version,
        field.result.cipher,
    )
    assert "81.2.69.144" == str(field.result.remote_ip)
    assert "out.shop.example" == field.result.helo


def test_plaintext_session_is_told() -> None:
    """A session of which the server knows no TLS is plaintext."""
    assert ResultWord.FAIL is read_result(Server().send(tls={})).result.word


def test_tls_is_known_without_second_greeting() -> None:
    """After STARTTLS a client need not greet again: the macros come with MAIL, too."""
    server = Server()
    server.connect()
    server.greet(tls={})
    server.begin(TLS)

    assert ResultWord.PASS is read_result(server.end()).result.word


READ: Final = (
    *("client_addr", "client_name", "client_port", "client_resolve"),
    *("tls_version", "cipher", "cipher_bits", "auth_authen", "auth_type"),
)


def test_what_is_needed_is_asked_for() -> None:
    """The server sends the macros, and nothing that is not read, whatever its configuration."""
    version, actions, options = struct.unpack("!LLL", Server().terms.payload[:12])

    assert (6, 0x131) == (version, actions)  # add, change, quarantine, ask for macros
    assert 0x10 | 0x8 | 0x200 | 0x100 | 0x40 == options & 0x37F  # no body, recipients, ...
    texts = Server().terms.payload[12:].split(b"\0")[:-1]
    # each text has the number of a step, in four octets, in front, NULs and all
    asked = {word.decode() for text in texts for word in re.findall(rb"[a-z_{}]+", text)}
    assert {*(f"{{{name}}}" for name in READ), "i", "j"} == asked


def test_log_names_message_by_queue_id_told_with_sender(caplog: pytest.LogCaptureFixture) -> None:
    """A server may tell its queue id with MAIL alone, as sendmail does."""
    server = Server()
    server.connect()
    server.greet()
    server.begin({"i": "6AQAiSTb005209"})
    with caplog.at_level(logging.INFO):
        server.say(b"E")

    assert ["6AQAiSTb005209: pass, TLSv1.3, from 81.2.69.144"] == caplog.messages


def test_log_has_a_line_a_message_and_steers_no_terminal(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a server tells, no text of it begins a line of the log, or is a control sequence."""
    server = Server()
    server.connect()
    server.greet()
    server.begin({"i": "4Q1\nheadertls: INFO: 4Q2\x1b[2J"})
    with caplog.at_level(logging.INFO):
        server.say(b"E")

    told = "4Q1\\nheadertls: INFO: 4Q2\\x1b[2J: pass, TLSv1.3, from 81.2.69.144"
    assert [told] == caplog.messages


def test_old_server_is_not_asked_for_what_it_has_not() -> None:
    """What was not offered is neither asked for nor relied on: each step is answered."""
    server = Server(actions=0x1F, options=0, version=2)

    assert struct.pack("!LLL", 2, 0x11, 0) == server.terms.payload
    assert [Frame(b"c", b"")] == server.say(b"H", "out.shop.example")
    assert [Frame(b"c", b"")] == server.say(b"R", "<bob@site.example>")
    assert [Frame(b"c", b"")] == server.say(b"N")


def test_silence_of_a_server_that_was_not_asked_is_no_plaintext() -> None:
    """Where macros cannot be asked for, their absence accuses nobody."""
    server = Server(actions=ALL_ACTIONS & ~SETSYMLIST)

    assert ResultWord.PERMERROR is read_result(server.send(tls={})).result.word
    assert ResultWord.PASS is read_result(server.send()).result.word


@pytest.mark.parametrize("options", [ALL_OPTIONS, ALL_OPTIONS & ~LEADING_SPACE])
def test_value_has_one_blank(options: int) -> None:
    """Behind the colon stands one blank, whoever writes it."""
    *_, inserted, _ = Server(options=options).send()
    has_own_blank = bool(options & LEADING_SPACE)

    assert has_own_blank is parse_change(inserted).value.startswith(f" {OWN};")


def test_forged_fields_are_taken_out() -> None:
    """Only fields that pretend to be ours go, from below, by their numbers among their like."""
    answer = Server().send(
        ("Authentication-Results", f"{OWN}; x-tls-trace=pass"),
        ("authentication-results", "mx.relay.example; x-tls-trace=pass"),
        ("Received", "from a.example by b.example"),
        ("AUTHENTICATION-RESULTS", f"(x) {OWN.upper()} 1;\n\tx-tls-trace=fail"),
        ("Authentication-Results", f"{OWN}; spf=pass smtp.mailfrom=shop.example"),
    )
    *removed, _, _ = answer

    assert [(3, ""), (1, "")] == [(c.number, c.value) for c in map(parse_change, removed)]
    assert {b"m"} == {frame.command for frame in removed}


def test_forged_fields_behind_a_carriage_return_are_taken_out() -> None:
    """Where some readers see a field inside of another one, the rest of that one stays."""
    forged = f"Authentication-Results: {OWN}; x-tls-trace=pass"
    *changed, _, _ = Server().send(
        ("Subject", f"a\r{forged}\rX: b"),
        ("X-Long", f"{'x' * 100_000}\r{forged}"),
        ("X-Empty", f"\r{forged}"),
        ("X-Other", "a\rb"),
        ("Authentication-Results", f"mx.relay.example; none\r{forged}"),
    )

    assert [
        (1, "Authentication-Results", " mx.relay.example; none"),
        (1, "X-Empty", " "),
        (1, "X-Long", ""),
        (2, "Subject", " a\rX: b"),
    ] == [change[1:] for change in map(parse_change, changed)]


def test_all_fields_of_own_names_are_forged_at_the_border() -> None:
    """Where nobody of the own servers can have written before, all that names them goes."""
    judge = Judge(OWN, Site(authserv_ids=("site.example",)), is_border=True)
    *removed, _, _ = Server(judge).send(
        ("Authentication-Results", f"{OWN}; spf=pass smtp.mailfrom=shop.example"),
        ("Authentication-Results", "mx.relay.example; spf=pass smtp.mailfrom=shop.example"),
        ("Authentication-Results", "Site.Example; dkim=pass"),
    )

    assert [3, 1] == [change.number for change in map(parse_change, removed)]


def test_forged_fields_below_a_long_header_are_taken_out() -> None:
    """What is too much to be read is still searched for forged fields."""
    server = Server()
    server.connect()
    server.greet()
    server.begin()
    for _ in range(2):
        server.say(b"L", "X-Long", "x" * MAX_HEADER)
    removed, *_ = server.end(("Authentication-Results", f"{OWN}; x-tls-trace=pass"))

    assert (b"m", 1) == parse_change(removed)[:2]


def test_messages_of_a_connection_are_apart() -> None:
    """A login, forged fields and lines of one message are none of the next one."""
    server = Server()
    server.connect()
    server.greet(tls={})
    server.begin({"{auth_authen}": "ann", "{auth_type}": "PLAIN"} | TLS)
    first = server.end(("Authentication-Results", f"{OWN}; x-tls-trace=pass"))
    server.begin()
    second = server.end()

    assert [3, 2] == [len(first), len(second)]
    assert ResultWord.PASS is read_result(first).result.word
    assert ResultWord.FAIL is read_result(second).result.word


def test_given_up_message_leaves_nothing() -> None:
    """After RSET the next message is judged by itself."""
    server = Server()
    server.connect()
    server.greet()
    server.begin()
    server.say(b"L", "Authentication-Results", f"{OWN}; x-tls-trace=pass")
    assert server.session.is_open
    assert [] == server.say(b"A")
    assert not server.session.is_open
    server.begin()

    assert 2 == len(server.end())


def test_next_client_of_a_connection_has_nothing_of_the_last() -> None:
    """A server may hand over another client by the same connection."""
    server = Server()
    server.send()
    assert [] == server.say(b"K")
    field = read_result(server.send(tls={}))

    assert ResultWord.FAIL is field.result.word


def test_end_of_connection_is_seen() -> None:
    """QUIT ends the session."""
    server = Server()
    assert [] == server.say(b"Q")

    assert server.session.is_ended


def test_grave_finding_is_refused() -> None:
    """With `reject`, plaintext over the internet gets a permanent refusal, and nothing else."""
    (refusal,) = Server(STRICT).send(tls={})

    assert b"y" == refusal.command
    assert refusal.payload.startswith(b"550 5.7.1 ")
    assert refusal.payload.endswith(b"\0")
    assert ResultWord.PASS is read_result(Server(STRICT).send()).result.word


def test_grave_finding_is_kept_back() -> None:
    """With `quarantine`, the message gets its field, and is kept back by the server."""
    judge = STRICT._replace(on_fail=OnFail.QUARANTINE)
    *_, kept, end = Server(judge).send(tls={})

    assert (b"q", b"c") == (kept.command, end.command)


def test_claims_of_the_sender_refuse_nothing() -> None:
    """A forged line below the own session is no reason to refuse a message."""
    plain = "from a.example (a.example [81.2.69.160]) by b.example (Postfix) with ESMTP id 1"
    date = "Tue, 29 Aug 2023 10:11:12 +0200"

    assert b"c" == Server(STRICT).send(("Received", f"{plain}; {date}"))[-1].command


def test_failing_judgement_lets_pass(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong, the message is taken, forged fields go, and the field tells."""

    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(judge_module, "analyze", fail)
    answer = Server(STRICT).send(("Authentication-Results", f"{OWN}; x-tls-trace=pass"))

    assert ResultWord.TEMPERROR is read_result(answer).result.word
    assert [b"m", b"i", b"c"] == [frame.command for frame in answer]
    assert "could not be judged" in caplog.text


def test_messages_are_told_of(caplog: pytest.LogCaptureFixture) -> None:
    """A line of the log names the message, the result, the session and the client."""
    with caplog.at_level(logging.INFO):
        Server(STRICT).send(tls={})
        Server().send()

    assert [
        "4Q1: fail (reject), no TLS, from 81.2.69.144",
        "4Q1: pass, TLSv1.3, from 81.2.69.144",
    ] == caplog.messages


@pytest.mark.parametrize(
    "helo",
    [b"\xff\xfe", b"gr\xc3\xbcn.example", b"xn--a.example", b"a" * 300, b"..", b"x) (TLSv1.3"],
)
def test_any_helo_is_taken(helo: bytes) -> None:
    """No HELO, of whatever octets, keeps a message from being judged."""
    server = Server()
    server.connect()
    server.greet(helo)
    server.begin()

    assert ResultWord.PASS is read_result(server.end()).result.word


FACTS: Final = {
    "ipv6 of sendmail": (
        {"client_addr": "IPv6:2a02:d140::1"},
        {"address": "2a02:d140::1"},
    ),
    "address of the connection": ({}, {"address": "192.0.2.7", "port": 25}),
    "no address": ({"client_addr": "unknown"}, {"address": "192.0.2.7"}),
    "name": ({}, {"rdns": "a.example"}),
    "unknown name": ({"client_name": "unknown"}, {"rdns": "None"}),
    "address for a name": ({"client_name": "[192.0.2.7]"}, {"rdns": "None"}),
    "forged name": ({"client_resolve": "FORGED"}, {"rdns": "None"}),
    "true name": ({"client_resolve": "OK"}, {"rdns": "a.example"}),
    "port": ({"client_port": "41234"}, {"port": 41234}),
    "bits": ({"cipher": "ECDHE-RSA-AES256-SHA", "cipher_bits": "256"}, {"bits": 256}),
    "odd bits": ({"cipher_bits": "²"}, {"bits": None}),
    "endless bits": ({"cipher_bits": "9" * 5000}, {"bits": None}),
    "endless port": ({"client_port": "9" * 5000}, {"port": 25}),
    "login": (
        {"auth_authen": "ann", "auth_type": "PLAIN"},
        {"auth_user": "ann", "auth_method": "PLAIN"},
    ),
    "no login": ({"auth_authen": ""}, {"auth_user": None}),
}


@pytest.mark.parametrize(("macros", "expected"), FACTS.values(), ids=FACTS)
def test_macros_become_facts(macros: dict[str, str], expected: dict[str, Any]) -> None:
    """Each macro is read as its server means it."""
    live = make_live(Peer("a.example", "192.0.2.7", 25), None, macros, datetime.now(UTC))
    found = {name: getattr(live, name) for name in expected}

    assert {key: str(value) for key, value in expected.items()} == {
        key: str(value) for key, value in found.items()
    }


def test_local_connection_has_no_address() -> None:
    """Mail handed in on the machine itself is no plaintext over a network."""
    server = Server()
    server.say(b"C", "localhost", b"U")
    server.greet("localhost", {})
    server.begin()

    assert ResultWord.NONE is read_result(server.end()).result.word


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("inet:8891", Place("127.0.0.1", 8891)),
        ("inet:8891@192.0.2.1", Place("192.0.2.1", 8891)),
        ("inet6:8891@[::1]", Place("::1", 8891)),
        ("unix:/run/a b.sock", Place(path=Path("/run/a b.sock"))),
        ("local:/run/m.sock", Place(path=Path("/run/m.sock"))),
    ],
)
def test_places_are_read(text: str, place: Place) -> None:
    """Sockets are named as Postfix and sendmail name them."""
    assert place == parse_place(text)


@pytest.mark.parametrize("text", ["", "8891", "inet:", "inet:70000", "unix:", "inet:1@"])
def test_other_places_are_refused(text: str) -> None:
    """What names no socket is an error at the start, not later."""
    with pytest.raises(ValueError, match="is neither inet:PORT@HOST nor unix:PATH"):
        parse_place(text)


@pytest.mark.parametrize("offer", [b"", b"\0" * 11, b"\0" * 12 + b"\0\0\0\x63x\0"])
def test_unreadable_offer_is_an_error(offer: bytes) -> None:
    """A negotiation that cannot be read ends the connection."""
    with pytest.raises(WireError, match="an offer"):
        Session(JUDGE).take(Frame(b"O", offer))


def test_unknown_frame_is_an_error() -> None:
    """What is no step of the protocol ends the connection."""
    with pytest.raises(WireError, match="a frame that begins with b'Z'"):
        Session(JUDGE).take(Frame(b"Z", b""))


@given(st.lists(st.tuples(st.sampled_from("CDHMRTUNLEAK"), st.binary(max_size=60))))
def test_no_octets_raise(steps: list[tuple[str, bytes]]) -> None:
    """Whatever a client brings into the frames of a server, the session goes on."""
    server = Server()
    for command, payload in steps:
        server.session.take(Frame(command.encode(), payload))

    assert b"c" == server.send()[-1].command


class Client:
    """A connection to a milter that runs."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, command: bytes, *texts: str | bytes) -> None:
        """Say something."""
        self._writer.write(write_frame(command, *texts))
        await self._writer.drain()

    async def hear(self) -> Frame | None:
        """Hear an answer, or the end."""
        try:
            head = await asyncio.wait_for(self._reader.readexactly(4), PATIENCE)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        data = await asyncio.wait_for(
            self._reader.readexactly(*struct.unpack("!L", head)), PATIENCE
        )
        return Frame(data[:1], data[1:])

    async def begin(self) -> None:
        """Negotiate, and begin a message."""
        offer = struct.pack("!LLL", 6, ALL_ACTIONS, ALL_OPTIONS)
        self._writer.write(struct.pack("!L", 13) + b"O" + offer)
        assert await self.hear()
        for command, text in ((b"H", "out.shop.example"), (b"M", "<>"), (b"L", "Subject\0 Lunch")):
            await self.say(command, text)

    async def end(self) -> list[bytes]:
        """End the message, and give the commands of the answer."""
        await self.say(b"E")
        commands: list[bytes] = []
        while frame := await self.hear():
            commands.append(frame.command)
            if frame.command == b"c":
                break
        return commands

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()


async def connect(place: Place) -> Client:
    """Connect to a milter."""
    if place.path:
        return Client(*await asyncio.open_unix_connection(place.path))
    return Client(*await asyncio.open_connection(place.host, place.port))


def run_milter(
    talk: Callable[[Place], Awaitable[None]], place: Place = ANY, grace: float = PATIENCE
) -> None:
    """Run a milter for the time of a talk, and stop it by SIGTERM."""

    async def run() -> None:
        started: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        served = asyncio.create_task(serve(place, JUDGE, started.set_result, grace=grace))
        await talk(await asyncio.wait_for(started, PATIENCE))
        stop()
        await asyncio.wait_for(served, PATIENCE)

    asyncio.run(run())


def stop() -> None:
    """Send SIGTERM to this process."""
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("is_unix", [False, True])
def test_milter_serves(tmp_path: Path, *, is_unix: bool) -> None:
    """Messages are judged over TCP and over a Unix socket, several over one connection."""

    async def talk(place: Place) -> None:
        client = await connect(place)
        await client.begin()
        assert [b"i", b"c"] == await client.end()
        await client.say(b"M", "<>")
        assert [b"i", b"c"] == await client.end()
        await client.say(b"Q")
        assert await client.hear() is None
        client.close()

    run_milter(talk, Place(path=tmp_path / "milter.sock") if is_unix else ANY)


def test_unix_socket_of_another_is_left_to_it(tmp_path: Path) -> None:
    """A second milter at a path is told so and ends; what a killed one left there is taken over."""
    place = Place(path=tmp_path / "milter.sock")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place.path))

    async def talk(place: Place) -> None:
        with pytest.raises(OSError, match="Address already in use"):
            await serve(place, JUDGE, pytest.fail)
        client = await connect(place)
        await client.begin()
        client.close()

    run_milter(talk, place)


@pytest.mark.parametrize("is_abstract", [False, True])
def test_service_manager_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_abstract: bool
) -> None:
    """It hears when connections are taken, and when the end begins, and nothing else."""
    if is_abstract and sys.platform != "linux":
        pytest.skip("only Linux has abstract names")
    name = f"@headertls/{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name[1:]}" if is_abstract else name)
        manager.settimeout(PATIENCE)

        async def talk(place: Place) -> None:
            (await connect(place)).close()
            assert b"READY=1" == await asyncio.to_thread(manager.recv, 100)

        run_milter(talk)

        assert b"STOPPING=1" == manager.recv(100)
        manager.setblocking(False)  # noqa: FBT003
        with pytest.raises(BlockingIOError):
            manager.recv(100)


@pytest.mark.parametrize("name", ["/nowhere/notify", "@headertls/nobody"])
def test_service_manager_that_does_not_listen_is_no_failure(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The milter serves all the same, and the log has the reason."""
    monkeypatch.setenv("NOTIFY_SOCKET", name)

    async def talk(place: Place) -> None:
        (await connect(place)).close()

    run_milter(talk)

    assert ["READY=1", "STOPPING=1"] == [
        found for text in caplog.messages for found in re.findall(r"was not told (\S+):", text)
    ]


@pytest.mark.parametrize("name", ["", "notify", "vsock:2:1234"])
def test_other_addresses_are_let_alone(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is neither a path nor an abstract name is not tried."""
    monkeypatch.setenv("NOTIFY_SOCKET", name)

    notify(READY)

    assert [] == caplog.messages


def test_server_that_hangs_up_is_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    """A connection may end without a word, between two frames; that is nothing to tell of."""

    async def talk(place: Place) -> None:
        reader, writer = await asyncio.open_connection(place.host, place.port)
        writer.write(write_frame(b"H", "out.shop.example"))
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()

    run_milter(talk)

    assert [] == caplog.messages


def test_open_message_ends_before_the_milter() -> None:
    """After SIGTERM nobody new is let in; idle connections end at once, open messages first."""

    async def talk(place: Place) -> None:
        idle, busy = await connect(place), await connect(place)
        await busy.begin()
        await asyncio.sleep(0.1)
        stop()
        assert await idle.hear() is None
        with pytest.raises(OSError, match="Connect call failed"):
            await connect(place)
        assert [b"i", b"c"] == await busy.end()
        assert await busy.hear() is None
        idle.close()
        busy.close()

    run_milter(talk)


def test_message_that_never_ends_does_not_hold_up_the_end() -> None:
    """When the time of grace is over, connections are closed: the server does as it was told."""

    async def talk(place: Place) -> None:
        client = await connect(place)
        await client.begin()
        await asyncio.sleep(0.1)
        stop()
        assert await client.hear() is None
        client.close()

    run_milter(talk, grace=0.1)


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (b"\0\0\0\0", "a frame of 0 octets"),
        (struct.pack("!L", MAX_FRAME + 1), f"a frame of {MAX_FRAME + 1} octets"),
        (b"\0\0\0\x01Z", "a frame that begins with b'Z'"),
        (b"\0\0\0\x09H", "a frame that breaks off"),
    ],
)
def test_other_protocol_ends_the_connection(
    octets: bytes, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Who speaks something else is told nothing, and the milter goes on."""

    async def talk(place: Place) -> None:
        reader, writer = await asyncio.open_connection(place.host, place.port)
        writer.write(octets)
        writer.write_eof()
        assert b"" == await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
        client = await connect(place)
        await client.begin()
        assert [b"i", b"c"] == await client.end()
        client.close()

    run_milter(talk)

    assert told in caplog.text


def test_fault_of_our_own_ends_the_connection_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault in a session is told, and the milter goes on."""

    class Broken(Session):
        def take(self, frame: Frame) -> bytes:
            raise ZeroDivisionError(frame.command)

    monkeypatch.setattr(server_module, "Session", Broken)

    async def talk(place: Place) -> None:
        client = await connect(place)
        await client.say(b"H", "out.shop.example")
        assert await client.hear() is None
        client.close()

    run_milter(talk)

    assert "ZeroDivisionError" in caplog.text


@pytest.fixture
def command_room() -> Iterator[None]:
    """Take away what a command does to the root of all loggers, and end it in any case."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    # a command that serves where it should not is stopped
    timer = Timer(PATIENCE, stop)
    timer.start()
    yield
    timer.cancel()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("command_room")
def test_command_serves_until_sigterm(caplog: pytest.LogCaptureFixture) -> None:
    """The command tells where it listens, and ends well by SIGTERM."""
    with caplog.at_level(logging.INFO):
        timer = Timer(0.5, stop)
        timer.start()
        status = main(["milter", "--socket", "inet:0", "--authserv-id", OWN])
        timer.join()

    assert 0 == status
    assert "listening at inet:" in caplog.text


@pytest.mark.usefixtures("command_room")
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"--socket": "8891"}, "8891: is neither inet:PORT@HOST nor unix:PATH"),
        ({"--socket": "unix:/nowhere/m.sock"}, "unix:/nowhere/m.sock: No such file or directory"),
        ({"--authserv-id": "a b"}, "'a b' is no authserv-id"),
        ({"--site": "/nowhere.toml"}, "/nowhere.toml: No such file"),
        ({"--on-fail": "reject"}, "--on-fail reject needs --fail-on"),
    ],
)
def test_wrong_argument_is_told(
    changed: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong with an argument is told at the start."""
    options = {"--socket": "inet:0", "--authserv-id": OWN} | changed
    status = main(["milter", *(text for pair in options.items() for text in pair)])

    assert 2 == status
    assert told in capsys.readouterr().err


@pytest.mark.usefixtures("command_room")
def test_missing_extra_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without kilter.protocol the command says what to install."""
    monkeypatch.setitem(sys.modules, "headertls.integrations.milter.server", None)

    assert 2 == main(["milter", "--socket", "inet:0", "--authserv-id", OWN])
    assert "pip install 'headertls[milter]'" in capsys.readouterr().err
