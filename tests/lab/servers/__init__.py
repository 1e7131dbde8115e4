"""The servers that the lab knows."""

from typing import Final

from lab.servers.base import Server
from lab.servers.exim import Exim
from lab.servers.opensmtpd import OpenSmtpd
from lab.servers.postfix import Postfix
from lab.servers.sendmail import Sendmail

SERVERS: Final[dict[str, type[Server]]] = {
    "exim": Exim,
    "opensmtpd": OpenSmtpd,
    "postfix": Postfix,
    "sendmail": Sendmail,
}
"""By the name of the file under `recorded/`."""
