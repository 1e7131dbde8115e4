"""The servers that the lab knows."""

from typing import Final

from lab.servers.base import Server
from lab.servers.chain import Chain
from lab.servers.chasquid import Chasquid
from lab.servers.courier import Courier
from lab.servers.cyrus import Cyrus
from lab.servers.dovecot import DovecotLmtp, DovecotSubmission
from lab.servers.exim import Exim
from lab.servers.fetchers import Fetchmail, Getmail
from lab.servers.haraka import Haraka
from lab.servers.opensmtpd import OpenSmtpd
from lab.servers.postfix import Postfix
from lab.servers.qpsmtpd import Qpsmtpd
from lab.servers.sendmail import Sendmail

SERVERS: Final[dict[str, type[Server]]] = {
    "chain": Chain,
    "chasquid": Chasquid,
    "courier": Courier,
    "cyrus": Cyrus,
    "dovecot-lmtp": DovecotLmtp,
    "dovecot-submission": DovecotSubmission,
    "exim": Exim,
    "fetchmail": Fetchmail,
    "getmail": Getmail,
    "haraka": Haraka,
    "opensmtpd": OpenSmtpd,
    "postfix": Postfix,
    "qpsmtpd": Qpsmtpd,
    "sendmail": Sendmail,
}
"""By the name of the file under `recorded/`."""
