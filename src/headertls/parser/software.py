"""Which product wrote a line, recognised by the marker that it leaves.

One product is one row: its canonical name, and a pattern for the comment in which it names itself,
with the version in the first group. Where a row's comment also says something of its own (a local
user, a port), `keep` leaves it among the hop's comments.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final, NamedTuple

from headertls.parser.verbatim import Style


class Marker(NamedTuple):
    """How a product names itself in a comment of its own."""

    name: str
    pattern: str
    keep: bool = False


_V: Final = r"[v ]*(\d[\w.-]*)?"
MARKERS: Final = (
    # -- mail servers
    Marker("Postfix", r"Postfix"),
    Marker("Postfix", r"Postfix, from userid \d+", keep=True),
    Marker("Postfix", r"Postfix on .*"),
    Marker("Exim", r"Exim(?: (\d[\w.+-]*)| MailCleaner)?(?: #\d+)?(?: \(.*\))?"),
    # (8.17.1.9/8.17.1.9), (8.12.2), (8.11.4/8.11.4/corp-1.06), (8.14.4/8.14.4/Submit),
    # (8.12.3 da nor stuldap/8.12.3), (8.8.6 (PHNE_17135)/8.8.6)
    Marker("sendmail", r"(8\.[\d.]+\w*)(?:[-/+ ][^/]*(?:/.*)?)?/Submit", keep=True),
    Marker("sendmail", r"(8\.\d+\.[\d.]*\w*)(?:[-/+ ].*)?"),
    Marker("Waffle", r"(\d[\d.]*)/waf"),
    # relatives of old: (5.65/UW-NDC Revision: 2.23), (4.1/4.7), (980427.SGI.8.8.8/…)
    Marker("sendmail", r"([1-5]\.\d[\w.]*)/.*"),
    Marker("sendmail", r"\d+\.SGI(?:\.(8[\w.]+))?/.*"),
    Marker("sendmail", r"AIX ?[\d.]+/(?:UCB )?([58][\w.]+)/.*"),
    Marker("sendmail", r"SMI-(\d[\w.]*)/.*"),
    # (Smail3.1.28.1 #3), (Linux Smail3.1.29.0 #5), (Smail3.2.0.111/mail.s.rr)
    Marker("Smail", r"(?:\S+ )?Smail-?(\d[\w.]*)(?:[ /].*)?"),
    Marker("PP", r"PP"),
    Marker("SAUCE", r"SAUCE v(\d\S*)"),
    Marker("ifmail", r"ifmail v\.(\d\S*)"),
    Marker("sendmail", r"sendmail"),
    Marker("Sentrion-MTA", r"Sentrion-MTA-(\d[\w.]*)/.*"),
    Marker("Switch", r"Switch-(\d[\w.]*)/.*"),
    Marker("qpsmtpd", r"qpsmtpd/?(\d\S*)?"),
    Marker("qmail", r"qmail-(\d\S*)"),
    Marker("qmail-ldap", r"qmail-ldap-(\d\S*)"),
    Marker("OpenSMTPD", r"OpenSMTPD"),
    Marker("Haraka", r"Haraka/?(\d\S*)?"),
    Marker("Haraka", r"Haraka outbound", keep=True),
    Marker("James SMTP Server", r"James SMTP Server ?(\d\S*)?"),
    Marker("Stalwart SMTP", r"Stalwart SMTP"),
    Marker("chasquid", r"chasquid"),
    Marker("KumoMTA", r"KumoMTA(?: [\d.]+)?"),
    Marker("ZoneMTA", r"ZoneMTA(?: .*)?"),
    Marker("Dovecot", r"Dovecot"),
    Marker("Cyrus", rf"Cyrus{_V}.*"),
    Marker("msmtpd", r"msmtpd"),
    Marker("SubEthaSMTP", r"SubEthaSMTP (?:(\d\S*)|null)"),
    Marker("MailHog", r"MailHog"),
    Marker("Mailpit", r"Mailpit"),
    Marker("MIMEDefang", r"MIMEDefang"),
    Marker("Twisted", r"\[Twisted, version (\d\S*)\]"),
    Marker("MailEnable", r"MailEnable(?: WebMail)?"),
    # -- local agents
    Marker("DragonFly Mail Agent", r"DragonFly Mail Agent(?: v(\S+))?(?: .*)?"),
    Marker("sSMTP", r"sSMTP sendmail emulation"),
    Marker("nullmailer", r"nullmailer .*", keep=True),
    Marker("qmail", r"qmail \d+ invoked .*", keep=True),
    Marker("fetchmail", r"fetchmail-(\d\S*).*"),
    Marker("mpop", r"mpop-(\d\S*)"),
    Marker("getmail6", r"getmail6(?: (\d\S*))?(?: .*)?"),
    Marker("getmail", r"getmail[- ]?(\d\S*).*"),
    Marker("masqmail", r"masqmail (\d\S*)"),
    Marker("fdm", r"fdm (\d[^,\s]*)?.*"),
    # -- filters
    Marker("amavisd-new", r"(?:\S*-)?amavisd-new(?:, .*)?", keep=True),
    Marker("amavis", r"amavis(?:, .*)?", keep=True),
    # -- Microsoft
    Marker(
        "Microsoft Exchange Internet Mail Service",
        r"Microsoft Exchange Internet Mail Service Version (\S+)",
    ),
    Marker(
        "Microsoft Exchange Internet Mail Connector",
        r"Microsoft Exchange (?:Server )?Internet Mail Connector Version (\S+)",
    ),
    # -- providers and sending services
    Marker("Yandex", r"(?:\w+/)?Yandex"),
    Marker("Nemesis", r"Nemesis"),
    Marker("RZmta", r"RZmta (\d\S*).*"),
    Marker("Oath Hermes SMTP Server", r"Oath Hermes SMTP Server"),
    Marker("Farcaster", r"Farcaster"),
    Marker("MEProxy", r"MEProxy"),
    Marker("Coremail", r"Coremail"),
    Marker("NewEsmtp", r"NewEsmtp"),
    Marker("SendGrid", r"SG"),
    Marker("InterMail", r"InterMail (vM[\d.]+|\S+).*"),
    Marker("Momentum", r"ecelerity (\d[\d.]*).*"),
    Marker("PowerMTA", r"PowerMTA(?:\(TM\))?(?: v(\S+))?"),
    Marker(
        "Oracle Messaging Server",
        r"(?:Oracle Communications|Sun Java System|Sun Java\(tm\) System|iPlanet|Sun ONE) Messaging"
        r" (?:Exchange )?Server,? (?:Version )?(\d[\w.-]*).*",
    ),
    Marker("Sun Internet Mail Server", r"Sun Internet Mail Server sims\.(\d[\w.]*).*"),
    Marker("PMDF", r"PMDF(?: V(\d\S*)| ?#\d).*"),
    # -- gateways and commercial servers
    Marker("Symantec Messaging Gateway", r"Symantec (?:Messaging Gateway|Brightmail Gateway)"),
    Marker("Proofpoint", r"PPS"),
    Marker("MailChannels", r"trex/(\d\S*)"),
    Marker("Halon", r"Halon"),
    Marker("eXpurgate", r"eXpurgate ?(\d\S*)?"),
    Marker("eXpurgate MTA", r"eXpurgate MTA (\d\S*)"),
    Marker("CommuniGate Pro", r"CommuniGate Pro [A-Z]+ (\d\S*)(?: .*)?"),
    Marker("Kerio Connect", r"Kerio (?:Connect|MailServer) (\d\S*).*"),
    # (MDaemon PRO v9.6.6), (MDaemon.PRO.v6.8.5.R)
    Marker("MDaemon", r"MDaemon(?:[ .]PRO)?[ .]v?(\d\S*).*"),
    Marker("SecurityGateway", r"SecurityGateway (\d\S*)"),
    Marker("IceWarp", r"IceWarp (\d\S*).*"),
    Marker("Merak", r"Merak (\d\S*).*"),
    Marker("VisNetic MailServer", r"VisNetic\.MailServer\.v(\d\S*)"),
    Marker("SurgeMail", r"(?:SurgeMail|Surgemail) (\d\S*)"),
    Marker("Axigen", r"Axigen.*"),
    Marker("HCL Domino", r"HCL Domino Release (\d\S*).*"),
    Marker("IBM Domino", r"IBM Domino Release (\d\S*).*"),
    Marker("Lotus Domino", r"Lotus Domino Release (\d\S*).*"),
    # (GroupWise Internet Agent 6.0.2), (GroupWise SMTP/MIME Agent 4.11 Ver 3)
    Marker("GroupWise", r"GroupWise(?:[^\d]*? (\d\S*))?.*"),
    Marker("Scalix SMTP Relay", r"Scalix SMTP Relay (\d\S*)"),
    Marker("eSafe SMTP Relay", r"eSafe SMTP Relay (\d\S*)"),
    Marker("Mercury", r"Mercury(?:/32)? v?(\d\S*)"),
    # (SMTPD32-7.15 EVAL), (SMTPD32-6.06 UNREGISTERED)
    Marker("SMTPD32", r"SMTPD32-(\d\S*)(?: .*)?"),
    Marker("VPOP3", r"VPOP3(?: V(\S+))?(?: - .*)?"),
    Marker("SMTPD", r"SMTPD-(\d\S*)(?: .*)?"),
    Marker("mxl_mta", r"mxl_mta-(\d\S*)"),
    Marker("SmarterMail", r"SmarterMail ?(\d\S*)?"),
    Marker("Netscape Mail Server", r"Netscape Mail(?:ing)? Server v(\d\S*)"),
    # (Netscape Messaging Server 4.15 mx Jan 11 2001)
    Marker("Netscape Messaging Server", r"Netscape Messaging Server (\d\S*)(?: .*)?"),
    Marker("LISTSERV", r"LISTSERV-TCP/IP release (\d\S*)"),
    Marker("bulk_mailer", r"bulk_mailer v(\d\S*)"),
    Marker("LSMTP", r"LSMTP for .* v(\d\S*)"),
    Marker("Content Technologies SMTPRS", r"Content Technologies SMTPRS (\d\S*)"),
    Marker("Tumbleweed MMS", r"Tumbleweed MMS SMTP Relay \(MMS v?(\d[\d.]*).*"),
    Marker("WorldSecure Server", r"WorldSecure Server SMTP Relay ?\(WSS\) v?(\d\S*)"),
    Marker("Horde Framework", r"Horde Framework"),
    Marker("Prayer", r"Prayer-(\d\S*)"),
)


@cache
def _compile_markers() -> tuple[tuple[Marker, Callable[[str], re.Match[str] | None]], ...]:
    # when first asked, for it takes a third of what importing the parser takes
    return tuple(
        (marker, re.compile(marker.pattern, re.IGNORECASE).fullmatch) for marker in MARKERS
    )


class Product(NamedTuple):
    """A recognised product."""

    software: str
    """Name, and the version as the last word where the line tells it."""
    keep: bool


@lru_cache(maxsize=2048)
def find_product(text: str) -> Product | None:
    """Recognise the product that names itself in a comment's *text*, white space collapsed.

    >>> find_product("Exim 4.96 #2 (Debian)").software
    'Exim 4.96'
    >>> find_product("Mailchimp") is None
    True
    """
    for marker, matches in _compile_markers():
        if m := matches(text):
            version = m[1].rstrip(".-") if m.re.groups and m[1] else ""
            return Product(f"{marker.name} {version}" if version else marker.name, marker.keep)
    return None


# Products that leave no comment but an unmistakable word behind `with`.
PROTOCOL_MARKERS: Final = {
    "Microsoft SMTP Server": "Exchange",
    "mapi": "Exchange",
    "MailboxResubmission": "Exchange",
    "Microsoft SMTPSVC": "Microsoft SMTPSVC",
    "MailEnable SMTP": "MailEnable",
    "MailEnable ESMTP": "MailEnable",
    "MailEnable ESMTPA": "MailEnable",
    "MailEnable ESMTPS": "MailEnable",
    "MailEnable ESMTPSA": "MailEnable",
    "HTTPREST": "Gmail",
}
# What names a product and its version, in the comment behind the protocol.
is_named_product: Final = re.compile(
    r"[A-Z][\w./+-]*(?: [\w./+&-]+){0,6}?,? (?:[vV]\.?|[vV]ersion )?\d+(?:[.,]\d[\w.,-]*)+.*"
).fullmatch
# A version alone, behind a product's name that stands in the place of the protocol.
is_version: Final = re.compile(r"[vV]?(\d+(?:[.,]\d[\w.,-]*)+)").fullmatch
# Where a product puts the HELO argument, for lines in which the argument itself makes that unclear.
STYLES: Final = {
    "Exim": Style.EXIM,
    "qpsmtpd": Style.QMAIL,
    "indimail-mta": Style.QMAIL,
    "chasquid": Style.BRACKETED,
    "Haraka": Style.PEER,
    "Cyrus": Style.PEER,
    "Dovecot": Style.PEER,
    "Postfix": Style.FIRST,
    "sendmail": Style.PEER,
    "OpenSMTPD": Style.FIRST,
    "amavis": Style.PEER,
    "amavisd-new": Style.PEER,
    "slimta": Style.PEER,
    "ZoneMTA": Style.LITERAL,
    "Exchange": Style.PEER,
    "Kerio": Style.PEER,
    "IceWarp": Style.PEER,
    "MailEnable": Style.PEER,
    "Axigen": Style.PEER,
    "HCL": Style.PEER,
    "IBM": Style.PEER,
    "Lotus": Style.PEER,
    "CommuniGate": Style.BRACKETED,
    "Momentum": Style.EXIM,
}
# Products that write nothing about TLS, or about authentication, before their own name, so that
# such words there are the client's.
NO_TLS_BEFORE_BY: Final = frozenset(
    ("Exim", "Haraka", "qpsmtpd", "indimail-mta", "chasquid", "Twisted", "Cyrus", "OpenSMTPD",
     "sendmail", "KumoMTA", "ZoneMTA", "slimta",
     "Momentum", "Exchange", "Gmail", "SendGrid", "MDaemon", "MailHog", "SAUCE")
)  # fmt: skip
NO_AUTH_BEFORE_BY: Final = frozenset(
    ("Exim", "Haraka", "indimail-mta", "chasquid", "Twisted", "OpenSMTPD", "Exchange", "MailHog",
     "SAUCE")
)  # fmt: skip
# Products that write the HELO argument before `by`, and nothing else.
HELO_WRITERS: Final = frozenset(("MailHog",))
# Products that tell of a session the lowest version which its suite needs: Node.js and OpenSSL name
# it beside each suite.
SUITE_VERSION_WRITERS: Final = ("ZoneMTA", "Haraka", "Cyrus")
# Products that write nothing between the name of the user and `by`.
USER_NOTE_LAST: Final = frozenset(("Postfix",))

# Gmail's own hosts write without a marker; the name is the server's own word.
_is_gmail: Final = re.compile(
    r"(?:.*\.)?(?:google|gmail)\.com|2002:a\w\w:.*", re.IGNORECASE
).fullmatch


@lru_cache(maxsize=2048)
def find_host_product(host: str) -> str | None:
    """Recognise a product by the name of its own host.

    >>> find_host_product("mx.google.com")
    'Gmail'
    """
    return "Gmail" if _is_gmail(host) else None
