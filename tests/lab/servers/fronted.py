"""Servers behind a proxy: HAProxy ends TLS, and names the client's address by the PROXY protocol.

What they write is the same with TLS and without it, and looks like a session in the clear from a
public address: what the lines say is true of the server's own socket only.
"""

from pathlib import Path
from typing import ClassVar, Final

from lab.room import Room, wait_for_port
from lab.servers.base import Listener, Server
from lab.servers.exim import Exim
from lab.servers.haraka import Haraka
from lab.servers.postfix import Postfix

_BACKEND_PORT: Final = 2530
_CONFIGURATION: Final = f"""\
global
  ssl-default-bind-ciphers ALL:COMPLEMENTOFALL:@SECLEVEL=0
  ssl-default-bind-options ssl-min-ver TLSv1.0
defaults
  mode tcp
  timeout connect 20s
  timeout client 20s
  timeout server 20s
frontend plain
  bind 127.0.0.1:2540
  default_backend server
frontend encrypted
  bind 127.0.0.1:4660 ssl crt /etc/lab/server.pem
  default_backend server
backend server
  server one 127.0.0.1:{_BACKEND_PORT} send-proxy
"""


class Fronted(Server):
    """The part that is the same for all."""

    packages: ClassVar = ("haproxy",)
    listeners: ClassVar = (
        Listener("proxied", 2540, is_tried_in_full=False),
        Listener("fronted", 4660, "implicit", is_fronted=True, is_tried_in_full=False),
    )

    def install(self, room: Room) -> None:
        """Install the server, and HAProxy."""
        super().install(room)
        room.install(("haproxy",))

    def configure(self, room: Room, certificates: Path) -> None:
        """Configure the server, and HAProxy."""
        super().configure(room, certificates)
        room.write("/etc/haproxy/lab.cfg", _CONFIGURATION)

    def start(self, room: Room) -> None:
        """Start the server, then HAProxy."""
        super().start(room)
        wait_for_port(_BACKEND_PORT)
        room.spawn("haproxy", "-f", "/etc/haproxy/lab.cfg")


class FrontedPostfix(Fronted, Postfix):
    """Postfix behind HAProxy."""

    packages: ClassVar = Postfix.packages
    configuration: ClassVar = "smtpd_upstream_proxy_protocol=haproxy; HAProxy: send-proxy\n"


class FrontedExim(Fronted, Exim):
    """Exim behind HAProxy."""

    packages: ClassVar = Exim.packages
    daemons: ClassVar = {
        "behind": f"daemon_smtp_ports = {_BACKEND_PORT}\nhosts_proxy = 127.0.0.1\n"
    }
    configuration: ClassVar = "hosts_proxy = 127.0.0.1; HAProxy: send-proxy\n"


class FrontedHaraka(Fronted, Haraka):
    """Haraka behind HAProxy."""

    packages: ClassVar = Haraka.packages
    configuration: ClassVar = "haproxy: hosts[]=127.0.0.1; HAProxy: send-proxy\n"

    def configure(self, room: Room, certificates: Path) -> None:
        """Let it believe HAProxy."""
        super().configure(room, certificates)
        path = "/opt/lab/config/connection.ini"
        text = room.path(path).read_text(encoding="utf-8")
        room.write(path, text.replace("\nhosts[] =\n", "\nhosts[] = 127.0.0.1\n"))
        room.write("/opt/lab/config/smtp.ini", f"listen=127.0.0.1:{_BACKEND_PORT}\nnodes=0\n")
