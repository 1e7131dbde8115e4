"""What one `Received` line says."""

from datetime import datetime
from typing import Self

from headertls.models.base import IPAddress, Model
from headertls.models.defects import Defect
from headertls.models.evidence import Evidence
from headertls.models.tls import Tls
from headertls.models.verdicts import Verdict


class Client(Model):
    """The SMTP client of a hop: the `from` side."""

    helo: str | None = None
    """The name or address literal that the client gave itself, brackets off."""
    rdns: str | None = None
    """The reverse name that the server recorded."""
    address: IPAddress | None = None
    """The address of the TCP peer, without IPv6 zone."""
    port: int | None = None
    """The client's TCP port, where the line tells it."""
    ident: str | None = None
    """What an ident server (RFC 1413) said of the client's user."""


class Server(Model):
    """The SMTP server of a hop: the `by` side, which wrote the line."""

    name: str | None = None
    """The name by which the server calls itself."""
    address: IPAddress | None = None
    """The server's own address, where it writes it; it says nothing of the client's network."""
    software: str | None = None
    """The product, as recognised by its marker, with its version where told: `Exim 4.96`."""


class Auth(Model):
    """The line says that the client authenticated."""

    user: str | None = None
    """As whom the client logged in, as written."""
    method: str | None = None
    """The SASL mechanism as written."""


class Hop(Model):
    """One `Received` line, read: facts only, and the verdict once a classifier gave one."""

    raw: str
    """The value of the `Received` field as it stood, with its line breaks."""
    client: Client | None = None
    """The `from` side."""
    server: Server | None = None
    """The `by` side, which wrote the line."""
    protocol: str | None = None
    """Registered transmission types in upper case (`ESMTPS`), others as written."""
    via: str | None = None
    """The link or medium that the line names, e.g. `Frontend Transport`."""
    id: str | None = None
    """The id under which the server handled the message."""
    recipients: tuple[str, ...] = ()
    """Addresses that the line names (`for`); where there are several, many servers name none."""
    envelope_from: str | None = None
    """The envelope sender; `""` is the empty sender `<>`."""
    auth: Auth | None = None
    """Present when the client logged in."""
    tls: Tls | None = None
    """Present when the line says TLS in any way; `None` means no more than that it does not."""
    timestamp: datetime | None = None
    """Always with an offset; a time without a known zone is left out and is a defect."""
    comments: tuple[str, ...] = ()
    """Comments from which no field was read, brackets off."""
    unparsed: tuple[str, ...] = ()
    """What no rule read, as written."""
    defects: tuple[Defect, ...] = ()
    """How the line departs from the standards."""
    marks: tuple[Evidence, ...] = ()
    """Words other than those of `tls` on which a verdict may rest: the protocol word and the
    product's mark of a line without TLS, what denies encryption, what tells of a login."""
    live: bool = False
    """True for the connection that the caller's server is serving (`LiveConnection`): its facts
    stand here instead of, or together with, those of a line."""
    complete: bool = True
    """False when a bound was reached, so that part of the line was not read."""
    verdict: Verdict | None = None
    """What the line means; `None` after `parse_received`."""

    def _repr_html_(self) -> str:
        """Draw the hop for a notebook."""
        from headertls.report.web import view_hop  # noqa: PLC0415  # a door upward

        return view_hop(self)

    def with_verdict(self, verdict: Verdict) -> Self:
        """Copy the hop, together with what it means.

        The same as `model_copy`, without its general case: every hop of every message passes here.
        """
        copy = type(self).__new__(type(self))
        for name, value in (
            ("__dict__", {**self.__dict__, "verdict": verdict}),
            ("__pydantic_fields_set__", {*self.__pydantic_fields_set__, "verdict"}),
            ("__pydantic_extra__", None),
            ("__pydantic_private__", None),
        ):
            object.__setattr__(copy, name, value)
        return copy
