"""A handler for aiosmtpd that judges messages as they come in.

Here the session itself is at hand, so nothing about the connection is inferred: its version of TLS
and its cipher suite are those of the TLS object. What could go wrong costs the judgement, never the
message.
"""

import asyncio
import logging
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary

from headertls.authresults import Marked, Marker
from headertls.models import LiveConnection, Severity
from headertls.parser.addresses import parse_address

if TYPE_CHECKING:
    from aiosmtpd.proxy_protocol import ProxyData
    from aiosmtpd.smtp import SMTP, Envelope, Session

_logger: Final = logging.getLogger(__name__)

REFUSAL: Final = "550 5.7.1 Refused by policy: {}"
"""The answer to a client whose message is refused; it gets the codes of the gravest findings."""


class JudgingHandler:
    """An aiosmtpd handler around another one, which gets each message with a result on top.

    The result is a field `Authentication-Results: NAME; x-tls-trace=...`; fields that claim to be
    by the own servers are taken out. All other hooks are those of the other handler.

    Args:
        handler: Who takes the messages: an object with a `handle_DATA`, as aiosmtpd wants it.
        marker: How to judge, and in whose name. A server that takes mail from strangers needs one
            with `is_border=True`.
        refuse_at: From which severity on a finding of a trusted line is a reason to refuse the
            message; by default none is. The policy tells what is how grave.

    >>> class Mailbox:
    ...     async def handle_DATA(self, server, session, envelope):
    ...         return "250 OK"
    >>> JudgingHandler(Mailbox(), Marker("mx.site.example", is_border=True)).marker.authserv_id
    'mx.site.example'
    """

    def __init__(self, handler: Any, marker: Marker, refuse_at: Severity | None = None) -> None:  # noqa: ANN401
        if not hasattr(handler, "handle_DATA"):
            raise TypeError(f"{type(handler).__name__} has no handle_DATA, so it takes no messages")
        self.handler = handler
        self.marker = marker
        self.refuse_at = refuse_at
        # aiosmtpd forgets with STARTTLS who the client behind a proxy is.
        self._proxied: WeakKeyDictionary[SMTP, ProxyData] = WeakKeyDictionary()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self.handler, name)

    def __dir__(self) -> Iterable[str]:
        # aiosmtpd looks here for the hooks that a handler has.
        return sorted({*super().__dir__(), *dir(self.handler)})

    async def handle_PROXY(  # noqa: N802  # aiosmtpd's name
        self, server: "SMTP", session: "Session", envelope: "Envelope", proxy_data: "ProxyData"
    ) -> bool:
        """Keep what a proxy tells of the client, if the other handler believes it."""
        ask = getattr(self.handler, "handle_PROXY", None)
        is_believed = ask is not None and await ask(server, session, envelope, proxy_data)
        if is_believed:
            self._proxied[server] = proxy_data
        return bool(is_believed)

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: "SMTP", session: "Session", envelope: "Envelope"
    ) -> str:
        """Judge the message, put the result on top, and hand both to the other handler."""
        content = envelope.content or b""
        message = content if isinstance(content, bytes) else _encode(content)
        # In a thread: a header that was made to be slow is not to stop the other sessions.
        marked = await asyncio.to_thread(self._mark, message, server, session)
        if marked.failure is not None:
            _logger.error("a message from %s was not judged: %s", session.peer, marked.failure)
        if marked.field is not None and marked.field.result.reaches(self.refuse_at):
            return REFUSAL.format(_list_codes(marked))
        is_text = isinstance(content, str)
        envelope.content = _decode(marked.head) if is_text else marked.head
        answer: str = await self.handler.handle_DATA(server, session, envelope)
        return answer

    def _mark(self, message: bytes, server: "SMTP", session: "Session") -> Marked:
        try:
            live = read_session(server, session, self._proxied.get(server))
        # Without the facts the client's own lines would be taken for the server's.
        except Exception as error:  # noqa: BLE001
            return self.marker.mark_unjudged(message, error)
        return self.marker.mark(message, live)


def read_session(
    server: "SMTP", session: "Session", proxy: "ProxyData | None" = None
) -> LiveConnection:
    """Read what aiosmtpd knows of a connection, for `headertls.analyze`.

    Args:
        server: The protocol object, which has the transport; TLS may have come by STARTTLS or from
            the first octet on.
        session: The session.
        proxy: What a proxy in front of the server told of the client, if there is one.
    """
    transport = server.transport
    tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object") if transport else None
    version, suite = (tls.version(), tls.cipher()) if tls is not None else (None, None)
    address, port = _find_peer(session, proxy)
    return LiveConnection(
        address=address,
        port=port,
        helo=session.host_name,
        server=server.hostname,
        protocol=_name_protocol(server, session, is_encrypted=tls is not None),
        tls=tls is not None,
        tls_version=version,
        cipher=suite[0] if suite else None,
        bits=suite[2] if suite else None,
        # Python shows only certificates that it could verify.
        client_certificate="OK" if tls is not None and tls.getpeercert() else None,
        auth_user=_name_user(session) if session.authenticated else None,
        timestamp=datetime.now(UTC),
    )


def _find_peer(
    session: "Session", proxy: "ProxyData | None"
) -> tuple[IPv4Address | IPv6Address | None, int | None]:
    """Find the client's address and port: those that a proxy told of, if there is one."""
    if proxy is not None and proxy.src_addr is not None:
        return parse_address(str(proxy.src_addr)), proxy.src_port
    # A pair, or for IPv6 more, though aiosmtpd says that it is a text; nothing for local sockets.
    peer = cast("tuple[str, int] | str | None", session.peer)
    if isinstance(peer, tuple):
        return parse_address(peer[0]), peer[1]
    return None, None


def _name_protocol(server: "SMTP", session: "Session", *, is_encrypted: bool) -> str:
    """Name the transmission type (RFC 3848); there is none for TLS or a login without ESMTP."""
    base = "LMTP" if hasattr(server, "smtp_LHLO") else "ESMTP"
    suffix = "S" * is_encrypted + "A" * bool(session.authenticated)
    is_plain = base == "ESMTP" and not suffix and not session.extended_smtp
    return "SMTP" if is_plain else base + suffix


def _name_user(session: "Session") -> str:
    """Name who logged in, as far as the server's authenticator tells; empty if it does not."""
    told: object = session.auth_data
    login: object = getattr(told, "login", told)
    if isinstance(login, bytes):
        return login.decode(errors="replace")
    return login if isinstance(login, str) else ""


def _list_codes(marked: Marked) -> str:
    findings = marked.trace.findings if marked.trace else ()
    worst = max((finding.severity.rank for finding in findings), default=0)
    codes = [finding.code.value for finding in findings if finding.severity.rank == worst]
    return ", ".join(dict.fromkeys(codes))


def _encode(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _decode(octets: bytes) -> str:
    return octets.decode(errors="surrogateescape")
