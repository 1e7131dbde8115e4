"""Take mail over SMTP, judge how it came in, and store it in a folder with the result on top.

    python examples/smtp_server.py mail --certificate server.pem
    python examples/smtp_server.py mail --certificate server.pem --refuse-at high

It needs the extra `smtpd`. STARTTLS is offered where there is a certificate (a PEM file, with its
key), and with `--implicit-tls` a session begins with TLS at once. With `--proxy` a proxy before the
server tells who the client is (PROXY protocol). Each message becomes a file, in the way of a
Maildir. Ctrl-C ends the server.
"""

import argparse
import os
import ssl
import time
from itertools import count
from pathlib import Path
from typing import Final

from aiosmtpd.controller import Controller
from aiosmtpd.proxy_protocol import ProxyData
from aiosmtpd.smtp import SMTP, Envelope, Session

from headertls import Severity, Site
from headertls.authresults import Marker
from headertls.integrations.smtpd import JudgingHandler

NAME: Final = "mx.site.example"
PATIENCE: Final = 5.0
SITE: Final = Site(hosts=(NAME,), authserv_ids=(NAME,))


class Store:
    """Writes each message into a file, and tells the client that it did only when it did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count()
        for name in ("tmp", "new"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    async def handle_PROXY(self, _: SMTP, __: Session, ___: Envelope, told: ProxyData) -> bool:  # noqa: N802
        """Believe the proxy: with `--proxy` none but it can reach the port."""
        return told.valid

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store a message that has its result already."""
        try:
            name = self.write(bytes(envelope.content or b""))
        except OSError as error:
            # 4xx: the client keeps the message and comes again
            return f"451 4.3.0 Cannot store the message: {error.strerror}"
        print(f"{name}: from {session.host_name}, for {len(envelope.rcpt_tos)}", flush=True)
        return f"250 2.0.0 Stored as {name}"

    def write(self, message: bytes) -> str:
        """Write *message* to the disk, and give it its name once it is there."""
        name = f"{time.time_ns()}.{os.getpid()}_{next(self.numbers)}.{NAME}"
        path = self.folder / "tmp" / name
        with path.open("xb") as file:
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
        path.rename(self.folder / "new" / name)
        return name


def make_controller(arguments: argparse.Namespace) -> Controller:
    """Make the server; `start` and `stop` are its methods."""
    marker = Marker(NAME, SITE, is_border=True)
    handler = JudgingHandler(Store(arguments.folder), marker, arguments.refuse_at)
    context = None
    if arguments.certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(arguments.certificate)
    return Controller(
        handler,
        hostname=arguments.host,
        port=arguments.port,
        server_hostname=NAME,
        proxy_protocol_timeout=PATIENCE if arguments.proxy else None,
        **{"ssl_context" if arguments.implicit_tls else "tls_context": context},
    )


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Take mail over SMTP, and judge how it came in.")
    parser.add_argument("folder", type=Path, help="where the messages are stored")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", default=8025, type=int, help="the port to listen on")
    parser.add_argument("--certificate", type=Path, help="a PEM file with certificate and key")
    parser.add_argument("--implicit-tls", action="store_true", help="begin with TLS at once")
    parser.add_argument("--proxy", action="store_true", help="a proxy is in front of the server")
    parser.add_argument(
        "--refuse-at", type=Severity, choices=list(Severity), help="refuse from this level on"
    )
    try:
        controller = make_controller(parser.parse_args())
        controller.start()
    # no certificate, no such address, or a port that is another's or none
    except (OSError, OverflowError) as error:
        parser.error(str(error))
    print(f"listening on {controller.hostname}, port {controller.port}; Ctrl-C ends", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        controller.stop()


if __name__ == "__main__":
    main()
