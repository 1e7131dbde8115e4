"""Changes to a message: forged results out of its header, the own one on top; never its body."""

import re
from typing import Final

from headertls.authresults.claims import claims_result, list_own_ids
from headertls.models import METHOD, ResultField, Site

NAME: Final = b"authentication-results"

GUARD: Final = "X-Lines-Without-Field:"
"""Stands between the field and lines that continue none, and would continue it."""

# A field begins behind a line feed, and to some readers behind a carriage return that stands
# alone. It runs on over lines that begin with white space.
_FIELD: Final = re.compile(
    rb"(?:\A|(?<=[\r\n]))"
    rb"(?i:authentication-results)[ \t]*+:"
    rb"(?P<value>[^\r\n]*+(?>(?:(?:\r*+\n|\r(?!\r*+\n))[ \t][^\r\n]*+)*))"
    rb"(?P<end>\r*+\n|\r(?!\r*+\n)|\r*+\Z)"
)
# The same to readers to whom a lone CR is a blank, or nothing. Behind the name of the server an
# empty line of such CRs ends it, lest a body go where all lines end by CR but the last one.
_UNBROKEN: Final = re.compile(
    rb"(?:\A|(?<=\n))"
    rb"(?i:authentication-results)[ \t\r]*+:"
    rb"(?P<value>(?>(?:[^;\n]|\n(?=[ \t]))*)(?>(?:[^\r\n]|\r(?!\r)|\n(?=[ \t]))*))"
    rb"(?P<end>\r*+\n|\r++|\Z)"
)
_LONE_CR: Final = re.compile(rb"\r(?![\r\n])")
_MBOX_LINES: Final = re.compile(rb"(?>(?:>*+From (?![ \t]*+:)[^\r\n]*+(?:\r*+\n|\r))*)")
# A message may begin with its blank line, and then has no header.
_BLANK_LINE: Final = re.compile(rb"(?:\A|\n)\r*+\n")
_BLANK_LINE_CR: Final = re.compile(rb"(?:\A|\r)\r")


def strip_result_fields(message: bytes, authserv_id: str, *, method: str | None = None) -> bytes:
    r"""Take each `Authentication-Results` field out that claims to be by the own servers.

    A server at the border must do so before it writes its own, or anybody could write them (RFC
    8601, section 5). Whole fields go: who forged one result of a field wrote the others, too. All
    other octets stay, the body among them.

    Args:
        message: The message, or the beginning of one that holds the whole header.
        authserv_id: The name of the own servers. Names that differ in case, in a dot at the end,
            in quotes, comments, folds or `xn--` labels only, and fields of any version, are taken
            for theirs.
        method: Take out only fields that tell of this method, for a program behind others of the
            own servers, whose results are genuine; with `None`, all.

    >>> strip_result_fields(
    ...     b"Authentication-Results: (x) MX.Site.example\r\n 1; x-tls-trace=pass\r\n"
    ...     b"Subject: Lunch\r\n\r\nAuthentication-Results: mx.site.example; none\r\n",
    ...     "mx.site.example",
    ... )
    b'Subject: Lunch\r\n\r\nAuthentication-Results: mx.site.example; none\r\n'
    """
    end = find_header_end(message)
    header = message[:end]
    if NAME not in header.lower():
        return message
    header = _take_out(_FIELD, header, authserv_id, method)
    if _LONE_CR.search(header):
        header = _take_out(_UNBROKEN, header, authserv_id, method)
    return header + message[end:]


def _take_out(
    fields: re.Pattern[bytes], header: bytes, authserv_id: str, method: str | None
) -> bytes:
    kept = bytearray()
    place = 0
    for found in fields.finditer(header):
        if claims_result(found["value"].decode(errors="replace"), authserv_id, method):
            kept += header[place : found.start()]
            place = found.end()
            _close_line(kept, found["end"])
    return bytes(kept) + header[place:]


def strip_own_results(
    message: bytes, authserv_id: str, site: Site | None, *, is_border: bool
) -> bytes:
    """Take out what pretends to be a result of the own programs.

    Args:
        message: As for `strip_result_fields`.
        authserv_id: The name of the own servers.
        site: May tell more of their names.
        is_border: All fields of these names are forged, for no own program has seen the message
            yet. Otherwise only those of the first name that tell of the own method are.
    """
    if not is_border:
        return strip_result_fields(message, authserv_id, method=METHOD)
    for name in list_own_ids(authserv_id, site):
        message = strip_result_fields(message, name)
    return message


def list_values(message: bytes) -> list[str]:
    r"""Give the values of the `Authentication-Results` fields that `strip_result_fields` looks at.

    Nothing is repaired: lines that are fields only after repair, such as quoted ones, are none.

    >>> list_values(b"> Authentication-Results: a\nAuthentication-Results:\n b\n\n")
    ['b']
    """
    header = message[: find_header_end(message)]
    return [found["value"].decode(errors="replace").strip() for found in _FIELD.finditer(header)]


def _close_line(kept: bytearray, ending: bytes) -> None:
    """End the line of the field in which, behind a lone CR, the one stood that was taken out."""
    if kept.endswith(b"\r") and b"\n" in ending:
        kept[-1:] = ending


def add_result_field(message: bytes, field: ResultField) -> bytes:
    r"""Put *field* on top of *message*, in the line ends that it has; its body stays as it is.

    Only the line that mbox files set before a message stays above. If a message begins with lines
    that would continue the field, another one between (`X-Lines-Without-Field:`) takes them.

    Args:
        message: The message, or the beginning of one that holds the whole header.
        field: What `make_result_field` made.

    >>> from headertls import parse_result_field
    >>> field = parse_result_field("mx.site.example; x-tls-trace=none")
    >>> print(add_result_field(b"From me Mon Nov 23\nSubject: Lunch\n\nbody", field).decode())
    From me Mon Nov 23
    Authentication-Results: mx.site.example;
        x-tls-trace=none
    Subject: Lunch
    <BLANKLINE>
    body
    """
    place = _find_start(message)
    rest = message[place:]
    text = f"{field.text}\n{GUARD}\n" if rest.startswith((b" ", b"\t")) else f"{field.text}\n"
    lines = text.encode("ascii").replace(b"\n", find_line_end(message))
    return message[:place] + lines + rest


def find_header_end(message: bytes) -> int:
    r"""Find the end of the blank line behind the header, or of *message* if there is none.

    >>> find_header_end(b"Subject: Lunch\n\nbody"), find_header_end(b"\nbody")
    (16, 1)
    """
    blank = _BLANK_LINE if b"\n" in message else _BLANK_LINE_CR
    found = blank.search(message, max(_find_start(message) - 1, 0))
    return found.end() if found else len(message)


def _find_start(message: bytes) -> int:
    lead = _MBOX_LINES.match(message)
    return lead.end() if lead else 0


def find_line_end(message: bytes) -> bytes:
    r"""Find by what the lines of *message* end, as its first one does.

    >>> find_line_end(b"Subject: Lunch\r\n\r\n"), find_line_end(b"")
    (b'\r\n', b'\n')
    """
    # A lone CR is the end of lines only where there is no other.
    found = re.search(rb"\r*\n", message)
    if found is None:
        return b"\r" if b"\r" in message else b"\n"
    return b"\r\n" if found[0].startswith(b"\r") else b"\n"
