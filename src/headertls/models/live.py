"""What the caller's own mail server knows of the connection that it is serving."""

from typing import Final

from pydantic import AwareDatetime

from headertls.models.base import IPAddress, Model, Number

NO_TLS: Final = frozenset({"", "-", "0", "none", "(none)", "no", "off", "false", "unknown", "null"})
"""What servers and scripts hand over for a version or cipher that there is not, in lower case."""


class LiveConnection(Model):
    """Facts from a running server, which beat what any header says.

    Milters have them as macros, servers in their session objects. Without *tls*, a version or a
    cipher means that the session is encrypted, and neither, or a word such as `none`, that it is
    not.

    >>> LiveConnection(address="81.2.69.144", tls_version="TLSv1.3").is_encrypted
    True
    """

    address: IPAddress | None = None
    """The peer's; `None` for a local socket."""
    port: Number | None = None
    """The peer's."""
    helo: str | None = None
    """What the peer called itself."""
    rdns: str | None = None
    """The peer's reverse name, looked up forward, too."""
    server: str | None = None
    """The own server's name."""
    protocol: str | None = None
    """The transmission type (RFC 3848), if known."""
    tls: bool | None = None
    """Whether the session is encrypted, where that is known for certain."""
    tls_version: str | None = None
    """In any spelling: `TLSv1.3`, `TLS1_3`."""
    cipher: str | None = None
    """The suite by any name."""
    bits: Number | None = None
    """Secret bits of the session's key."""
    group: str | None = None
    """The key exchange group, by any name."""
    client_certificate: str | None = None
    """What the server says of the client's certificate."""
    auth_user: str | None = None
    """As whom the peer logged in; `None` of nobody."""
    auth_method: str | None = None
    """The SASL mechanism."""
    timestamp: AwareDatetime | None = None
    """With its offset: trace lines cannot be compared with a time of no zone."""

    @property
    def is_encrypted(self) -> bool:
        """Whether the session runs over TLS."""
        if self.tls is None:
            return bool(find_told(self.tls_version) or find_told(self.cipher))
        return self.tls


def find_told(word: str | None) -> str | None:
    """Find what *word*, a version or cipher as a server hands it over, tells; `None` of none.

    >>> find_told("TLSv1.3"), find_told("(NONE)")
    ('TLSv1.3', None)
    """
    return None if word is None or word.strip().lower() in NO_TLS else word
