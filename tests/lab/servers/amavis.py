"""amavis, which takes mail from a server, and hands it back."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import DOMAIN, HOST
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import SINK_PORT
from lab.truth import Fact, Truth

RELAYING: Final = f"""\
use strict;
$myhostname = '{HOST}';
$mydomain = '{DOMAIN}';
@bypass_virus_checks_maps = (1);
@bypass_spam_checks_maps = (1);
$final_bad_header_destiny = D_PASS;
$enable_db = 0;
$max_servers = 2;
$undecipherable_subject_tag = undef;
@local_domains_maps = ( ["."] );
"""
"""It takes everything, and changes nothing; ports and ways onward are to follow, and `1;`."""

_CONF: Final = f"""\
{RELAYING}
$inet_socket_port = [10024];
$inet_socket_bind = ['127.0.0.1', '[::1]'];
@inet_acl = qw( 0.0.0.0/0 ::/0 );
$tls_security_level_in = 'may';
%smtpd_tls_server_options = (
  SSL_verifycn_scheme => 'smtp', SSL_session_cache => 2,
  SSL_cert_file => '/etc/lab/server.crt', SSL_key_file => '/etc/lab/server.key',
  SSL_version => 'SSLv23', SSL_cipher_list => 'ALL:COMPLEMENTOFALL:@SECLEVEL=0',
);
$smtpd_tls_cert_file = '/etc/lab/server.crt';
$smtpd_tls_key_file = '/etc/lab/server.key';
$forward_method = 'smtp:[127.0.0.1]:{SINK_PORT}';
$notify_method = $forward_method;
1;
"""


class Amavis(Server):
    """Debian's amavis, asked by clients of all addresses."""

    product: ClassVar = "amavisd-new"
    package: ClassVar = "amavisd-new"
    packages: ClassVar = ("amavisd-new",)
    marks: ClassVar = "always"
    configuration: ClassVar = "$tls_security_level_in = 'may'\n"
    listeners: ClassVar = (
        Listener("smtp", 10024, "starttls"),
        Listener("lmtp", 10024, "starttls", is_lmtp=True, is_tried_in_full=False),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Write its configuration."""
        room.copy_certificates(certificates)
        room.run("chown", "-R", "amavis", "/etc/lab")
        room.write("/etc/amavis/conf.d/50-user", _CONF)

    def start(self, room: Room) -> None:
        """Start it in the foreground."""
        room.run("install", "-d", "-o", "amavis", "-g", "amavis", "/run/amavis")
        room.spawn("amavisd", "foreground")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by the S, and the suite in a comment."""
        del listener
        yield from (Fact.TLS, Fact.ADDRESS, Fact.HELO, Fact.RECIPIENT, Fact.TIME)
        if truth.tls:
            yield Fact.SUITE

    def show(self, fact: Fact, text: str) -> str:
        """Leave bare returns out."""
        return text.replace("\r", "") if fact is Fact.HELO else text
