"""Dovecot, which takes mail by LMTP, and from users by its submission service."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import HOST, PASSWORD
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import SINK_PORT, Sink
from lab.truth import Fact, Truth

_HELO: Final = r"\w(?:[\w.-]*\w)?|\[[\w.:]+\]"
_is_helo: Final = re.compile(_HELO, re.ASCII).fullmatch
_is_helo_since_2_4: Final = re.compile(_HELO).fullmatch
_SUITES_WITH_2_3: Final = (None, "bullseye", "bookworm")

MAILBOX: Final = "/srv/mail/box"
CONF: Final = f"""\
hostname = {HOST}
protocols = lmtp submission imap pop3
log_path = /tmp/dovecot.log
ssl = yes
ssl_cert = </etc/lab/server.crt
ssl_key = </etc/lab/server.key
ssl_min_protocol = TLSv1
ssl_cipher_list = ALL:COMPLEMENTOFALL:@SECLEVEL=0
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{MAILBOX}
first_valid_uid = 1
mail_uid = 65534
mail_gid = 65534
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home=/srv/mail/%u
}}
recipient_delimiter =
submission_relay_host = 127.0.0.1
submission_relay_port = {SINK_PORT}
submission_relay_trusted = no
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1 ::1
    port = 2400
  }}
  unix_listener /run/dovecot-lmtp {{
    mode = 0666
  }}
}}
service submission-login {{
  inet_listener submission {{
    address = 127.0.0.1 ::1
    port = 5870
  }}
  inet_listener submissions {{
    address = 127.0.0.1 ::1
    port = 4650
    ssl = yes
  }}
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = 1430
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = 9930
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    address = 127.0.0.1
    port = 1100
  }}
  inet_listener pop3s {{
    address = 127.0.0.1
    port = 9950
    ssl = yes
  }}
}}
protocol lmtp {{
  auth_username_format = %Ln
}}
"""


# What is called otherwise from 2.4 on.
_RENAMED: Final = {
    "hostname =": "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\nhostname =",
    "ssl_cert = <": "ssl_server_cert_file = ",
    "ssl_key = <": "ssl_server_key_file = ",
    "disable_plaintext_auth = no": "auth_allow_cleartext = yes",
    "mail_location = maildir:": "mail_driver = maildir\nmail_path = ",
    "passdb {\n  driver = static\n  args = password=": "passdb static {\n  password = ",
    "userdb {\n  driver = static\n  args = uid=65534 gid=65534 home=/srv/mail/%u": (
        "userdb static {\n  fields {\n    uid = 65534\n    gid = 65534\n"
        "    home = /srv/mail/%{user}\n  }"
    ),
    "    address = ": "    listen = ",
    "%Ln": "%{user | username | lower}",
}


def write_conf(room: Room) -> str:
    """Give the configuration as the room's Dovecot wants it."""
    conf = CONF
    if ":2.3." not in room.package_version("dovecot-core"):
        for old, new in _RENAMED.items():
            conf = conf.replace(old, new)
    return conf


class DovecotLmtp(Server):
    """Debian's Dovecot, asked by LMTP."""

    product: ClassVar = "Dovecot"
    package: ClassVar = "dovecot-core"
    packages: ClassVar = ("dovecot-lmtpd", "dovecot-submissiond", "dovecot-imapd", "dovecot-pop3d")
    marks: ClassVar = None
    configuration: ClassVar = "protocols = lmtp; ssl = yes\n"
    listeners: ClassVar = (Listener("lmtp", 2400, "starttls", is_lmtp=True),)

    def configure(self, room: Room, certificates: Path) -> None:
        """Write its configuration; every user has the one mailbox."""
        room.copy_certificates(certificates)
        room.write("/etc/dovecot/dovecot.conf", write_conf(room))
        room.run("install", "-d", "-o", "nobody", "-g", "nogroup", "/srv/mail")

    def start(self, room: Room) -> None:
        """Start it in the foreground."""
        room.spawn("dovecot", "-F")

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read the one mailbox."""
        del sink
        return room.read_maildir(MAILBOX)

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by the S and a comment."""
        del listener
        yield from (Fact.TLS, Fact.ADDRESS, Fact.HELO, Fact.RECIPIENT, Fact.TIME)
        if truth.sender:
            yield Fact.SENDER
        if truth.tls:
            yield from (Fact.VERSION, Fact.SUITE, Fact.BITS)

    def show(self, fact: Fact, text: str) -> str:
        """End a HELO at its first blank, and say `unknown` in the place of one that is none."""
        if fact is not Fact.HELO:
            return text
        word = text.partition(" ")[0]
        is_helo = _is_helo if self.suite in _SUITES_WITH_2_3 else _is_helo_since_2_4
        return word if is_helo(word) else ""


class DovecotSubmission(DovecotLmtp):
    """Debian's Dovecot, asked by users; it sends their mail on."""

    configuration: ClassVar = "protocols = submission; ssl = yes\n"
    listeners: ClassVar = (
        Listener("submission", 5870, "starttls", has_auth=True, needs_auth=True),
        Listener("submissions", 4650, "implicit", has_auth=True, needs_auth=True),
    )

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read what was sent on."""
        del room
        return list(sink.messages)

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by the S alone: it ended in the process for the login."""
        del listener, truth
        return (
            Fact.TLS,
            Fact.ADDRESS,
            Fact.HELO,
            Fact.RECIPIENT,
            Fact.TIME,
            Fact.AUTH,
            Fact.SENDER,
        )
