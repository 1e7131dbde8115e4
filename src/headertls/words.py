"""The words behind `with`: the one table of what each of them stands for.

The parser reads by it, and the classifier judges by it.
"""

from enum import StrEnum, auto
from typing import Final, NamedTuple

from headertls.models import EvidenceLevel


class Family(StrEnum):
    """What the word behind `with` or the product stands for."""

    SMTP = auto()
    """SMTP in any form, and every word that no table names."""
    SMTPSVC = auto()
    """SMTP by IIS, which picks mail up from a folder, too."""
    LMTP = auto()
    LOCAL = auto()
    STORE = auto()
    HTTP = auto()
    RETRIEVAL = auto()
    FILTER = auto()
    LIST = auto()
    OTHER = auto()


class WithWord(NamedTuple):
    """A row of the table."""

    name: str
    """Registered types and their relatives in upper case, house words as their writers have it."""
    family: Family = Family.SMTP
    registered: bool = False
    """Whether the IANA registry "WITH Protocol Types" has the word."""
    tls: EvidenceLevel | None = None
    authenticated: bool = False
    house: bool = False
    """A word of one product, which is shown as written whatever its case."""


def _registered(
    name: str, family: Family, *, tls: EvidenceLevel | None = None, auth: bool = False
) -> WithWord:
    return WithWord(name, family, registered=True, tls=tls, authenticated=auth)


def _house(family: Family, *names: str) -> tuple[WithWord, ...]:
    return tuple(WithWord(name, family, house=True) for name in names)


_S: Final = Family.SMTP
_L: Final = Family.LMTP
_K: Final = EvidenceLevel.KEYWORD
_I: Final = EvidenceLevel.INFORMAL

WORDS: Final = (
    # RFC 5321, RFC 3848
    _registered("SMTP", _S),
    _registered("ESMTP", _S),
    _registered("ESMTPA", _S, auth=True),
    _registered("ESMTPS", _S, tls=_K),
    _registered("ESMTPSA", _S, tls=_K, auth=True),
    _registered("LMTP", _L),
    _registered("LMTPA", _L, auth=True),
    _registered("LMTPS", _L, tls=_K),
    _registered("LMTPSA", _L, tls=_K, auth=True),
    # RFC 6531; the missing E is no slip, UTF8SMTP is ESMTP
    _registered("UTF8SMTP", _S),
    _registered("UTF8SMTPA", _S, auth=True),
    _registered("UTF8SMTPS", _S, tls=_K),
    _registered("UTF8SMTPSA", _S, tls=_K, auth=True),
    _registered("UTF8LMTP", _L),
    _registered("UTF8LMTPA", _L, auth=True),
    _registered("UTF8LMTPS", _L, tls=_K),
    _registered("UTF8LMTPSA", _L, tls=_K, auth=True),
    # RFC 4356
    _registered("MMS", Family.OTHER),
    # HELO inside TLS, with and without AUTH: Gmail, Exim, Haraka, Dovecot; no RFC has these
    WithWord("SMTPS", tls=_I),
    WithWord("SMTPSA", tls=_I, authenticated=True),
    WithWord("SMTPA", authenticated=True),
    # Exim <= 4.41, IceWarp; a favourite of forgers
    WithWord("ASMTP", authenticated=True),
    # Exim >= 4.99 with +tls_on_connect: implicit TLS
    WithWord("SSMTP", tls=_I),
    WithWord("ESSMTP", tls=_I),
    WithWord("ESSMTPA", tls=_I, authenticated=True),
    # Exim, indimail, maddy
    WithWord("UTF8ESMTP"),
    WithWord("UTF8ESMTPA", authenticated=True),
    WithWord("UTF8ESMTPS", tls=_I),
    WithWord("UTF8ESMTPSA", tls=_I, authenticated=True),
    WithWord("UTF8SSMTP", tls=_I),
    WithWord("UTF8ESSMTP", tls=_I),
    WithWord("UTF8ESSMTPA", tls=_I, authenticated=True),
    # nodemailer's smtp-server in LMTP mode
    WithWord("ELMTP", _L),
    WithWord("ELMTPA", _L, authenticated=True),
    WithWord("ELMTPS", _L, tls=_I),
    WithWord("ELMTPSA", _L, tls=_I, authenticated=True),
    # CommuniGate Pro <= 4
    WithWord("ESMTP-TLS", tls=_I),
    WithWord("SMTP-TLS", tls=_I),
    # Exchange; IIS, Exchange 2000 and 2003, Hotmail
    *_house(_S, "Microsoft SMTP Server"),
    *_house(Family.SMTPSVC, "Microsoft SMTPSVC"),
    # browsers and programming interfaces: webmail, Gmail, SparkPost, Hotmail's WebDAV
    WithWord("HTTP", Family.HTTP),
    WithWord("HTTPS", Family.HTTP, tls=_K),
    *_house(Family.HTTP, "HTTPREST", "HTTPU", "REST", "DAV"),
    # Exchange 2003, of Entourage
    *_house(Family.HTTP, "Microsoft Exchange Server HTTP-DAV"),
    # fetchmail, getmail6, fdm, MDaemon, Gmail's fetcher
    WithWord("IMAP", Family.RETRIEVAL),
    WithWord("IMAP4", Family.RETRIEVAL),
    WithWord("IMAPS", Family.RETRIEVAL, tls=_I),
    WithWord("IMAP4-SSL", Family.RETRIEVAL, tls=_I),
    WithWord("POP2", Family.RETRIEVAL),
    WithWord("POP3", Family.RETRIEVAL),
    WithWord("POP3S", Family.RETRIEVAL, tls=_I),
    WithWord("POP3-SSL", Family.RETRIEVAL, tls=_I),
    WithWord("ETRN", Family.RETRIEVAL),
    WithWord("ODMR", Family.RETRIEVAL),
    *_house(Family.RETRIEVAL, "DomainPOP", "SDPS"),
    # Exim, Courier, mail.ru; bounces of sendmail and Mirapoint
    *_house(Family.LOCAL, "local", "internal", "dsn"),
    # Exchange: from the mailbox store into transport, and once more
    *_house(Family.STORE, "mapi", "MailboxResubmission"),
    # put there by Exim's -oMr, and by filters, when the mail is handed back
    *_house(Family.FILTER, "spam-scanned", "scanned-ok", "SpamAssassin", "Active!Hunter"),
    # qmail, Yahoo, UUCP, batch files, news
    WithWord("QMQP", Family.OTHER),
    WithWord("QMTP", Family.OTHER),
    WithWord("NNFMP", Family.OTHER),
    WithWord("UUCP", Family.OTHER),
    WithWord("BSMTP", Family.OTHER),
    WithWord("NNTP", Family.OTHER),
    # FutureQuest, BITNET, X.400, LISTSERV, FidoNet (ifmail), JANET
    *_house(Family.OTHER, "FQDP", "NJE", "X.400", "X400", "spool", "FTN", "NIFTP"),
    # house protocols of CommuniGate, SparkPost, XMail, GroupWise
    *_house(Family.OTHER, "PIPE", "ECSTREAM", "XMAIL", "Novell_GroupWise"),
)
