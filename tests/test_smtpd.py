"""The handler for aiosmtpd: the field tells of a session what the client itself knows of it."""

import asyncio
import runpy
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any, Final

import pytest
from aiosmtpd.handlers import Sink
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from headertls import (
    Boundary,
    Policy,
    ResultWord,
    Severity,
    TraceResult,
    find_result_fields,
)
from headertls.authresults import Marker
from headertls.integrations import smtpd
from headertls.integrations.smtpd import JudgingHandler, read_session
from headertls.tls import find_suite

ID: Final = "mx.site.example"
SERVER: Final = Path(__file__).parents[1] / "examples" / "smtp_server.py"
FORGED: Final = b"Authentication-Results: mx.site.example; x-tls-trace=pass; spf=pass\r\n"
MESSAGE: Final = b"Subject: Lunch\r\n\r\n.Hello.\r\nFrom here\r\n\xff\xfe\r\n"
PATIENCE: Final = 30

CLIENT: Final = "81.2.69.144"
# Sent by the proxy that stands before the server, so that a client on the loopback is one outside.
PROXY_LINE: Final = f"PROXY TCP4 {CLIENT} 127.0.0.1 4711 25\r\n".encode()


class Client(smtplib.SMTP):
    """A client behind a proxy, of which the server knows only the proxy."""

    def __init__(self, port: int, **settings: Any) -> None:
        super().__init__("127.0.0.1", port, "out.shop.example", timeout=PATIENCE, **settings)

    def _get_socket(self, *address: Any) -> Any:
        connection = super()._get_socket(*address)  # type: ignore[misc]
        connection.sendall(PROXY_LINE)
        return connection


class TlsClient(Client, smtplib.SMTP_SSL):
    """The same, with TLS from the first octet on."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pair of the server, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    path = tmp_path_factory.mktemp("pki") / "server.pem"
    options = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mx.site.example"
    words = (openssl, *options.split(), "-keyout", str(path), "-out", f"{path}.crt")
    subprocess.run(words, check=True, capture_output=True, timeout=60)  # noqa: S603
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


class Mailbox:
    """Keeps what it gets."""

    def __init__(self) -> None:
        self.is_trusting = True
        self.got: list[bytes | str | None] = []
        self.greeted: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: D102, N802
        self.got.append(envelope.content)
        return "250 2.0.0 Kept"

    async def handle_PROXY(self, _server: SMTP, _session: Any, _envelope: Any, told: Any) -> bool:  # noqa: D102, N802
        return self.is_trusting and told.valid

    async def handle_HELO(self, _server: SMTP, session: Any, _envelope: Any, name: str) -> str:  # noqa: D102, N802
        session.host_name = name
        self.greeted.append(name)
        return "250 mx.site.example"

    def read(self) -> TraceResult:
        """Read the one result of the newest message."""
        message = self.got[-1]
        assert isinstance(message, bytes)
        [field] = find_result_fields(message, ID)
        return field.result


def make_context(certificate: Path, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """Make the server's context, which speaks old versions, too."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    if version is not None:
        _choose(context, version)
    return context


def make_client(version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version is not None:
        _choose(context, version)
    return context


def _choose(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("DEFAULT:@SECLEVEL=0")


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@contextmanager
def serving(handler: Any, path: Path | None = None, **settings: Any) -> Iterator[int]:
    """Run a server on a free port, or at a local socket, and give the port."""
    ready: Future[tuple[int, Callable[[], object]]] = Future()
    thread = Thread(target=lambda: asyncio.run(_serve(handler, path, ready, settings)))
    thread.start()
    port, stop = ready.result(PATIENCE)
    try:
        yield port
    finally:
        stop()
        thread.join(PATIENCE)


async def _serve(
    handler: Any,
    path: Path | None,
    ready: "Future[tuple[int, Callable[[], object]]]",
    settings: dict[str, Any],
) -> None:
    loop, is_over = asyncio.get_running_loop(), asyncio.Event()
    tls = settings.pop("ssl_context", None)
    sessions: list[SMTP] = []

    def begin() -> SMTP:
        patience = PATIENCE if path is None else None
        sessions.append(
            SMTP(handler, hostname=ID, loop=loop, proxy_protocol_timeout=patience, **settings)
        )
        return sessions[-1]

    if path is None:
        server: asyncio.Server = await loop.create_server(begin, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
    else:
        server, port = await loop.create_unix_server(begin, path), 0
    ready.set_result((port, lambda: loop.call_soon_threadsafe(is_over.set)))
    async with asyncio.timeout(10 * PATIENCE):
        await is_over.wait()
        server.close()
        for session in sessions:
            if session.transport is not None:
                with suppress(AttributeError):  # CPython 3.11.2, of one that is closed already
                    session.transport.abort()
        while any(session.transport is not None for session in sessions):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def send(client: smtplib.SMTP, message: bytes = MESSAGE) -> None:
    client.sendmail("a@shop.example", ["b@site.example", "c@site.example"], message)


def test_plaintext_session(certificate: Path) -> None:
    """A client that does not use the offered STARTTLS is told of as it came: in plaintext."""
    mailbox = Mailbox()
    handler = JudgingHandler(mailbox, Marker(ID, is_border=True))
    with (
        serving(handler, tls_context=make_context(certificate)) as port,
        Client(port) as client,
    ):
        send(client, FORGED + MESSAGE)
    result = mailbox.read()

    assert mailbox.got[0] is not None
    assert mailbox.got[0].endswith(b"\r\n" + MESSAGE)  # type: ignore[arg-type]
    assert b"spf=pass" not in mailbox.got[0]  # type: ignore[operator]
    assert (ResultWord.FAIL, None) == (result.word, result.version)
    assert (Boundary.LIVE, 1) == (result.boundary, result.hops)
    assert (ip_address(CLIENT), "out.shop.example") == (result.remote_ip, result.helo)


def test_unbelieved_proxy() -> None:
    """A proxy that the handler does not believe is turned away, as is one that it does not know."""
    untrusting, unknowing = Mailbox(), SimpleNamespace(handle_DATA=None)
    untrusting.is_trusting = False
    for inner in (untrusting, unknowing):
        with (
            serving(JudgingHandler(inner, Marker(ID))) as port,
            pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)),
        ):
            Client(port)


VERSIONS: Final = ("TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3")


@pytest.mark.parametrize("is_implicit", [False, True], ids=["starttls", "implicit"])
@pytest.mark.parametrize("name", VERSIONS)
def test_encrypted_session(name: str, certificate: Path, *, is_implicit: bool) -> None:
    """Version and suite are those that the client sees on its own side of the session."""
    mailbox = Mailbox()
    version = ssl.TLSVersion[name]
    context = make_context(certificate, version)
    option = {"ssl_context" if is_implicit else "tls_context": context}
    handler = JudgingHandler(mailbox, Marker(ID, is_border=True))
    with serving(handler, **option) as port:
        client_context = make_client(version)
        with TlsClient(port, context=client_context) if is_implicit else Client(port) as client:
            if not is_implicit:
                client.starttls(context=client_context)
            assert isinstance(client.sock, ssl.SSLSocket)
            seen, suite = client.sock.version(), client.sock.cipher()
            send(client)
    result = mailbox.read()

    assert suite is not None
    assert result.cipher is not None
    told = {"TLSv1": "TLSv1.0"}.get(seen or "", seen)
    assert (ResultWord.PASS, told) == (result.word, result.version)
    assert find_suite(suite[0]) == find_suite(result.cipher) is not None
    assert (ip_address(CLIENT), "out.shop.example") == (result.remote_ip, result.helo)


def test_refusal(certificate: Path) -> None:
    """By the policy a client is told why its message is not taken, and it never gets further."""
    mailbox = Mailbox()
    policy = Policy(severities={"deprecated-tls": "critical"})
    marker = Marker(ID, None, policy, is_border=True)
    handler = JudgingHandler(mailbox, marker, Severity.CRITICAL)
    version = ssl.TLSVersion.TLSv1
    with (
        serving(handler, tls_context=make_context(certificate, version)) as port,
        Client(port) as client,
    ):
        client.starttls(context=make_client(version))
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(client)

    assert (550, b"5.7.1 Refused by policy: deprecated-tls") == refused.value.args
    assert [] == mailbox.got


@pytest.mark.parametrize("name", ["read_session", "_find_peer"])
def test_failed_judgement_passes(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake in reading the session is a `temperror`; the client's lines are never believed."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(smtpd, name, fail)
    mailbox = Mailbox()
    line = b"Received: from a.example by mx.site.example with ESMTPS; date\r\n"
    handler = JudgingHandler(mailbox, Marker(ID, is_border=True), Severity.INFO)
    with (
        serving(handler) as port,
        Client(port) as client,
    ):
        send(client, FORGED + line + MESSAGE)

    assert TraceResult(word=ResultWord.TEMPERROR, reason="judging failed") == mailbox.read()
    assert mailbox.got[0].endswith(b"\r\n" + line + MESSAGE)  # type: ignore[union-attr, arg-type]
    assert "was not judged: ZeroDivisionError: a mistake" in caplog.text


def test_failed_judge_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is a mistake in judging, and whatever else goes wrong the message is handed on."""
    mailbox = Mailbox()
    marker = Marker(ID)
    monkeypatch.setattr(marker, "_mark", lambda *_: 1 / 0)
    monkeypatch.setattr(marker, "_strip", lambda *_: 1 / 0)
    with (
        serving(JudgingHandler(mailbox, marker)) as port,
        Client(port) as client,
    ):
        send(client)

    assert [MESSAGE] == mailbox.got


def test_other_hooks_are_the_handlers_own() -> None:
    """A client that greets with HELO meets the hook of the handler inside."""
    mailbox = Mailbox()
    with (
        serving(JudgingHandler(mailbox, Marker(ID))) as port,
        Client(port) as client,
    ):
        client.helo("old.shop.example")
        client.sendmail("a@shop.example", "b@site.example", MESSAGE)

    assert ["old.shop.example"] == mailbox.greeted
    assert "old.shop.example" == mailbox.read().helo


def test_handler_must_take_messages() -> None:
    """A handler that could not take a message is refused before any comes."""
    with pytest.raises(TypeError, match="object has no handle_DATA"):
        JudgingHandler(object(), Marker(ID))
    with pytest.raises(AttributeError):
        _ = JudgingHandler(Mailbox(), Marker(ID)).handle_VRFY


def test_text_stays_text() -> None:
    """A server that decodes messages gets text again."""
    mailbox = Mailbox()
    handler = JudgingHandler(mailbox, Marker(ID))
    with (
        serving(handler, decode_data=True, enable_SMTPUTF8=True) as port,
        Client(port) as client,
    ):
        send(client)
    [got] = mailbox.got

    assert isinstance(got, str)
    assert got.encode(errors="surrogateescape").endswith(b"\r\n" + MESSAGE)
    assert got.startswith("Authentication-Results: mx.site.example;\r\n")


def test_local_socket(tmp_path: Path) -> None:
    """Mail over a socket of the machine crosses no network."""
    mailbox = Mailbox()
    path = tmp_path / "smtp"
    with (
        serving(JudgingHandler(mailbox, Marker(ID)), path),
        smtplib.SMTP(timeout=PATIENCE) as client,
    ):
        client.sock = socket.socket(socket.AF_UNIX)
        client.sock.settimeout(PATIENCE)
        client.sock.connect(str(path))
        client.getreply()
        send(client)

    assert mailbox.read().remote_ip is None
    assert mailbox.read().word is not ResultWord.FAIL


def make_session(**facts: Any) -> SimpleNamespace:
    """Make what aiosmtpd has of a session."""
    told: dict[str, Any] = {
        "peer": ("81.2.69.144", 4711),
        "host_name": "out.shop.example",
        "extended_smtp": True,
        "authenticated": None,
        "auth_data": None,
    }
    return SimpleNamespace(**(told | facts))


def make_server(kind: type = SMTP, transport: Any = None) -> Any:
    loop = asyncio.new_event_loop()
    try:
        server = kind(Sink(), loop=loop, hostname=ID)
    finally:
        loop.close()
    server.transport = transport
    return server


@pytest.mark.parametrize(
    ("facts", "address", "port"),
    [
        ({"peer": ("81.2.69.144", 4711)}, "81.2.69.144", 4711),
        ({"peer": ("::ffff:81.2.69.144", 4711, 0, 0)}, "81.2.69.144", 4711),
        ({"peer": ("2a02:cf40::1%eth0", 4711, 0, 2)}, "2a02:cf40::1", 4711),
        ({"peer": ("out.shop.example", 4711)}, None, 4711),
        ({"peer": ""}, None, None),
        ({"peer": None}, None, None),
    ],
)
def test_who_the_client_is(facts: dict[str, Any], address: str | None, port: int | None) -> None:
    """The client's address is the peer's, or the one that a proxy tells."""
    live = read_session(make_server(), make_session(**facts))  # type: ignore[arg-type]

    assert (address and ip_address(address), port) == (live.address, live.port)
    assert (ID, False) == (live.server, live.is_encrypted)
    assert live.timestamp is not None


@pytest.mark.parametrize(
    ("source", "address"), [(ip_address(CLIENT), CLIENT), (CLIENT, CLIENT), (None, "10.0.0.1")]
)
def test_proxy_tells_who_the_client_is(source: object, address: str) -> None:
    """The client is who the proxy says, and the proxy itself where it asks on its own behalf."""
    proxy: Any = SimpleNamespace(src_addr=source, src_port=4711)
    live = read_session(make_server(), make_session(peer=("10.0.0.1", 4711)), proxy)  # type: ignore[arg-type]

    assert (ip_address(address), 4711) == (live.address, live.port)


def make_transport(*, has_certificate: bool = False) -> SimpleNamespace:
    tls = SimpleNamespace(
        version=lambda: "TLSv1.3",
        cipher=lambda: ("TLS_AES_256_GCM_SHA384", "TLSv1.3", 256),
        getpeercert=lambda: {"subject": ()} if has_certificate else {},
    )
    return SimpleNamespace(get_extra_info={"ssl_object": tls}.get)


@pytest.mark.parametrize(
    ("kind", "transport", "facts", "protocol"),
    [
        (SMTP, None, {"extended_smtp": False}, "SMTP"),
        (SMTP, None, {}, "ESMTP"),
        (SMTP, make_transport(), {}, "ESMTPS"),
        (SMTP, make_transport(), {"extended_smtp": False}, "ESMTPS"),
        (SMTP, make_transport(), {"authenticated": True}, "ESMTPSA"),
        (SMTP, None, {"authenticated": True}, "ESMTPA"),
        (LMTP, make_transport(), {"extended_smtp": False}, "LMTPS"),
        (LMTP, None, {"extended_smtp": False}, "LMTP"),
    ],
)
def test_transmission_type(kind: type, transport: Any, facts: Any, protocol: str) -> None:
    """The session has the name that its line would have."""
    live = read_session(make_server(kind, transport), make_session(**facts))  # type: ignore[arg-type]

    assert protocol == live.protocol
    assert (transport is not None) == live.is_encrypted
    assert ((256, "TLS_AES_256_GCM_SHA384") if transport else (None, None)) == (
        live.bits,
        live.cipher,
    )


@pytest.mark.parametrize(
    ("told", "user"),
    [
        (LoginPassword(b"ann", b"secret"), "ann"),
        ("ann", "ann"),
        (b"\xff", "\ufffd"),
        (None, ""),
        (object(), ""),
    ],
)
def test_who_logged_in(told: object, user: str) -> None:
    """A login is told of, with the name where the authenticator has one, and never the password."""
    session = make_session(authenticated=True, auth_data=told)
    live = read_session(make_server(), session)  # type: ignore[arg-type]

    assert user == live.auth_user
    assert read_session(make_server(), make_session(auth_data=told)).auth_user is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("has_certificate", "told"), [(True, "OK"), (False, None)])
def test_certificate_of_the_client(told: str | None, *, has_certificate: bool) -> None:
    """A certificate that Python shows is one that it verified."""
    server = make_server(transport=make_transport(has_certificate=has_certificate))

    assert told == read_session(server, make_session()).client_certificate  # type: ignore[arg-type]


def test_login_is_told_of(certificate: Path) -> None:
    """A session with a real login is a submission."""
    mailbox = Mailbox()
    settings = {
        "tls_context": make_context(certificate),
        "authenticator": lambda *told: AuthResult(success=True, auth_data=told[-1]),
    }
    with (
        serving(JudgingHandler(mailbox, Marker(ID)), **settings) as port,
        Client(port) as client,
    ):
        client.starttls(context=make_client())
        client.login("ann", "secret")
        send(client)

    assert ResultWord.PASS == mailbox.read().word


@pytest.fixture
def example(request: pytest.FixtureRequest, tmp_path: Path, certificate: Path) -> Iterator[int]:
    """The example server as a process of its own, with further options; gives its port."""
    port = find_port()
    words = (sys.executable, str(SERVER), str(tmp_path), "--proxy", "--port", str(port))
    words += ("--certificate", str(certificate), *getattr(request, "param", ()))
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            assert b"listening on 127.0.0.1" in process.stdout.readline()
            yield port
        finally:
            process.send_signal(signal.SIGINT)
            try:
                assert 0 == process.wait(PATIENCE)
            finally:
                process.kill()


def read_stored(folder: Path) -> list[bytes]:
    assert [] == list((folder / "tmp").iterdir())
    return [path.read_bytes() for path in sorted((folder / "new").iterdir())]


def test_example_stores_mail(example: int, tmp_path: Path) -> None:
    """The example stores each message once, whole, with what the client knows of the session."""
    for number, with_tls in enumerate((False, True)):
        with Client(example) as client:
            if with_tls:
                client.starttls(context=make_client())
            send(client, FORGED + b"X-Number: %d\r\n" % number + MESSAGE)
    stored = read_stored(tmp_path)
    results = [find_result_fields(message, ID) for message in stored]

    assert [b"0", b"1"] == [message.partition(b"X-Number: ")[2][:1] for message in stored]
    assert all(message.endswith(MESSAGE) for message in stored)
    assert [[None], ["TLSv1.3"]] == [[field.result.version for field in found] for found in results]


@pytest.mark.parametrize("example", [("--implicit-tls",)], indirect=True)
def test_example_begins_with_tls(example: int, tmp_path: Path) -> None:
    """With its option the example takes sessions that begin with TLS."""
    context = make_client(ssl.TLSVersion.TLSv1_2)
    with TlsClient(example, context=context) as client:
        send(client)
    [message] = read_stored(tmp_path)

    assert "TLSv1.2" == find_result_fields(message, ID)[0].result.version


def test_example_keeps_its_promises(tmp_path: Path) -> None:
    """What cannot be stored is not acknowledged: the client is to come again."""
    script = runpy.run_path(str(SERVER))
    store = script["Store"](tmp_path)
    shutil.rmtree(tmp_path / "tmp")
    envelope = SimpleNamespace(content=MESSAGE, rcpt_tos=[])

    answer = asyncio.run(store.handle_DATA(None, make_session(), envelope))
    assert answer.startswith("451 4.3.0 Cannot store the message: No such file")
