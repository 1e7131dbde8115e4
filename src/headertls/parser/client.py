"""The client's side of a hop: which of the names and addresses behind `from` is which."""

import re
from typing import Final

from headertls.models import Client, DefectKind
from headertls.parser.addresses import Endpoint, find_host, parse_endpoint, strip_brackets
from headertls.parser.build import new_client
from headertls.parser.comments import read_comment
from headertls.parser.line import Line
from headertls.parser.plan import NONE


def read_client(line: Line, protocol: str, software: str | None) -> Client | None:
    """Read the client's side; `None` where the line has no `from` clause at all.

    A clause that names nobody (`from <unknown>`, a local user) gives an empty `Client`.
    """
    plan = line.plan
    if plan.has_plain_client:
        return _read_plain(line, protocol, software)
    if software and software.startswith("Twisted") and (m := _find_twisted(line.raw)):
        return _read_twisted(m)
    if plan.name == NONE and plan.address < 0 and plan.helo < 0 and plan.verbatim == NONE:
        return Client() if "F" in plan.shape[: plan.shape.rfind("B")] else None
    name, name_endpoint = _read_name(line)
    if "([local])" in line.tokens:
        name_endpoint = None  # Momentum: a local socket has no address
    endpoint = _read_endpoint(line) if plan.address >= 0 else None
    helo = rdns = None
    if plan.verbatim != NONE:
        helo, rdns = _read_verbatim(line, software), name
        if plan.verbatim_form == "verbatim_bracketed":
            rdns = None
    elif plan.helo >= 0:
        helo, rdns = _read_helo(line), name.rpartition("@")[2] if name else None
    else:
        helo = name
    if name_endpoint is not None:
        rdns = None
    if plan.rdns >= 0:
        rdns = _read_rdns(line)
    elif plan.single >= 0:
        helo, rdns, name_endpoint = _read_single(line, software, helo, name_endpoint)
    elif rdns is None and helo and plan.helo < 0 and name_endpoint is None and endpoint:
        rdns = helo if _is_exim(line, protocol, software) else None
    if endpoint is None and plan.address < 0:
        endpoint = name_endpoint
    if rdns and endpoint is None and plan.helo >= 0 and _is_exim(line, protocol, software):
        rdns = None  # from USER (helo=NAME) by HOST with local-esmtp
    if (
        helo
        and plan.helo < 0
        and _is_user(line, helo, protocol, software, has_address=endpoint is not None)
    ):
        helo = None
    return _build(line, helo, rdns, endpoint)


# Twisted mail writes the argument twice, which is how its end can be told.
_find_twisted: Final = re.compile(
    r"from\s+(?P<helo>.*?)\s+\(\[(?P<ip>[^\]]*)\]\s+helo=(?P=helo)\s+by\s", re.IGNORECASE | re.DOTALL
).match


def _read_twisted(match: re.Match[str]) -> Client:
    endpoint = parse_endpoint(match["ip"])
    return Client(helo=match["helo"] or None, address=endpoint.address if endpoint else None)


def _read_plain(line: Line, protocol: str, software: str | None) -> Client:
    """`from HELO (RDNS [IP])`, which is what nine lines of ten have."""
    plan, tokens = line.plan, line.tokens
    helo = find_host(tokens[plan.name[0]])
    endpoint = parse_endpoint(tokens[plan.address])
    if endpoint is None:
        endpoint = _read_endpoint(line)
    if plan.rdns >= 0:
        rdns = find_host(tokens[plan.rdns])
    else:
        rdns = helo if endpoint and _is_exim(line, protocol, software) else None
    if endpoint is None:
        return Client(helo=helo, rdns=rdns)
    address, port = endpoint
    return new_client({"helo": helo, "rdns": rdns, "address": address, "port": port})


def _build(
    line: Line, helo: str | None, rdns: str | None, endpoint: Endpoint | None
) -> Client | None:
    plan = line.plan
    if helo is None and rdns is None and endpoint is None:
        return Client() if "F" in plan.shape else None
    address, port = endpoint or (None, None)
    if plan.port >= 0:
        told = line.tokens[plan.port][5:]
        port = int(told) if told.isdecimal() and int(told) < 65_536 else port  # noqa: PLR2004
    elif plan.rdns >= 0 and (m := _port_ident(line.tokens[plan.rdns])):
        port = int(m[1])
    return Client(helo=helo, rdns=rdns, address=address, port=port, ident=_read_ident(line))


# -- the pieces


def _read_name(line: Line) -> tuple[str | None, Endpoint | None]:
    """The words behind `from`, and the address that they are, if they are one."""
    span = line.plan.name
    if span == NONE:
        return None, None
    token = line.tokens[span[0]]
    letter = line.plan.shape[span[0]]
    if letter == "S":
        return None, None
    if letter in "LN":
        endpoint = parse_endpoint(token)
        if endpoint is None:
            line.note(DefectKind.BAD_ADDRESS, token)
        text = strip_brackets(token)
        if letter == "N" and endpoint and endpoint.port is not None:
            text = text.rpartition(":")[0]
        return text, endpoint
    if span[1] - span[0] > 1:
        return line.words(span), None
    return find_host(strip_brackets(token)), None


def _read_endpoint(line: Line) -> Endpoint | None:
    token = line.tokens[line.plan.address]
    if "@" in token:  # IDENT@IP
        token = token.rpartition("@")[2]
    endpoint = parse_endpoint(token)
    if endpoint is None and token != "[]":
        line.note(DefectKind.BAD_ADDRESS, token)
    return endpoint


_port_ident: Final = re.compile(r'"port (\d{1,4}|[1-5]\d{4})".*').fullmatch
_quoted_helo: Final = re.compile(r'"(?:HELO|EHLO|LHLO)\s+([^"]*)"', re.IGNORECASE).fullmatch


def _read_helo(line: Line) -> str | None:
    token = line.tokens[line.plan.helo]
    if token[:5].lower() == "helo=":
        token = token[5:]
    elif m := _quoted_helo(token):
        token = m[1]
    return strip_brackets(token) or None


def _read_rdns(line: Line) -> str | None:
    token = line.tokens[line.plan.rdns]
    if "@" in token and not token.startswith("@"):  # IDENT@RDNS
        token = token.rpartition("@")[2]
    return find_host(strip_brackets(token))


def _read_ident(line: Line) -> str | None:
    plan, tokens = line.plan, line.tokens
    if plan.ident >= 0:
        return tokens[plan.ident][6:] or None
    if plan.single >= 0 and (m := _ident_host(read_comment(tokens[plan.single]).text)):
        return m[1]
    for index in (plan.rdns, plan.address, plan.name[0] if plan.helo >= 0 else -1):
        if index >= 0 and "@" in tokens[index]:
            ident = tokens[index].rpartition("@")[0]
            # sendmail asks ident servers; SIMS writes the port there; with a method it is the user
            if ident.startswith('"port ') or plan.method >= 0:
                return None
            return ident.removeprefix("IDENT:") or None
    for index in (*plan.tls, *plan.auth):  # Courier: (IDENT: x, …)
        token = tokens[index]
        if m := _ident_note(token):
            return m[1]
    return None


_ident_note: Final = re.compile(r"\(IDENT:\s+([^,)]*)").match


def _read_single(
    line: Line, software: str | None, helo: str | None, endpoint: Endpoint | None
) -> tuple[str | None, str | None, Endpoint | None]:
    """Read `from NAME (WORD)`, where WORD is the reverse name, or no name at all."""
    word = read_comment(line.tokens[line.plan.single]).text
    if endpoint and software == "chasquid":
        return word, None, endpoint  # from [IP] (HELO)
    rdns = find_host(word)
    if rdns is None:
        return helo, None, None  # SendGrid: (unknown) hides the address, the name is the HELO's
    if m := _ident_host(rdns):
        return helo, m[2], endpoint
    if not _is_host(rdns):
        line.note(DefectKind.BAD_ADDRESS, word)
        rdns = None
    return helo, rdns, endpoint


# sendmail, of a local sender: (root@localhost)
_ident_host: Final = re.compile(r"([\w-]+)@([\w.-]*[^\W\d_][\w-]*)").fullmatch
_is_host: Final = re.compile(r"[\w.-]*[^\W\d_][\w.-]*").fullmatch
_exim_id: Final = re.compile(
    r"[0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4})"
).fullmatch


def _is_exim(line: Line, protocol: str, software: str | None) -> bool:
    """Exim leaves `helo=` out where the argument equals the verified reverse name."""
    if software and software.startswith("Exim"):
        return True
    plan = line.plan
    return (
        plan.id >= 0
        and _exim_id(line.tokens[plan.id]) is not None
        and plan.protocol != NONE
        and line.tokens[plan.protocol[0]].islower()
        and protocol != "local"
    )


# Writers whose `from` names a local user, not a host.
_LOCAL_SOFTWARE: Final = frozenset(("DragonFly", "sSMTP", "nullmailer"))


def _is_user(
    line: Line, name: str, protocol: str, software: str | None, *, has_address: bool
) -> bool:
    """Whether *name* is a local user or a path instead of a host."""
    if has_address:
        return False
    if "/" in name or "@" in name or _is_exim(line, protocol, software):
        return True
    if software and software.partition(" ")[0] in _LOCAL_SOFTWARE:
        return True
    lower = protocol.lower()
    local = lower == "local" or lower.startswith(("qmail-scanner", "local-"))
    return (local and "." not in name) or _has_uid(line)


def _has_uid(line: Line) -> bool:
    texts = (line.tokens[i] for i in line.plan.comments)
    return any(text.startswith("(uid ") for text in texts)


def _read_verbatim(line: Line, software: str | None) -> str | None:
    """The HELO argument with all that it holds, cut out of the line."""
    plan, raw = line.plan, line.raw
    first, end = plan.verbatim
    start = line.spot(first)
    last = end - 1
    stop = line.spot(last) + len(line.tokens[last])
    text = raw[start:stop].strip()
    if plan.verbatim_form == "verbatim_helo":
        if text[:5].lower() == "helo=":
            text = text[5:]
        if not (software or "").startswith("Twisted"):  # it never closes the bracket
            text = text.removesuffix(")")
    elif plan.verbatim_form == "verbatim_bracketed":
        text = text.removeprefix("(").removesuffix(")")
    return text or None
