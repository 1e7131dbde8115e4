"""Outlook's `.msg` files: the header that came with the message is one of its properties."""

from typing import IO, Any, Final, cast

from headertls.mailboxes.errors import UnreadableError
from headertls.mailboxes.window import Reader
from headertls.source import MAX_HEADER

# [MS-OXMSG], 2.1.3, and [MS-OXPROPS], 2.1020: PidTagTransportMessageHeaders, as Unicode or not
_UNICODE: Final = "__substg1.0_007D001F"
_OCTETS: Final = "__substg1.0_007D001E"
# Exchange sets this line before the header.
_BANNER: Final = b"Microsoft Mail Internet Headers Version 2.0"

NEEDS_OLEFILE: Final = "needs olefile: pip install 'headertls[msg]'"
NO_HEADER: Final = "holds no transport headers: a draft, or mail that never left the house"


def read_transport_headers(file: Reader) -> bytes:
    """Return the header of a message that Outlook saved.

    Raises:
        UnreadableError: There is none, or olefile is not installed.
        OSError: The file is damaged.
    """
    try:
        import olefile  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        raise UnreadableError(NEEDS_OLEFILE) from error
    with cast("Any", olefile).OleFileIO(cast("IO[bytes]", file)) as document:
        for name in (_UNICODE, _OCTETS):
            if document.exists(name):
                header = bytes(document.openstream(name).read(2 * MAX_HEADER))
                return _strip_banner(_decode(header) if name == _UNICODE else header)
    raise UnreadableError(NO_HEADER)


def _decode(header: bytes) -> bytes:
    return header.decode("utf-16-le", "replace").encode(errors="replace")


def _strip_banner(header: bytes) -> bytes:
    if header.startswith(_BANNER):
        return header[len(_BANNER) :].lstrip(b"\r\n")
    return header
