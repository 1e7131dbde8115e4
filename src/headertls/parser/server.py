"""The server's side of a line: which product wrote it, on which host."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.models import DefectKind, Server
from headertls.parser.addresses import parse_address, strip_brackets
from headertls.parser.comments import read_comment
from headertls.parser.line import Line
from headertls.parser.plan import NONE, Plan
from headertls.parser.software import (
    PROTOCOL_MARKERS,
    find_host_product,
    find_product,
    is_named_product,
    is_version,
)
from headertls.parser.tls import is_no_product, is_unread_tls_text
from headertls.parser.vocabulary import ProtocolWords


class Comments(NamedTuple):
    """What the comments of a line come to."""

    software: str | None
    """The product that wrote the line."""
    unread: tuple[str, ...]
    """The comments from which nothing was read."""
    product: int = -1
    """The place of the comment that names the product."""
    late: tuple[str, ...] = ()
    """Those of `unread` that stand behind `by`."""


def read_comments(line: Line, protocol: ProtocolWords) -> Comments:
    """Find the product that wrote the line, and keep the comments that tell nothing known."""
    plan, tokens = line.plan, line.tokens
    software = PROTOCOL_MARKERS.get(protocol.protocol)
    if not (plan.by_comments or plan.comments or "S" in plan.shape):
        return Comments(software or protocol.software or _find_unmarked(line), ())
    texts: dict[int, str] = {}
    if plan.name != NONE and (phrase := line.words(plan.name)).lower() == "mail pickup service":
        texts[plan.name[0]] = phrase
    for index in sorted((*plan.by_comments, *plan.comments)):
        if tokens[index][0] != "(":  # a set phrase behind a bracket that nothing closes
            texts[index] = tokens[index]
            continue
        comment = read_comment(tokens[index])
        if comment.too_long:
            line.note(DefectKind.TLS_TEXT_TOO_LONG, f"{len(comment.text)} characters")
        if comment.text:
            texts[index] = comment.text
    product = -1
    if "B" in plan.shape:  # a note of a queue about itself has no server
        software, product = _find_marker(line, texts, software, protocol)
    software = software or protocol.software or _find_unmarked(line)
    late = tuple(text for index, text in texts.items() if index > plan.by[0])
    return Comments(software, tuple(texts.values()), product, late)


def _find_marker(
    line: Line, texts: dict[int, str], software: str | None, protocol: ProtocolWords
) -> tuple[str | None, int]:
    """Find the product among the comments, and take its comment out of *texts*."""
    by = line.plan.by[0]
    for index, text in texts.items():
        name = software or (protocol.protocol if protocol.is_house else None)
        if name and index == line.plan.protocol[1] and (m := is_version(text)):
            del texts[index]
            return f"{name} {m[1].replace(',', '.')}", index
        if software is None and index > by:  # what stands before `by` may be the client's
            product = find_product(text)
            if product:
                if not (product.keep or is_unread_tls_text(text)):
                    del texts[index]
                return product.software, index
    place = -1 if software else _find_unlisted(line.plan, texts)
    return (texts.pop(place), place) if place >= 0 else (software, -1)


def _find_unlisted(plan: Plan, texts: dict[int, str]) -> int:
    """The place of a product that no marker knows, or -1.

    Directly behind the host any words may be one, elsewhere a name and a version.
    """
    first = plan.by_comments[0] if plan.by_comments else -1
    text = texts.get(first, "")
    is_first = _is_product(text) and not is_no_product(text)
    if is_first and not is_version(text):
        return first
    notes = (*plan.notes_behind(plan.by[1]), *plan.notes_behind(plan.protocol[1]))
    named = (i for i in notes if is_named_product(texts.get(i, "")) and not is_no_product(texts[i]))
    return next(named, first if is_first else -1)


# A version alone, `(via HTTP)` or `(unknown)` name no product.
_is_product: Final = re.compile(
    r"(?!(?:via|invoked|for|helo|ehlo|lhlo) |(?:uid|pid|port)[ =:]?\d"
    r"|(?:unknown|unverified|verified|input|output)$)(?=.*[^\W\d]).+",
    re.IGNORECASE,
).fullmatch


def _find_unmarked(line: Line) -> str | None:
    """Products without a marker, told by the form of the line or by the name of the host."""
    by = line.plan.by
    if line.plan.is_bare and _is_qmail(line):
        return "qmail"
    if line.tokens[:1] == ["indimail-mta"]:
        return "indimail-mta"
    notes = (*line.plan.tls, *line.plan.auth)
    early = [comment.text for comment in line.comments(i for i in notes if i < by[0])]
    if any(text.startswith(("TLS: ", "AUTH: ", "IDENT: ")) for text in early):
        return "Courier"
    if any(text.startswith("SquirrelMail ") for text in early):
        return "SquirrelMail"
    return find_host_product(line.tokens[by[0]]) if by != NONE else None


def _is_qmail(line: Line) -> bool:
    """qmail-smtpd says SMTP whatever the session was, and dates without weekday in -0000."""
    plan = line.plan
    date = line.words(plan.date)
    return date.endswith(" -0000") and date[0].isdigit() and line.words(plan.protocol) == "SMTP"


def read_server(line: Line, software: str | None) -> Server | None:
    """Read the `by` clause; `None` where nothing is known of a server."""
    plan = line.plan
    name = _read_by_name(line) if plan.by != NONE else None
    if software is None and name and _is_versioned(name):  # by simscan 1.4.0 ppid: 1, pid: 2
        name, software = None, name
    place = plan.by_address
    if place < 0 and software == "KumoMTA":  # (KumoMTA IP)
        place = plan.product_address
    address = line.tokens[place] if place >= 0 else None
    if address is not None and parse_address(address) is None:
        line.note(DefectKind.BAD_ADDRESS, address)
        address = None
    return _new_server(name, address, software)


_is_versioned: Final = re.compile(r"[a-zA-Z][\w-]* \d+(?:\.\d+)+").fullmatch


# The hosts that write lines repeat far more than those that they talk to.
@lru_cache(maxsize=16_384)
def _new_server(name: str | None, address: str | None, software: str | None) -> Server | None:
    if name is None and address is None and software is None:
        return None
    return Server(name=name, address=parse_address(address) if address else None, software=software)


def _read_by_name(line: Line) -> str | None:
    """The host; words behind a name with a dot are no part of it (`by HOST ESMTP relay2 with`)."""
    start, end = line.plan.by
    first = line.tokens[start]
    if end - start > 1 and "." not in first:
        return line.words((start, end))
    return strip_brackets(first.removesuffix(","))
