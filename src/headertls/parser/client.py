"""The client's side of a hop: which of the names and addresses behind `from` is which."""

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple

from headertls.models import Client, DefectKind
from headertls.models.build import new_client
from headertls.parser.addresses import (
    Endpoint,
    find_host,
    parse_address,
    parse_endpoint,
    read_port,
    strip_brackets,
)
from headertls.parser.comments import read_comment
from headertls.parser.line import Line
from headertls.parser.plan import NONE
from headertls.parser.software import HELO_WRITERS
from headertls.parser.vocabulary import find_login_note


class Writer(NamedTuple):
    """What is known of the server that wrote the line."""

    protocol: str
    software: str | None

    def is_called(self, *names: str) -> bool:
        """Whether the product's name begins with one of *names*."""
        return self.software is not None and self.software.startswith(names)


# A literal before `by` that no form reads, put out of sight by the client.
_find_unread_address: Final = re.compile(
    r"from\s++(?!\[)(?:(?!\sby\s).)*?(\[(?:\d{1,3}(?:\.\d{1,3}){3}|(?:IPv6:)?[\da-f:.]*::?[\da-f:.]+)\])",
    re.IGNORECASE | re.DOTALL,
).match


class _Sides(NamedTuple):
    helo: str | None = None
    rdns: str | None = None
    endpoint: Endpoint | None = None


def _has_odd_ident_note(line: Line, writer: Writer, sides: _Sides) -> bool:
    """Whether Courier's note of an ident answer stands in a line that is not as Courier writes it.

    The note may be a HELO argument, too. Any address behind it, and any before it, may be made up,
    and quotes in both may hide the true one.
    """
    plan = line.plan
    is_nested = "-" in plan.shape
    is_odd = plan.is_unclear or sides.endpoint is None or plan.helo >= 0 or is_nested
    return is_odd and writer.software in (None, "Courier") and "(IDENT: " in line.raw


# (x) ([192.0.2.1])@RDNS [IP]) of an ident answer that closes brackets; "EHLO NAME" ident: "x) (…"
_has_odd_ident: Final = re.compile(r'\)@|\sident:\s+"', re.IGNORECASE).search


def _has_odd_login_note(line: Line, writer: Writer) -> bool:
    """Whether a note of the login stands in a line that is not as its product writes it.

    A login name or a HELO argument may have broken the brackets: with two addresses in the line
    nobody knows which one the server wrote.
    """
    plan = line.plan
    if not plan.is_unclear or writer.is_called("Postfix"):
        return False
    addresses = plan.shape.count("{", 0, max(plan.by[0], 0)) + (plan.shape[1:2] in ("L", "N"))
    end = line.spot(plan.by[0]) if plan.by != NONE else len(line.raw)
    return addresses > 1 and find_login_note(line.raw, 0, end) is not None


def _find_doubt(line: Line, writer: Writer, sides: _Sides) -> str | None:
    """Find words of the client's that may have brought the address along."""
    if _has_odd_ident_note(line, writer, sides):
        return "(IDENT: "
    if _has_odd_login_note(line, writer):
        return "(Authenticated sender: "
    return ")@" if line.plan.is_unclear and _has_odd_ident(line.raw) else None


def read_client(line: Line, writer: Writer) -> Client | None:
    """Read the client's side; `None` where the line has no `from` clause at all.

    A clause that names nobody (`from <unknown>`, a local user) gives an empty `Client`.
    """
    plan = line.plan
    if writer.software in HELO_WRITERS:
        return Client(helo=_read_argument(line))
    if plan.has_plain_client:
        return _read_plain(line, writer)
    if writer.is_called("Twisted") and (m := _find_twisted(line.raw)):
        return Client(helo=m["helo"] or None, address=parse_address(m["ip"]))
    sides = _read_sides(line, writer)
    if doubt := _find_doubt(line, writer, sides):
        line.note(DefectKind.BAD_ADDRESS, doubt)
        sides = sides._replace(rdns=None, endpoint=None)
    if sides.endpoint is None and not line.defects and (m := _find_unread_address(line.raw)):
        line.note(DefectKind.BAD_ADDRESS, m[1])
    if writer.is_called("Exim", "Momentum", "SAUCE") or (
        plan.is_unclear and _is_exim(line, writer)
    ):
        sides = _trust_first_address(line, sides)
    if writer.is_called("chasquid") and plan.shape.startswith("FL"):
        sides = _read_chasquid(line, sides)
    if sides == _Sides() and "F" not in plan.shape[: plan.shape.rfind("B")]:
        return None
    return Client(
        helo=sides.helo,
        rdns=sides.rdns,
        address=_address_of(sides.endpoint),
        port=_read_port(line, sides.endpoint),
        ident=_read_ident(line, writer),
    )


def _read_plain(line: Line, writer: Writer) -> Client:
    """`from HELO (RDNS [IP])`, which is what nine lines of ten have."""
    plan, tokens = line.plan, line.tokens
    helo = find_host(tokens[plan.name[0]])
    endpoint = parse_endpoint(tokens[plan.address]) or _read_endpoint(line)
    if plan.rdns >= 0:
        rdns = find_host(tokens[plan.rdns])
    else:
        rdns = helo if endpoint and _is_exim(line, writer) else None
    if endpoint is None:
        return Client(helo=helo, rdns=rdns)
    address, port = endpoint
    return new_client({"helo": helo, "rdns": rdns, "address": address, "port": port})


def _read_sides(line: Line, writer: Writer) -> _Sides:
    """Read the names and the address, by where the HELO argument stands."""
    plan = line.plan
    if plan.shape[:4] in ("FwNB", "FwNR") and line.tokens[1].lower() in ("unknown", "client"):
        return _Sides(endpoint=parse_endpoint(line.tokens[2]))  # web mailers
    name, own = _read_name(line)
    endpoint = _read_endpoint(line) if plan.address >= 0 else own
    if plan.verbatim != NONE:
        rdns = name if own is None and plan.verbatim_form != "verbatim_bracketed" else None
        helo = _read_verbatim(line, writer)
        if helo and helo[0] == '"' and writer.is_called("Exim"):
            helo = None  # from "USER" by HOST with local: its -oMt, quoted where it holds signs
        sides = _Sides(helo, rdns, endpoint)
    elif plan.helo >= 0:
        sides = _Sides(_read_helo(line), _host_of(name) if own is None else None, endpoint)
        if endpoint is None:
            _note_odd_ident(line)
        if endpoint is None and _is_exim(line, writer):
            sides = sides._replace(rdns=None)  # from USER (helo=NAME) by HOST with local-esmtp
    elif plan.single >= 0:
        sides = _read_single(line, writer, _Sides(name, None, endpoint))
    else:
        sides = _read_named(line, writer, _Sides(name, None, endpoint))
    if own and endpoint and "6" in plan.shape and _are_rivals(own.address, endpoint.address):
        line.note(DefectKind.BAD_ADDRESS, f"{own.address} or {endpoint.address}")
        return _Sides()
    return sides._replace(rdns=_read_rdns(line)) if plan.rdns >= 0 else sides


def _are_rivals(first: IPv4Address | IPv6Address, last: IPv4Address | IPv6Address) -> bool:
    """Whether the HELO argument between two addresses may have brought one of them along.

    Yahoo writes its own address first where a client has no reverse name.
    """
    return first != last and first.is_global


def _read_named(line: Line, writer: Writer, sides: _Sides) -> _Sides:
    """`from NAME ([IP])`, `from [IP]`, `from NAME`: the name is all that there is."""
    has_note = line.plan.address >= 0
    if has_note and sides.endpoint and _is_exim(line, writer):
        return sides._replace(rdns=sides.helo)
    if sides.endpoint is None and sides.helo and _is_user(line, sides.helo, writer):
        return sides._replace(helo=None)
    return sides


def _read_single(line: Line, writer: Writer, sides: _Sides) -> _Sides:
    """`from NAME (WORD)`, where WORD is the reverse name, or no name at all."""
    word = read_comment(line.tokens[line.plan.single]).text
    parted = line.plan.address >= 0
    if sides.endpoint and writer.is_called("chasquid", "Exim"):
        if parted and line.plan.single > line.plan.address:  # from NAME [IP] (IDENT): Exim 1
            return sides._replace(rdns=sides.helo)
        # from [IP] (HELO) · from RDNS (HELO) [IP]
        return sides._replace(helo=word, rdns=sides.helo if parted else None)
    host = find_host(word)
    if host is None:  # SendGrid: (unknown) hides the address, the name is the HELO's
        return sides if parted else sides._replace(endpoint=None)
    if m := _ident_host(host):
        return sides._replace(rdns=m["host"] or m["node"])
    if not _is_host(host):
        line.note(DefectKind.BAD_ADDRESS, word)
        return sides
    return sides._replace(rdns=host)


# -- the pieces


def _read_name(line: Line) -> tuple[str | None, Endpoint | None]:
    """The words behind `from`, and the address that they are, if they are one."""
    first, end = line.plan.name
    letter = line.plan.shape[first] if first >= 0 else "S"
    if letter == "S":
        return None, None
    if end - first > 1:
        return line.words((first, end)), None
    if letter in "LN":
        return _read_own_address(line, first)
    if m := _find_slashed(line.tokens[first]):
        return m[1] or None, parse_endpoint(m[2])
    return find_host(strip_brackets(line.tokens[first])), None


# Java's way of writing a host: NAME/IP, or /IP without a name
_find_slashed: Final = re.compile(r"([\w.-]*)/(\d{1,3}(?:\.\d{1,3}){3})").fullmatch


def _read_own_address(line: Line, index: int) -> tuple[str, Endpoint | None]:
    text = line.tokens[index]
    endpoint = parse_endpoint(text)
    if endpoint is None:
        line.note(DefectKind.BAD_ADDRESS, text)
    elif any(comment.text == "[local]" for comment in line.comments(line.plan.comments)):
        endpoint = None  # Momentum: a local socket has no address
    else:
        return _without_port(text, endpoint), endpoint
    return strip_brackets(text), endpoint


def _without_port(text: str, endpoint: Endpoint) -> str:
    """The address alone of `IP:PORT`, `[IP]:PORT`, `[IP:PORT]` (MessageLabs)."""
    text = strip_brackets(text)
    return (
        text.rpartition(":")[0]
        if endpoint.port is not None and "." in text and text.endswith(f":{endpoint.port}")
        else text
    )


def _read_endpoint(line: Line) -> Endpoint | None:
    text = line.tokens[line.plan.address].rpartition("@")[2]  # IDENT@IP
    endpoint = parse_endpoint(text)
    if endpoint is None and text != "[]":
        line.note(DefectKind.BAD_ADDRESS, text)
    return endpoint


def _address_of(endpoint: Endpoint | None) -> IPv4Address | IPv6Address | None:
    return endpoint.address if endpoint else None


_quoted_helo: Final = re.compile(r'"(?:HELO|EHLO|LHLO)\s+([^"]*)"', re.IGNORECASE).fullmatch


def _read_helo(line: Line) -> str | None:
    text = line.tokens[line.plan.helo]
    if text[:5].lower() in ("helo=", "helo:", "ehlo=", "ehlo:"):
        text = text[5:]
    elif m := _quoted_helo(text):
        text = m[1]
    text = text.strip('"')
    return strip_brackets(text) or text or None


def _read_rdns(line: Line) -> str | None:
    return find_host(strip_brackets(_host_of(line.tokens[line.plan.rdns]) or ""))


def _note_odd_ident(line: Line) -> None:
    """Note a comment IDENT@IP in which the ident looks like something else."""
    for comment in line.comments(line.plan.comments):
        if "@" in comment.text and parse_endpoint(comment.text.rpartition("@")[2]):
            line.note(DefectKind.BAD_ADDRESS, comment.text)


def _host_of(name: str | None) -> str | None:
    """The host of IDENT@HOST."""
    return name.rpartition("@")[2] if name else None


_port_ident: Final = re.compile(r'"port\s+(\d{1,5})".*').fullmatch


def _read_port(line: Line, endpoint: Endpoint | None) -> int | None:
    plan = line.plan
    told = line.tokens[plan.port][5:].strip() if plan.port >= 0 else ""
    if plan.rdns >= 0 and (m := _port_ident(line.tokens[plan.rdns])):  # SIMS
        told = m[1]
    port = read_port(told)
    return port if port is not None or endpoint is None else endpoint.port


# ZMailer's words for no answer are in capitals: NO-IDENT-SERVICE[2], TIMEDOUT[1]
_zmailer_ident: Final = re.compile(
    r'.*"(?:HELO|EHLO)\s[^"]*"\s+ident:\s+"(?![A-Z-]+(?:\[\d*\])?")([^"]+)"', re.DOTALL
).match
_ident_note: Final = re.compile(r"IDENT: ([^,]*)").match  # Courier
# sendmail, of a local sender: (root@localhost); BITNET: (NODE(USER))
_ident_host: Final = re.compile(
    r"(?P<ident>[\w-]+)@(?P<host>[\w.-]*[^\W\d_][\w-]*)"
    r"|(?P<node>[\w.-]*[^\W\d_][\w.-]*)\((?P<user>[\w$.-]+)\)"
).fullmatch
_is_host: Final = re.compile(r"[\w.-]*[^\W\d_][\w.-]*").fullmatch


def _read_ident(line: Line, writer: Writer) -> str | None:
    plan, tokens = line.plan, line.tokens
    if plan.ident >= 0:
        return tokens[plan.ident][6:].strip() or None
    if plan.single > plan.address >= 0 and writer.is_called("Exim"):
        return read_comment(tokens[plan.single]).text
    if plan.single >= 0 and (m := _ident_host(read_comment(tokens[plan.single]).text)):
        return m["ident"] or m["user"]
    if "=" in plan.shape and (m := _zmailer_ident(line.raw)):
        return m[1]
    for index in (plan.rdns, plan.address, plan.name[0] if plan.helo >= 0 else -1):
        if index >= 0 and "@" in tokens[index]:
            ident = tokens[index].rpartition("@")[0]
            # SIMS writes the port there; beside a SASL mechanism it is the user
            named = not ident.startswith('"port') and plan.method < 0
            return ident.removeprefix("IDENT:") or None if named else None
    notes = (_ident_note(comment.text) for comment in line.comments((*plan.tls, *plan.auth)))
    return next((m[1] for m in notes if m), None)


# -- writers with ways of their own

_exim_id: Final = re.compile(
    r"[0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4})"
).fullmatch


def _is_exim(line: Line, writer: Writer) -> bool:
    """Exim leaves `helo=` out where the argument equals the verified reverse name."""
    if writer.software is not None:
        return writer.is_called("Exim")
    plan = line.plan
    return (
        plan.id >= 0
        and _exim_id(line.tokens[plan.id]) is not None
        and plan.protocol != NONE
        and line.tokens[plan.protocol[0]].islower()
        and writer.protocol != "local"
    )


def _is_user(line: Line, name: str, writer: Writer) -> bool:
    """Whether *name* is a local user or a path instead of a host."""
    if "/" in name or "@" in name:
        return True
    if _is_exim(line, writer):
        # a site's own text for the line may leave out the address, but not the host's name
        return "." not in name or not writer.protocol.isupper()
    if writer.is_called("DragonFly", "sSMTP", "nullmailer"):
        return True
    lower = writer.protocol.lower()
    if (lower == "local" or lower.startswith(("qmail-scanner", "local-"))) and "." not in name:
        return True
    return any(comment.text.startswith("uid ") for comment in line.comments(line.plan.comments))


def _read_argument(line: Line) -> str | None:
    """The HELO argument, of a product that writes nothing else before `by`."""
    last = line.plan.shape.rfind("B")
    text = " ".join(line.raw[line.spot(0) + len("from") : line.spot(last)].split())
    if " " in text:
        line.note(DefectKind.HELO_SYNTAX)
    return find_host(strip_brackets(text) if text.endswith("]") else text)


# from [IP] (helo=ARGUMENT) · from RDNS ([IP] helo=ARGUMENT); a literal after it is another form
_first_address: Final = re.compile(
    r"from\s+(?:\[(?P<own>[^\]\s]+)\](?::\d+)?\s|[\w.-]+\s+\(\[(?P<ip>[^\]\s]+)\](?::\d+)?[\s)])",
    re.IGNORECASE,
).match


def _trust_first_address(line: Line, sides: _Sides) -> _Sides:
    """Exim and Momentum write the address before the HELO argument, which may hold others."""
    found = _first_address(line.raw.lstrip()) if sides.endpoint else None
    if found is None:
        return sides
    endpoint = parse_endpoint(found["own"] or found["ip"])
    if endpoint is None or endpoint.address == _address_of(sides.endpoint):
        return sides
    line.note(DefectKind.HELO_SYNTAX)
    return _Sides(None, None, endpoint)


def _read_chasquid(line: Line, sides: _Sides) -> _Sides:
    """`from [A] ([B])`: up to 1.11 A is the address, later B, and the other the HELO argument.

    The spelling of the version (`TLS-1.3`, later `TLS 1.3`) tells them apart; a line without TLS
    does not. With anything else in the bracket it is the argument.
    """
    own = line.tokens[1]
    if not line.plan.has_two_literals:
        text = line.raw[line.spot(1) + len(own) : line.spot(line.plan.shape.rfind("B"))].strip()
        if not text:  # of a client that logged in, the HELO argument alone is shown
            return _Sides(strip_brackets(own), None, None)
        return _Sides(text.removeprefix("(").removesuffix(")"), None, parse_endpoint(own))
    other = line.tokens[line.plan.address]
    spelling = "".join(comment.text for comment in line.comments(line.plan.tls))
    if "TLS-" in spelling:
        return _Sides(strip_brackets(other), None, parse_endpoint(own))
    if "TLS " in spelling or own == other:
        return sides
    line.note(DefectKind.BAD_ADDRESS, f"{own} or {other}")
    return _Sides(None, None, None)


# Twisted mail writes the argument twice, which is how its end can be told; what closes the bracket,
# if anything, depends on the class that a site used.
_find_twisted: Final = re.compile(
    r"from\s+(?P<helo>.*?)\s+\(\[(?P<ip>[^\]]*)\]\s+helo=(?P=helo)(?:\s+auth=[!-~]++)?\)?\s+by\s",
    re.IGNORECASE | re.DOTALL,
).match


def _read_verbatim(line: Line, writer: Writer) -> str | None:
    """The HELO argument with all that it holds, cut out of the line."""
    first, end = line.plan.verbatim
    start = line.spot(first)
    stop = line.spot(end - 1) + len(line.tokens[end - 1])
    text = line.raw[start:stop].strip()
    if line.plan.verbatim_form == "verbatim_bracketed":
        text = text.removeprefix("(").removesuffix(")")
    elif line.plan.verbatim_form == "verbatim_helo":
        text = text[5:] if text[:5].lower() == "helo=" else text
        # the bracket round the argument, which Twisted mail never closes
        text = text if writer.is_called("Twisted") else text.removesuffix(")")
    return text or None
