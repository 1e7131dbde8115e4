"""What the words of a line stand for: protocols, links, products, and a few comments."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.classifier.products import iter_leading_names, read_product
from headertls.words import WORDS, Family

_CACHE_SIZE: Final = 4096


FAMILY_PREFIXES: Final[tuple[tuple[Family, str], ...]] = (
    # Exim: SMTP over a pipe from a local program
    (Family.LOCAL, "local-"),
    # T-Online: HTTP/1.1
    (Family.HTTP, "http/"),
    # sendmail's neighbours at UUNET: UUCP/RMAIL
    (Family.OTHER, "uucp/"),
    (Family.FILTER, "qmail-scanner"),
    # xen.org: Exim between two passes of its list manager
    (Family.LIST, "outflank-mailman"),
)
"""How other words behind `with` begin."""

FAMILY_PRODUCTS: Final[tuple[tuple[Family, tuple[str, ...]], ...]] = (
    # content filters, which hand the mail back to their own server
    # (amavisd-new is known by its name's place in those that houses made of it)
    (Family.FILTER, ("amavis", "spamassassin", "spamd", "rspamd", "mailscanner", "simscan")),
    (Family.FILTER, ("qmail-scanner", "clamsmtp", "proxsmtp", "spampd", "expurgate mta")),
    (Family.RETRIEVAL, ("fetchmail", "getmail6", "getmail", "mpop", "fdm")),
    (Family.HTTP, ("squirrelmail", "roundcube", "webmailui")),
    (Family.HTTP, ("imp", "horde", "mshttpd", "open webmail", "neomail", "uebimiau")),
    (Family.LIST, ("listserv", "listserv-tcp/ip")),
    # no server of any kind, it only takes mail from the command line
    (Family.LOCAL, ("dragonfly mail agent", "dma")),
)
"""Products, in lower case."""

FAMILY_LINKS: Final[tuple[tuple[Family, tuple[str, ...]], ...]] = (
    # Yahoo: from [IP] by web29.example via HTTP
    (Family.HTTP, ("http", "https")),
    (Family.RETRIEVAL, ("pop3", "imap", "imap4")),
    # RFC 1700
    (Family.OTHER, ("uucp",)),
)
"""Words behind `via`, in lower case, that count where `with` and the product say nothing."""

STRONG_LINKS: Final[tuple[tuple[Family, tuple[str, ...]], ...]] = (
    # Exchange's last step
    (Family.STORE, ("mailbox transport",)),
    # aliases of majordomo's day: by HOST via listexpand id ID
    (Family.LIST, ("listexpand",)),
)
"""Words behind `via`, in lower case, that count whatever else there is."""

_BY_STRONG_LINK: Final = {word: family for family, words in STRONG_LINKS for word in words}
_BY_LINK: Final = {word: family for family, words in FAMILY_LINKS for word in words}
# SMTP is said by filters and fetchers, too: there the product tells more.
_BY_WORD: Final = {
    word.name.lower(): word.family for word in WORDS if word.family is not Family.SMTP
}
_BY_PRODUCT: Final = {name: family for family, names in FAMILY_PRODUCTS for name in names}

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


class Words(NamedTuple):
    """What the words of a line say, taken together."""

    family: Family
    local_comment: bool
    """A comment speaks of a local user or socket."""
    house_word: bool
    """The word is one that a program gave to Exim, which has none like it for its own sessions."""


@lru_cache(_CACHE_SIZE)
def find_words(
    protocol: str | None, via: str | None, software: str | None, comments: tuple[str, ...]
) -> Words:
    """Tell what the words of a line stand for.

    >>> find_words("ESMTP", None, "amavisd-new", ()).family
    <Family.FILTER: 'filter'>
    """
    family = _find_family((protocol or "").lower(), (via or "").lower(), software)
    # Such a comment may be the client's own text, so it is no match for a word behind `with`.
    if protocol is None and any(map(_WEB_COMMENT.fullmatch, comments)):
        family = Family.HTTP
    is_local = any(map(_LOCAL_COMMENT.search, comments))
    return Words(family, is_local, family is Family.SMTP and _is_house_word(protocol, software))


def _is_house_word(protocol: str | None, software: str | None) -> bool:
    """Tell of `sa-scanned` and the like: `-oMr` lets programs say how they came by a message."""
    if protocol is None or software is None or not software.startswith("Exim"):
        return False
    return not is_known_word(protocol)


def _find_family(word: str, link: str, software: str | None) -> Family:
    if found := _BY_STRONG_LINK.get(link) or _BY_WORD.get(word):
        return found
    for family, prefix in FAMILY_PREFIXES:
        if word.startswith(prefix):
            return family
    if software and (found := _find_product_family(read_product(software).name)):
        return found
    return _BY_LINK.get(link, Family.SMTP)


def _find_product_family(name: str) -> Family | None:
    for leading in iter_leading_names(name):
        if found := _BY_PRODUCT.get(leading.rstrip(",")):
            return found
    # Houses put their own name to amavis: (UOL-patch-amavisd-new, port 10024), (mailscanner, port
    # 10024), of which the number passes for a version
    return Family.FILTER if "amavisd-new" in name or name.endswith(", port") else None


def is_known_word(protocol: str) -> bool:
    """Tell whether a row speaks of the words behind `with`.

    >>> [is_known_word(word) for word in ("ESMTPS", "HTTP/1.1", "ESMTP AUTH", "bizsmtp")]
    [True, True, True, False]
    """
    word = protocol.lower()
    if word in _NAMES or any(word.startswith(prefix) for _, prefix in FAMILY_PREFIXES):
        return True
    # of MailEnable, and of Japanese providers
    return word.removeprefix("mailenable ").removesuffix(" auth") in _NAMES


_NAMES: Final = frozenset(word.name.lower() for word in WORDS)


def is_known_product(name: str) -> bool:
    """Tell whether a row tells what the product *name*, in lower case, is for."""
    return name in _BY_PRODUCT


def is_known_comment(text: str) -> bool:
    """Tell whether a comment's text bears on the event.

    >>> is_known_comment("[unix socket]"), is_known_comment("PRIORITY 3")
    (True, False)
    """
    return bool(_WEB_COMMENT.fullmatch(text) or _LOCAL_COMMENT.search(text))
