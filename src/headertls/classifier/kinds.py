"""What event a line records: an ordered table of which the first matching row decides.

Words that can only mean one thing come first, so that the few forms without a `from` clause that
are more than a note (pickup by a local user, list expansion, a fetched mail) are found as such.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.classifier.products import iter_leading_names, read_product
from headertls.models import Client, Hop, Kind, Server
from headertls.net.operators import find_operator_of_host
from headertls.net.scope import Reach, find_reach

_CACHE_SIZE: Final = 4096


class Family(StrEnum):
    """What the word behind `with` or the product stands for."""

    SMTP = auto()
    """SMTP in any form, and every word that no table names."""
    LMTP = auto()
    LOCAL = auto()
    STORE = auto()
    HTTP = auto()
    RETRIEVAL = auto()
    FILTER = auto()
    LIST = auto()
    OTHER = auto()


FAMILY_WORDS: Final[tuple[tuple[Family, tuple[str, ...]], ...]] = (
    # RFC 3848, RFC 6531
    (Family.LMTP, ("lmtp", "lmtpa", "lmtps", "lmtpsa")),
    (Family.LMTP, ("utf8lmtp", "utf8lmtpa", "utf8lmtps", "utf8lmtpsa")),
    # nodemailer's smtp-server
    (Family.LMTP, ("elmtp", "elmtpa", "elmtps", "elmtpsa")),
    # Exim, Courier, mail.ru; bounces of sendmail and Mirapoint
    (Family.LOCAL, ("local", "internal", "dsn")),
    # Exchange: from the mailbox store into transport, and once more
    (Family.STORE, ("mapi", "mailboxresubmission")),
    # browsers and programming interfaces: webmail, Gmail, SparkPost, Hotmail's WebDAV
    (Family.HTTP, ("http", "https", "httprest", "httpu", "rest", "dav")),
    # fetchmail, getmail6, fdm, MDaemon, Gmail's fetcher
    (Family.RETRIEVAL, ("pop2", "pop3", "pop3s", "pop3-ssl", "domainpop", "sdps")),
    (Family.RETRIEVAL, ("imap", "imaps", "imap4", "imap4-ssl", "etrn", "odmr")),
    # put there by Exim's -oMr, and by filters, when the mail is handed back
    (Family.FILTER, ("spam-scanned", "scanned-ok", "spamassassin", "active!hunter")),
    # qmail, Yahoo, FutureQuest, batch files, UUCP, BITNET, news, RFC 4356, X.400, LISTSERV
    (Family.OTHER, ("qmqp", "qmtp", "nnfmp", "fqdp", "bsmtp", "uucp", "nje", "nntp", "mms")),
    (Family.OTHER, ("x.400", "x400", "spool")),
    # house protocols of CommuniGate, SparkPost, XMail, GroupWise
    (Family.OTHER, ("pipe", "ecstream", "xmail", "novell_groupwise")),
)
"""Words behind `with`, in lower case."""

FAMILY_PREFIXES: Final[tuple[tuple[Family, str], ...]] = (
    # Exim: SMTP over a pipe from a local program
    (Family.LOCAL, "local-"),
    # T-Online: HTTP/1.1
    (Family.HTTP, "http/"),
    (Family.FILTER, "qmail-scanner"),
    # xen.org: Exim between two passes of its list manager
    (Family.LIST, "outflank-mailman"),
)
"""How other words behind `with` begin."""

FAMILY_PRODUCTS: Final[tuple[tuple[Family, tuple[str, ...]], ...]] = (
    # content filters, which hand the mail back to their own server
    (Family.FILTER, ("amavisd-new", "amavis", "spamassassin", "spamd", "rspamd", "mailscanner")),
    (Family.FILTER, ("qmail-scanner", "clamsmtp", "proxsmtp", "spampd", "expurgate mta")),
    (Family.RETRIEVAL, ("fetchmail", "getmail6", "getmail", "mpop", "fdm")),
    (Family.HTTP, ("horde framework", "squirrelmail", "roundcube", "webmailui")),
    (Family.LIST, ("listserv", "listserv-tcp/ip")),
    # no server of any kind, it only takes mail from the command line
    (Family.LOCAL, ("dragonfly mail agent", "dma")),
)
"""Products, in lower case."""

FAMILY_LINKS: Final[tuple[tuple[Family, tuple[str, ...]], ...]] = (
    # Yahoo: from [IP] by web29.example via HTTP
    (Family.HTTP, ("http", "https")),
    # RFC 1700
    (Family.OTHER, ("uucp",)),
)
"""Words behind `via`, in lower case."""

_BY_VIA: Final = {word: family for family, words in FAMILY_LINKS for word in words}
_BY_WORD: Final = {word: family for family, words in FAMILY_WORDS for word in words}
_BY_PRODUCT: Final = {name: family for family, names in FAMILY_PRODUCTS for name in names}

# Cyrus `lmtpd -a` and OpenSMTPD write an A for programs on the same machine.
LOCAL_AUTH: Final = frozenset({"cyrus", "opensmtpd"})
"""Products whose word of authentication proves something only for a client of the network."""

_LOCAL_COMMENT: Final = re.compile(
    r"""
      from\ userid\ \d+                 # (Postfix, from userid 33)
    | /submit$                          # sendmail: (8.15.2/8.15.2/Submit)
    | ^from\ \S+@\S+$                   # sendmail: (from root@localhost)
    | ^\[?unix\ socket\]?$ | \[unix\ socket\]$       # Cyrus
    | \[unix:                           # [[UNIX: localhost]]
    | ^\[?local\]?$ | \[local\]$        # OpenSMTPD
    | mail\ pickup\ service             # IIS
    | ^uid\ \d+$                        # Courier, dma
    """,
    re.IGNORECASE | re.VERBOSE,
)
# GMX and IONOS: (via HTTP)
_WEB_COMMENT: Final = re.compile(r"via HTTPS?", re.IGNORECASE)
# Exchange numbers its messages by build: 8, 14 and 15 stand for 2007, 2010 and later.
_EXCHANGE_BUILD: Final = re.compile(r"(?:8|14|15)\.\d+\.\d+\.\d+")
_LOCALHOSTS: Final = frozenset({"localhost", "localhost.localdomain"})
# from mail pickup service by HOST: a clause that names nobody
_NOBODY: Final = Client()
_NEAR: Final = frozenset({Reach.LOOPBACK, Reach.PRIVATE, Reach.SHARED, Reach.LINK_LOCAL})


class Facts(NamedTuple):
    """What the rules look at."""

    family: Family
    client: bool
    """There is a `from` clause."""
    server: bool
    """There is a `by` clause."""
    authenticated: bool
    reach: Reach | None
    """Of the client's address."""
    local_comment: bool
    by_localhost: bool
    exchange: bool
    """The line is one of Exchange's, whatever its `with` clause says."""
    mailbox: bool
    """Exchange's last step, `via Mailbox Transport`."""
    listexpand: bool
    pickup: bool
    """The form in which IIS writes of mail that it found in a folder."""


@dataclass(frozen=True, slots=True)
class KindRule:
    """A row of the table."""

    name: str
    kind: Kind
    matches: Callable[[Facts], bool]


RULES: Final[tuple[KindRule, ...]] = (
    # (qmail 975 invoked by uid 0), (nullmailer …), and whatever is no trace line
    KindRule("no-clause", Kind.NOTE, lambda f: not f.client and not f.server),
    KindRule("local-word", Kind.LOCAL, lambda f: f.family is Family.LOCAL or f.pickup),
    # A comment may be text of the client's choice, so it says nothing once there is a peer.
    KindRule(
        "local-comment",
        Kind.LOCAL,
        lambda f: f.local_comment and f.reach in {None, Reach.LOOPBACK},
    ),
    # Postfix's aliases of majordomo times: by HOST via listexpand id ID
    KindRule("list-word", Kind.LIST, lambda f: f.listexpand or f.family is Family.LIST),
    KindRule("retrieval-word", Kind.RETRIEVAL, lambda f: f.family is Family.RETRIEVAL),
    # by mail-qt1-f178.google.com with SMTP id ID: the server speaks of itself
    KindRule("no-from", Kind.NOTE, lambda f: not f.client),
    KindRule("store-word", Kind.STORE, lambda f: f.family is Family.STORE or f.mailbox),
    # Exchange Online: from HOST (::1) by HOST with HTTPS
    KindRule("exchange-http", Kind.STORE, lambda f: f.family is Family.HTTP and f.exchange),
    KindRule("lmtp-word", Kind.DELIVERY, lambda f: f.family is Family.LMTP),
    KindRule("filter-word", Kind.FILTER, lambda f: f.family is Family.FILTER),
    KindRule("by-localhost", Kind.FILTER, lambda f: f.by_localhost and f.reach in _NEAR),
    KindRule("web-word", Kind.WEB, lambda f: f.family is Family.HTTP),
    KindRule("other-word", Kind.OTHER, lambda f: f.family is Family.OTHER),
    KindRule("authenticated", Kind.SUBMISSION, lambda f: f.server and f.authenticated),
    KindRule("both-ends", Kind.RELAY, lambda f: f.server),
    # from HOST with SMTP, cut off before `by`
    KindRule("one-end", Kind.NOTE, lambda _: True),
)


def find_kind(hop: Hop) -> Kind:
    """Tell what event *hop* records.

    >>> find_kind(Hop(raw="by mx.example with SMTP id 1", protocol="SMTP"))
    <Kind.NOTE: 'note'>
    """
    return _decide(_gather(hop))


def _gather(hop: Hop) -> Facts:
    client, server = hop.client, hop.server
    family = _find_family(hop.protocol, server.software if server else None, hop.via)
    comments = hop.comments
    if family is Family.SMTP and any(map(_WEB_COMMENT.fullmatch, comments)):
        family = Family.HTTP
    return Facts(
        family=family,
        client=client is not None,
        server=server is not None and _is_told(server, hop.protocol),
        authenticated=hop.auth is not None and _proves_auth(hop),
        reach=_find_client_reach(client),
        local_comment=any(map(_LOCAL_COMMENT.search, comments)),
        by_localhost=server is not None and (server.name or "").lower() in _LOCALHOSTS,
        exchange=family is Family.HTTP and _is_exchange(hop),
        mailbox=hop.via == "Mailbox Transport",
        listexpand=hop.via == "listexpand",
        pickup=hop.protocol == "Microsoft SMTPSVC" and (client is None or client == _NOBODY),
    )


def _is_told(server: Server, protocol: str | None) -> bool:
    if server.name is not None or server.address is not None:
        return True
    # by (Postfix) with ESMTP: a forger's slip; the product alone may stand anywhere in the line
    return server.software is not None and protocol is not None


def _find_client_reach(client: Client | None) -> Reach | None:
    if client is None or client.address is None:
        return None
    return find_reach(client.address)


def _is_exchange(hop: Hop) -> bool:
    host = hop.server.name if hop.server else None
    if host and find_operator_of_host(host) == "Microsoft":
        return True
    return hop.id is not None and _EXCHANGE_BUILD.fullmatch(hop.id) is not None


def _proves_auth(hop: Hop) -> bool:
    software = hop.server.software if hop.server else None
    if software is None or read_product(software).name not in LOCAL_AUTH:
        return True
    return hop.client is not None and hop.client.address is not None


@lru_cache(_CACHE_SIZE)
def _find_family(protocol: str | None, software: str | None, via: str | None) -> Family:
    word = (protocol or "").lower()
    if found := _BY_WORD.get(word):
        return found
    for family, prefix in FAMILY_PREFIXES:
        if word.startswith(prefix):
            return family
    if software and (found := _find_product_family(software)):
        return found
    return _BY_VIA.get((via or "").lower(), Family.SMTP)


def _find_product_family(software: str) -> Family | None:
    name = read_product(software).name
    for leading in iter_leading_names(name):
        if found := _BY_PRODUCT.get(leading.rstrip(",")):
            return found
    # Houses put their own name to amavis: (UOL-patch-amavisd-new, port 10024)
    return Family.FILTER if "amavisd-new" in name else None


@lru_cache(_CACHE_SIZE)
def _decide(facts: Facts) -> Kind:
    return next(rule.kind for rule in RULES if rule.matches(facts))
