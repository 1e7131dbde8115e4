"""Who writes lines, and what the silence of each about TLS is worth.

Only a writer that marks both states makes silence mean plaintext. Sources: "code" is the product's
own source, "recorded" are sessions held with the running product, "seen" are counts over real
mail, "manual" is what the maker says, "from memory" what nobody looked up for this table. "On its
own socket" is always meant: TLS that ended in a proxy before it is invisible to every writer.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.classifier.ground import Ground
from headertls.classifier.products import iter_leading_names, read_product
from headertls.models import Hop, Marking

_CACHE_SIZE: Final = 4096


@dataclass(frozen=True, slots=True, eq=False)  # compared, and hashed, as the row that it is
class Writer:
    """A row of the table: a product, from some version or year on."""

    name: str
    marking: Marking
    source: str
    since: tuple[int, ...] = ()
    """The lowest version that the row is for; rows of one product stand newest first."""
    year: int = 0
    """The first year that the row is for, where the product tells no version."""
    versionless: bool = False
    """The row also holds where the version is not told; otherwise the first row does."""
    aliases: tuple[str, ...] = ()
    unsure_words: frozenset[str] = frozenset()
    """Protocols behind which even this writer may leave a TLS session unmarked."""
    marks_fetches: bool = False
    """It also marks the sessions in which it fetches mail."""


class HostWriter(NamedTuple):
    """A row for a service that is known by its `by` host alone."""

    prefix: str
    domain: str
    writer: Writer
    protocols: frozenset[str] | None = None
    """The lines that the row is for, where not for all."""


_ALWAYS: Final = Marking.ALWAYS
_LIKELY: Final = Marking.LIKELY
_NEVER: Final = Marking.NEVER
_HELO: Final = frozenset({"SMTP"})
# SMTP even after EHLO; patches for AUTH say ESMTPA.
_QMAIL_PROTOCOLS: Final = frozenset({"SMTP", "ESMTPA"})
_MAILFRONT_LINKS: Final = frozenset({"TCP", "TCP6"})  # FutureQuest's servers, too

WRITERS: Final = (
    Writer(
        "Postfix",
        _ALWAYS,
        "code: smtpd since 2.5 (January 2008) puts S into the type of every TLS session; recorded:"
        " implicit TLS followed by HELO says plain SMTP (3.7, 3.11)",
        year=2008,
        aliases=("Postcow", "Proxmox"),  # `mail_name` of mailcow, of Proxmox Mail Gateway
        unsure_words=_HELO,
    ),
    Writer("Postfix", _NEVER, "code: before 2.5 only an optional comment told of TLS"),
    Writer(
        "Exim",
        _ALWAYS,
        "code: 4.42 brought esmtps; recorded: 4.94 to 4.100",
        since=(4, 42),
        unsure_words=frozenset({"ASMTP"}),  # the word of versions up to 4.41
    ),
    Writer("Exim", _LIKELY, "code: only the cipher comment of the default text tells of TLS"),
    Writer(
        "sendmail",
        _ALWAYS,
        "code: a comment since 8.11, S since 8.15.1; recorded: 8.15 to 8.18",
        since=(8, 11),
    ),
    Writer("sendmail", _LIKELY, "code: versions before 8.11 had no TLS of their own"),
    Writer("Sentrion-MTA", _ALWAYS, "seen: sendmail's comment"),
    Writer("Switch", _ALWAYS, "seen: sendmail's comment"),
    Writer(
        "V8/cf",
        _NEVER,
        "seen: configurations of their own, unmarked even for senders that always use TLS",
        aliases=("R8/cf",),
    ),
    Writer("OpenSMTPD", _ALWAYS, "code: 5.3 to 7.9; recorded: 6.8 and 7.9"),
    Writer("Courier", _ALWAYS, "code: courieresmtpd; recorded: 1.0 and 2.0"),
    Writer("qpsmtpd", _ALWAYS, "code: 0.94; recorded: 0.94"),
    Writer("indimail-mta", _ALWAYS, "code: received.c, qmail-smtpd"),
    Writer("Haraka", _ALWAYS, "code: 2.0 to 3.1; recorded: 2.8 and 3.3"),
    Writer("ZoneMTA", _ALWAYS, "code: sending-zone.js; recorded: 3.10"),
    Writer("slimta", _ALWAYS, "recorded: 5.0, S behind ESMTP"),
    Writer("KumoMTA", _ALWAYS, "code: smtp_server.rs; it has no A, so a plain type may hide AUTH"),
    Writer("Stalwart SMTP", _ALWAYS, "code: inbound/data.rs", aliases=("Stalwart",)),
    Writer("maddy", _ALWAYS, "code: endpoint/smtp; it has no A"),
    Writer("mox", _ALWAYS, "code: smtpserver"),
    Writer("gromox", _ALWAYS, "code: message_enqueue.cpp"),
    Writer("chasquid", _ALWAYS, "code: says `plain text!`; recorded: 1.11 and 1.19"),
    Writer("amavisd-new", _ALWAYS, "recorded: 2.13, S and the suite", aliases=("amavis",)),
    Writer("MIMEDefang", _ALWAYS, "code: 3.6"),
    Writer("hMailServer", _ALWAYS, "code: SMTPMessageHeaderCreator since 5.5"),
    Writer("simta", _ALWAYS, "code: S after EHLO only", unsure_words=_HELO),
    Writer(
        "James SMTP Server",
        _ALWAYS,
        "code: S and the comment since 3.9; after HELO the type has no S",
        since=(3, 9),
        aliases=("James", "Apache James"),
        unsure_words=_HELO,
    ),
    Writer(
        "James SMTP Server",
        _NEVER,
        "code: TLS sessions say ESMTP and ESMTPA before 3.9",
        versionless=True,
    ),
    Writer("Cyrus", _ALWAYS, "code: lmtpengine.c"),
    Writer("Dovecot", _NEVER, "code: the marker is that of 2.0 to 2.2, where LMTP has no S"),
    Writer(
        "fdm",
        _ALWAYS,
        "recorded: 1.9 gives the version, or says `unencrypted`",
        marks_fetches=True,
    ),
    Writer(
        "getmail6",
        _ALWAYS,
        "code: implicit TLS says POP3-SSL or IMAP4-SSL, and it has no STARTTLS (6.20)",
        marks_fetches=True,
    ),
    # large services and commercial products
    Writer("Exchange", _ALWAYS, "seen: all 9,844 lines within Microsoft, all 1,280 from Google"),
    Writer("Gmail", _ALWAYS, "seen: all lines from senders that always use TLS are marked"),
    Writer("Proofpoint", _ALWAYS, "seen: sendmail's comment on lines of known TLS senders"),
    Writer("MailChannels", _ALWAYS, "seen: 14 of 15 lines carry the comment, the other is private"),
    Writer("Momentum", _ALWAYS, "seen: ESMTPS with a cipher comment", aliases=("ecelerity",)),
    Writer("Halon", _ALWAYS, "seen: ESMTPS on lines of known TLS senders"),
    Writer("MDaemon", _ALWAYS, "seen: a cipher comment up to 10, S since"),
    Writer("CommuniGate Pro", _ALWAYS, "seen: ESMTPS, up to 4 ESMTP-TLS", aliases=("CommuniGate",)),
    Writer("Microsoft SMTPSVC", _LIKELY, "seen: `over TLS secured channel` on 16 of 68 lines"),
    Writer("Kerio Connect", _LIKELY, "seen: S and a comment", aliases=("Kerio MailServer",)),
    Writer("IceWarp", _LIKELY, "seen: `ESMTP (SSL)`", aliases=("Merak", "VisNetic MailServer")),
    Writer("Nemesis", _LIKELY, "seen: ESMTPS at 1&1, GMX, web.de"),
    Writer("RZmta", _LIKELY, "seen: ESMTPS and a comment at Strato"),
    Writer("Yandex", _LIKELY, "seen: ESMTPS", aliases=("nwsmtp/yandex", "smtp/yandex")),
    Writer("eXpurgate", _LIKELY, "seen: ESMTPS"),
    Writer("SmarterMail", _LIKELY, "seen: `version=TLS\\Tls12`, type SMTP"),
    Writer("Symantec Messaging Gateway", _LIKELY, "seen: `using TLS with cipher`, type SMTP"),
    Writer("Apple Secure Mail Relay", _LIKELY, "seen: as Symantec Messaging Gateway"),
    Writer("IronPort", _LIKELY, "seen: `ESMTP/TLS/` and the cipher"),
    Writer("MessageLabs", _LIKELY, "seen: the cipher and `encrypted SMTP`"),
    Writer(
        "Oracle Messaging Server",
        _LIKELY,
        "manual: ESMTPS and ESMTPSA for TLS",
        since=(7,),
        aliases=("Oracle Communications Messaging Server",),
    ),
    Writer(
        "Oracle Messaging Server",
        _NEVER,
        "seen: no S on lines of the versions by Sun",
        aliases=("Sun Java System Messaging Server", "iPlanet Messaging Server"),
    ),
    Writer("PMDF", _LIKELY, "manual: ESMTPS and ESMTPSA for TLS"),
    Writer("Sun Internet Mail Server", _NEVER, "seen: no line with TLS"),
    # never marks, as far as anyone saw
    Writer("SendGrid", _NEVER, "seen: ESMTP and HTTP on 99 of 99 lines, TLS or not"),
    Writer("qmail", _NEVER, "code: always SMTP", aliases=("qmail-ldap", "notqmail", "netqmail")),
    Writer("PowerMTA", _NEVER, "seen: no protocol on some 300 lines", aliases=("PowerMTA(TM)",)),
    Writer("Twisted", _NEVER, "recorded: esmtp on 13 of 13 TLS sessions"),
    Writer("fetchmail", _NEVER, "code; recorded: 12 of 12 TLS sessions unmarked"),
    Writer("mpop", _NEVER, "recorded: 2 of 2 TLS sessions unmarked"),
    Writer("msmtpd", _NEVER, "code: no TLS, and always ESMTP"),
    Writer("Postal", _NEVER, "code: SMTP whatever the session"),
    Writer("MailHog", _NEVER, "code: no word of TLS"),
    Writer("Mailpit", _NEVER, "code: no word of TLS"),
    Writer("GreenMail", _NEVER, "code: no word of TLS"),
    Writer("vSMTP", _NEVER, "code: no word of TLS"),
    Writer("SubEthaSMTP", _NEVER, "no TLS session of it seen"),
    Writer(
        "Oath Hermes SMTP Server",
        _NEVER,
        "seen: ESMTPA on a service that only speaks TLS; its owner's name changed with the years",
        aliases=(
            "Verizon Media Hermes SMTP Server",
            "VZM Hermes SMTP Server",
            "Yahoo Hermes SMTP Server",
            "Yahoo Inc. Hermes SMTP Server",
        ),
    ),
    Writer("MEProxy", _NEVER, "seen: Fastmail's proxy, where TLS ends"),
    Writer("mailgateway", _NEVER, "seen: SMTP between hosts inside iCloud, without an address"),
    Writer("Coremail", _NEVER, "seen: SMTP even from services on the TLS port"),
    Writer("NewEsmtp", _NEVER, "seen: SMTP at QQ", aliases=("ESMTP", "NewMx")),
    Writer("EZweb Mail", _NEVER, "seen: no line with TLS", aliases=("RS ver",)),
    Writer("HCL Domino", _NEVER, "seen: ESMTP up to 14"),
    Writer("IBM Domino", _NEVER, "seen: ESMTP, as before and after"),
    Writer("Lotus Domino", _NEVER, "seen: ESMTP from 4.6 on"),
    Writer("InterMail", _NEVER, "seen: no line with TLS"),
    Writer("Mercury", _NEVER, "seen: no line with TLS"),
    Writer("LSMTP", _NEVER, "seen: no line with TLS"),
    Writer("LISTSERV", _NEVER, "seen: no line with TLS", aliases=("LISTSERV-TCP/IP",)),
    Writer("GroupWise", _NEVER, "seen: no line with TLS"),
    Writer("Scalix SMTP Relay", _NEVER, "seen: no line with TLS"),
    Writer("OpenMail", _NEVER, "seen: no line with TLS"),
    Writer(
        "Content Technologies SMTPRS",
        _NEVER,
        "seen: no line with TLS",
        aliases=("Clearswift SMTPRS",),
    ),
    Writer("SMTPD32", _NEVER, "seen: no line with TLS", aliases=("IMail", "SMTPD")),
    Writer("mxl_mta", _NEVER, "seen: no line with TLS"),
    Writer("Internet Mail Service", _NEVER, "seen: Exchange before TLS"),
    Writer(
        "Microsoft Exchange Internet Mail Service",
        _NEVER,
        "seen: Exchange before TLS",
        aliases=("Microsoft Exchange Internet Mail Connector", "IMC"),
    ),
    Writer("Axigen", _NEVER, "no TLS session of it seen"),
    Writer("MailEnable", _NEVER, "no TLS session of it seen"),
    Writer("MOS", _NEVER, "seen: no line with TLS", aliases=("Mirapoint",)),
    Writer(
        "Tumbleweed MMS",
        _NEVER,
        "seen: no line with TLS",
        aliases=("WorldSecure Server",),
    ),
    Writer(
        "Netscape Messaging Server",
        _NEVER,
        "from memory: STARTTLS since 4, the last of all, which is of 2001: three years older than"
        " S (RFC 3848)",
        since=(4,),
    ),
    Writer("Post.Office", _NEVER, "seen: no line with TLS"),
    Writer("InterScan", _NEVER, "seen: no line with TLS"),
    Writer("XMail", _NEVER, "no TLS session of it seen"),
    Writer("SecurityGateway", _NEVER, "no TLS session of it seen"),
    Writer("EaaS", _NEVER, "seen: no line with TLS"),
)

HOST_WRITERS: Final = (
    HostWriter(
        "",
        "messagingengine.com",
        Writer("Fastmail's submission", _NEVER, "seen: ESMTPA though clients must use TLS"),
        frozenset({"ESMTPA"}),
    ),
    HostWriter(
        "inbound-smtp.",
        "amazonaws.com",
        Writer("Amazon SES", _NEVER, "seen: SMTP even from its own senders, which use TLS"),
    ),
    HostWriter(
        "email-smtp.",
        "amazonaws.com",
        Writer("Amazon SES", _NEVER, "from memory: its SMTP interface takes no mail without TLS"),
    ),
    HostWriter("", "naver.com", Writer("Naver", _NEVER, "seen: no line with TLS")),
    HostWriter("", "sina.com", Writer("Sina", _NEVER, "seen: no line with TLS")),
    HostWriter("", "qq.com", Writer("QQ", _NEVER, "seen: no line with TLS")),
    HostWriter("", "mail.ru", Writer("Mail.ru", _NEVER, "seen: esmtpa on services with TLS")),
    HostWriter("", "yahoo.co.jp", Writer("Yahoo Japan", _NEVER, "seen: no line with TLS")),
    HostWriter("", "biglobe.ne.jp", Writer("Biglobe", _NEVER, "seen: no line with TLS")),
    # an event mailer, which puts its own name where the host would stand
    HostWriter(
        "", "caffeine/http-relay", Writer("Caffeine", _NEVER, "seen: SMTP for mail by HTTP")
    ),
    HostWriter("", "vger.kernel.org", Writer("ZMailer", _NEVER, "seen: no line with TLS")),
)


QMAIL_FORM: Final = Writer(
    "qmail", _NEVER, "code: always SMTP, without id, recipient, product, and in UTC"
)
YAHOO_FORM: Final = Writer(
    "Yahoo's submission", _NEVER, "no TLS session of it seen; SMTP, and (USER@IP with MECHANISM)"
)
MAILFRONT_FORM: Final = Writer(
    "mailfront", _NEVER, "code: no word of TLS; recorded: 2.12, `with ESMTP via TCP`"
)
ZIMBRA_FORM: Final = Writer("Zimbra", _NEVER, "code: always LMTP, without id and product")


def _index_writers() -> dict[str, tuple[Writer, ...]]:
    index: dict[str, tuple[Writer, ...]] = {}
    for row in WRITERS:
        for name in (row.name, *row.aliases):
            index[name.lower()] = (*index.get(name.lower(), ()), row)
    return index


_INDEX: Final = _index_writers()


def find_writer(hop: Hop, ground: Ground | None = None) -> Writer | None:
    """Find the row for the server that wrote *hop*; what the caller declared comes first.

    >>> from headertls.models import Server
    >>> find_writer(Hop(raw="", server=Server(software="sendmail 8.14.7"))).marking
    <Marking.ALWAYS: 'always'>
    >>> find_writer(Hop(raw="", server=Server(software="Mailchimp"))) is None
    True
    """
    server = hop.server
    if server is None:
        return None
    if ground is not None and (declared := ground.find_marking(hop)):
        return _declare(*declared)
    row = _find_host_writer(server.name) if server.name else None
    if row and (row.protocols is None or hop.protocol in row.protocols):
        return row.writer
    if server.software is None:
        return _find_by_form(hop)
    rows = _find_rows(server.software)
    if hop.timestamp is None:
        return rows[0] if rows else None
    year = hop.timestamp.year
    return next((row for row in rows if year >= row.year), None)


@lru_cache(_CACHE_SIZE)
def _declare(name: str, marking: Marking) -> Writer:
    return Writer(name, marking, "declared by the caller")


def _find_by_form(hop: Hop) -> Writer | None:
    """Four products without a marker, told by what they leave out."""
    if hop.id is not None:
        return None
    if hop.protocol == "LMTP":
        return ZIMBRA_FORM
    if hop.protocol == "SMTP" and hop.auth and hop.auth.method:
        return YAHOO_FORM
    return _find_utc_form(hop)


def _find_utc_form(hop: Hop) -> Writer | None:
    is_mailfront = hop.via in _MAILFRONT_LINKS
    if not is_mailfront and hop.protocol not in _QMAIL_PROTOCOLS:
        return None
    if hop.recipients or hop.timestamp is None or hop.timestamp.utcoffset():
        return None
    if is_mailfront:
        return MAILFRONT_FORM
    return QMAIL_FORM if _has_qmail_names(hop) else None


def _has_qmail_names(hop: Hop) -> bool:
    """The HELO stands beside the reverse name only where they differ; `by` is a host's name."""
    client, server = hop.client, hop.server
    if client is None or server is None or server.name is None:
        return False
    is_repeated = client.helo is not None and client.helo == client.rdns
    return not is_repeated and not server.name.replace(".", "").isdecimal()


@lru_cache(_CACHE_SIZE)
def _find_host_writer(host: str) -> HostWriter | None:
    name = host.removesuffix(".").lower()
    for row in HOST_WRITERS:
        if f".{name}".endswith(f".{row.domain}") and name.startswith(row.prefix):
            return row
    return None


@lru_cache(_CACHE_SIZE)
def _find_rows(software: str) -> tuple[Writer, ...]:
    """The rows for the version of *software*: more than one only where the year decides."""
    product = read_product(software)
    names = iter_leading_names(product.name)
    rows = next((_INDEX[name] for name in names if name in _INDEX), ())
    if product.version is None:
        return tuple(row for row in rows if row.versionless) or _first_or_dated(rows)
    version = product.version
    return _first_or_dated(tuple(row for row in rows if version >= row.since))


def _first_or_dated(rows: tuple[Writer, ...]) -> tuple[Writer, ...]:
    return rows if any(row.year for row in rows) else rows[:1]
