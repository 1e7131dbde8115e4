"""What header fields other than `Received` say about how a message was transported."""

from headertls.models.base import Model
from headertls.models.evidence import Evidence
from headertls.models.tls import Tls


class Witness(Model):
    """A field in which a server told whether the session was encrypted.

    The field is as good as the server that wrote it. Anybody may send a message with such fields,
    so one is evidence only where it stands above the trust boundary, or where `authserv_id` is a
    name that the reader's own servers use and that they take out of mail from outside (RFC 8601,
    section 5).
    """

    field: str
    """The field's name, in lower case."""
    value: str
    """The field's value as it stood; offsets of evidence count in it."""
    tls: Tls | None = None
    """The session, where the field says that it was encrypted."""
    plaintext: bool = False
    """True where the field says that there was no TLS. `tls` is then `None`."""
    marks: tuple[Evidence, ...] = ()
    """The words that deny encryption."""
    authserv_id: str | None = None
    """Who speaks, where an `Authentication-Results` field names its server, as written."""
    received_above: int = 0
    """How many `Received` fields stand above it; what stands below one came with the message."""
