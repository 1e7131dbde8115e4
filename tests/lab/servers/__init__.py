"""The servers that the lab knows."""

from typing import Final

from lab.servers.amavis import Amavis
from lab.servers.base import Server
from lab.servers.chain import Chain
from lab.servers.chasquid import Chasquid
from lab.servers.courier import Courier
from lab.servers.cyrus import Cyrus
from lab.servers.dovecot import DovecotLmtp, DovecotSubmission
from lab.servers.exim import Exim
from lab.servers.fetchers import Fdm, Fetchmail, Getmail, Mpop
from lab.servers.fronted import FrontedExim, FrontedHaraka, FrontedPostfix
from lab.servers.haraka import Haraka
from lab.servers.injectors import Dma, Nullmailer, Ssmtp
from lab.servers.mailfront import Mailfront
from lab.servers.msmtpd import Msmtpd
from lab.servers.opensmtpd import OpenSmtpd
from lab.servers.postfix import HidingPostfix, Postfix
from lab.servers.pypi import Slimta
from lab.servers.qpsmtpd import Qpsmtpd
from lab.servers.sendmail import Sendmail
from lab.servers.small import DirectMail, SimpleSmtp
from lab.servers.tcllib import Tcllib
from lab.servers.twisted import Twisted
from lab.servers.ways import (
    WaysCourier,
    WaysExim,
    WaysOpenSmtpd,
    WaysPostfix,
    WaysSendmail,
    WaysSendmailDefault,
)
from lab.servers.zonemta import ZoneMta

SERVERS: Final[dict[str, type[Server]]] = {
    "amavis": Amavis,
    "chain": Chain,
    "chasquid": Chasquid,
    "courier": Courier,
    "cyrus": Cyrus,
    "dovecot-lmtp": DovecotLmtp,
    "dovecot-submission": DovecotSubmission,
    "directmail": DirectMail,
    "dma": Dma,
    "exim": Exim,
    "fdm": Fdm,
    "fetchmail": Fetchmail,
    "fronted-exim": FrontedExim,
    "fronted-haraka": FrontedHaraka,
    "fronted-postfix": FrontedPostfix,
    "getmail": Getmail,
    "haraka": Haraka,
    "hiding-postfix": HidingPostfix,
    "mailfront": Mailfront,
    "mpop": Mpop,
    "msmtpd": Msmtpd,
    "nullmailer": Nullmailer,
    "opensmtpd": OpenSmtpd,
    "postfix": Postfix,
    "qpsmtpd": Qpsmtpd,
    "sendmail": Sendmail,
    "simplesmtp": SimpleSmtp,
    "slimta": Slimta,
    "ssmtp": Ssmtp,
    "tcllib": Tcllib,
    "twisted": Twisted,
    "ways-courier": WaysCourier,
    "ways-exim": WaysExim,
    "ways-opensmtpd": WaysOpenSmtpd,
    "ways-postfix": WaysPostfix,
    "ways-sendmail": WaysSendmailDefault,
    "ways-sendmail-own": WaysSendmail,
    "zonemta": ZoneMta,
}
"""By the name of the file under `recorded/`."""
