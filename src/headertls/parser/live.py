"""From the facts of a running server to a hop, as if its line were written already."""

import re
from typing import Final

from headertls.models import (
    Auth,
    Client,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    Hop,
    LiveConnection,
    Server,
    Tls,
)
from headertls.models.live import find_told
from headertls.parser.addresses import unmap
from headertls.parser.encryption import describe_session
from headertls.parser.surrogates import replace_surrogates
from headertls.parser.tls import TlsWords
from headertls.parser.vocabulary import read_protocol


def read_live(live: LiveConnection) -> Hop:
    """Make a hop of *live*; no header has its line, so `raw` is empty.

    >>> hop = read_live(LiveConnection(address="81.2.69.144", tls_version="TLSv1.3"))
    >>> hop.tls.version.value, hop.tls.evidence[0].text
    ('TLSv1.3', 'TLSv1.3')
    """
    live = _clean(live)
    return Hop(
        raw="",
        client=Client(
            helo=live.helo,
            rdns=live.rdns,
            address=live.address and unmap(live.address),
            port=live.port,
        ),
        server=Server(name=live.server),
        protocol=read_protocol(live.protocol).protocol if live.protocol else "ESMTP",
        auth=_read_auth(live),
        tls=_read_tls(live) if live.is_encrypted else None,
        timestamp=live.timestamp,
        marks=() if live.is_encrypted else (_state("no TLS", denies=True),),
        live=True,
    )


def _clean(live: LiveConnection) -> LiveConnection:
    """Replace what no JSON can hold: servers decode octets of a HELO to lone surrogates."""
    texts = {name: value for name, value in live if isinstance(value, str)}
    clean = {name: replace_surrogates(text) for name, text in texts.items()}
    return live if clean == texts else live.model_copy(update=clean)


def join_live(hops: list[Hop], live: LiveConnection) -> list[Hop]:
    """Put the hop of *live* on top of *hops*, newest first, or together with the topmost one.

    Together, if the server wrote its line into the header already: the peer's address is the same,
    and nothing else that both tell differs.
    """
    newest = read_live(live)
    if not hops or not _is_same(hops[0], newest):
        return [newest, *hops]
    top = hops[0]
    words = (*newest.marks, *(top.tls.evidence if top.tls else ()), *top.marks)
    # The client may have forged the line, so all that is known of the session is the server's word.
    facts = {
        "client": newest.client,
        "protocol": _choose_protocol(top, newest, is_told=live.protocol is not None),
        "via": None,
        "auth": newest.auth,
        "tls": newest.tls,
        "live": True,
        "marks": words,
    }
    return [top.model_copy(update=facts), *hops[1:]]


_is_smtp: Final = re.compile(r"(?:UTF8)?E?SMTPS?A?").fullmatch


def _choose_protocol(top: Hop, newest: Hop, *, is_told: bool) -> str | None:
    return newest.protocol if is_told or not _is_smtp(top.protocol or "") else top.protocol


def _is_same(top: Hop, newest: Hop) -> bool:
    client, other = top.client, newest.client
    if not top.complete or client is None or other is None or client.address != other.address:
        return False
    server = top.server.name if top.server else None
    told = newest.server.name if newest.server else None
    # Whose line it is can be told by the server's name alone.
    is_own = server is not None and told is not None and server.lower() == told.lower()
    return is_own and _agree(client.helo, other.helo)


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one.lower() == other.lower()


def _read_auth(live: LiveConnection) -> Auth | None:
    if live.auth_user is None and live.auth_method is None:
        return None
    return Auth(user=live.auth_user, method=live.auth_method)


def _read_tls(live: LiveConnection) -> Tls:
    words = TlsWords(
        "live",
        EvidenceLevel.LIVE,
        version=find_told(live.tls_version),
        cipher=find_told(live.cipher),
        bits=live.bits,
        group=live.group,
        certificate=live.client_certificate,
    )
    told = (find_told(live.tls_version), find_told(live.cipher), live.group)
    text = " ".join(word for word in told if word)
    return describe_session(words, (_state(text or "TLS"),))


def _state(text: str, *, denies: bool = False) -> Evidence:
    return Evidence(
        kind=EvidenceKind.LIVE,
        level=EvidenceLevel.LIVE,
        text=text,
        start=0,
        end=len(text),
        field=None,
        denies=denies,
    )
