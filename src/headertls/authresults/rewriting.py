"""Changes to a message: forged results out of its header, the own one on top; never its body."""

import re
from typing import Final

from headertls.authresults.claims import claims_result
from headertls.models import ResultField

NAME: Final = b"authentication-results"

# A field begins behind a line feed, and to some readers behind a carriage return that stands
# alone. It runs on over lines that begin with white space.
_FIELD: Final = re.compile(
    rb"(?:\A|(?<=\n)|(?P<cr>\r(?!\r*\n)))"
    rb"(?i:authentication-results)[ \t]*+:"
    rb"(?P<value>[^\r\n]*+(?:(?:\r*+\n|\r(?!\r*+\n))[ \t][^\r\n]*+)*+)"
    rb"(?P<end>\r*+\n|\r(?!\r*+\n)|\r*+\Z)"
)
_MBOX_LINES: Final = re.compile(rb"(?:>*+From (?![ \t]*+:)[^\r\n]*+(?:\r*+\n|\r))*+")
# Lines that begin with white space, with no field above them that they could continue.
_ORPHANS: Final = re.compile(rb"(?:[ \t][^\r\n]*+(?:\r*+\n|\r|\Z))*+")
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

    def judge(found: re.Match[bytes]) -> bytes:
        if not claims_result(found["value"].decode(errors="replace"), authserv_id, method):
            return found[0]
        # Behind a lone CR stands a part of another field, whose line ends here.
        return found["end"] if found["cr"] else b""

    return _FIELD.sub(judge, header) + message[end:]


def add_result_field(message: bytes, field: ResultField) -> bytes:
    r"""Put *field* on top of *message*, in the line ends that it has; its body stays as it is.

    Only the line that mbox files set before a message stays above. Lines with which a message may
    begin though they continue no field, stay above, too, or they would continue this one.

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
    place = find_top(message)
    ending = find_line_end(message)
    lines = f"{field.text}\n".encode("ascii").replace(b"\n", ending)
    above = message[:place]
    if above and not above.endswith((b"\n", b"\r")):
        above += ending
    return above + lines + message[place:]


def find_top(message: bytes) -> int:
    """Find where the first field of *message* can be put."""
    orphans = _ORPHANS.match(message, _find_start(message))
    return orphans.end() if orphans else 0


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
