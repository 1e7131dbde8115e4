"""What event a line records: an ordered table of which the first matching row decides.

Words that can only mean one thing come first, so that the few forms without a `from` clause that
are more than a note (pickup by a local user, list expansion, a fetched mail) are found as such.
"""

import re
from collections.abc import Callable
from enum import StrEnum, auto
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.classifier.products import iter_leading_names, read_product
from headertls.models import Client, Hop, Kind
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


FAMILIES: Final = {
    # RFC 3848, RFC 6531; ELMTP is the word of nodemailer's smtp-server
    **dict.fromkeys(
        "lmtp lmtpa lmtps lmtpsa utf8lmtp utf8lmtpa utf8lmtps utf8lmtpsa".split(), Family.LMTP
    ),
    **dict.fromkeys(("elmtp", "elmtpa", "elmtps", "elmtpsa"), Family.LMTP),
    # Exim, Courier, mail.ru; bounces of sendmail and Mirapoint
    **dict.fromkeys(("local", "internal", "dsn"), Family.LOCAL),
    # Exchange: from the mailbox store into transport, and back
    **dict.fromkeys(("mapi", "mailboxresubmission"), Family.STORE),
    # browsers and programming interfaces: webmail, Gmail, SparkPost, Hotmail's WebDAV
    **dict.fromkeys(("http", "https", "httprest", "httpu", "rest", "dav"), Family.HTTP),
    # fetchmail, getmail6, fdm, MDaemon, Gmail's fetcher
    **dict.fromkeys(
        "pop2 pop3 pop3s pop3-ssl imap imaps imap4 imap4-ssl etrn odmr sdps domainpop".split(),
        Family.RETRIEVAL,
    ),
    # words that Exim's -oMr and filters put there when they hand the mail back
    **dict.fromkeys(("spam-scanned", "scanned-ok", "spamassassin", "active!hunter"), Family.FILTER),
    # other protocols than SMTP: qmail, Yahoo, FutureQuest, batch files, UUCP, BITNET, news, X.400
    **dict.fromkeys(
        "qmqp qmtp nnfmp fqdp bsmtp uucp uucp-uux nje nntp x400 x.400 mms spool".split(),
        Family.OTHER,
    ),
    # house protocols of CommuniGate, SparkPost, XMail, GroupWise
    **dict.fromkeys(("pipe", "ecstream", "xmail", "novell_groupwise"), Family.OTHER),
}
"""By the word behind `with`, in lower case."""

FAMILY_PREFIXES: Final = (
    # Exim: SMTP over a pipe from a local program
    ("local-", Family.LOCAL),
    # T-Online: HTTP/1.1
    ("http/", Family.HTTP),
    ("qmail-scanner", Family.FILTER),
    ("interscan", Family.FILTER),
    # xen.org: Exim between two passes of its list manager
    ("outflank-mailman", Family.LIST),
)

PRODUCT_FAMILIES: Final = {
    # content filters that hand mail back to their own server
    **dict.fromkeys(
        "amavisd-new amavis spamassassin spamd rspamd mailscanner qmail-scanner clamsmtp".split(),
        Family.FILTER,
    ),
    **dict.fromkeys(("proxsmtp", "spampd", "expurgate mta"), Family.FILTER),
    **dict.fromkeys(("fetchmail", "getmail6", "getmail", "mpop", "fdm"), Family.RETRIEVAL),
    **dict.fromkeys(
        ("horde framework", "squirrelmail", "roundcube", "roundcube webmail", "webmailui"),
        Family.HTTP,
    ),
    **dict.fromkeys(("listserv", "listserv-tcp/ip", "bulk_mailer"), Family.LIST),
}
"""By the product's name, in lower case."""

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
    | ^(?:from\ )?mail\ pickup\ service # IIS
    | ^invoked\ (?:by|for)\ | \binvoked\ by\ uid\b   # indimail
    | ^uid\ \d+$                        # Courier, dma
    """,
    re.IGNORECASE | re.VERBOSE,
)
# GMX and IONOS: (via HTTP)
_WEB_COMMENT: Final = re.compile(r"via HTTPS?", re.IGNORECASE)
# Exchange numbers its messages by build: 8, 14 and 15 stand for 2007, 2010 and later.
_EXCHANGE_BUILD: Final = re.compile(r"(?:8|14|15)\.\d+\.\d+\.\d+")
_LOCALHOSTS: Final = frozenset({"localhost", "localhost.localdomain"})
_NEAR: Final = frozenset({Reach.LOOPBACK, Reach.PRIVATE, Reach.SHARED, Reach.LINK_LOCAL})


class Facts(NamedTuple):
    """What the rules look at."""

    family: Family
    client: bool
    server: bool
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


class KindRule(NamedTuple):
    """A row of the table."""

    name: str
    kind: Kind
    matches: Callable[[Facts], bool]


RULES: Final = (
    # (qmail 975 invoked by uid 0), (nullmailer …), and whatever is no trace line
    KindRule("no-clause", Kind.NOTE, lambda f: not f.client and not f.server),
    KindRule("local-word", Kind.LOCAL, lambda f: f.family is Family.LOCAL),
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
        server=server is not None,
        authenticated=hop.auth is not None and _proves_auth(hop),
        reach=_find_client_reach(client),
        local_comment=any(map(_LOCAL_COMMENT.search, comments)),
        by_localhost=server is not None and (server.name or "").lower() in _LOCALHOSTS,
        exchange=family is Family.HTTP and _is_exchange(hop),
        mailbox=hop.via == "Mailbox Transport",
        listexpand=hop.via == "listexpand",
    )


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
    if found := FAMILIES.get(word):
        return found
    for prefix, family in FAMILY_PREFIXES:
        if word.startswith(prefix):
            return family
    if software and (found := _find_product_family(software)):
        return found
    # Yahoo: from [IP] by web29.example via HTTP
    return Family.HTTP if (via or "").lower() in {"http", "https"} else Family.SMTP


def _find_product_family(software: str) -> Family | None:
    name = read_product(software).name
    for leading in iter_leading_names(name):
        if found := PRODUCT_FAMILIES.get(leading.rstrip(",")):
            return found
    # Houses put their own name to amavis: (UOL-patch-amavisd-new, port 10024)
    return Family.FILTER if "amavisd-new" in name else None


@lru_cache(_CACHE_SIZE)
def _decide(facts: Facts) -> Kind:
    return next(rule.kind for rule in RULES if rule.matches(facts))
