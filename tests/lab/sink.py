"""What the servers talk to: the last stop of their mail, and the hosts of their clients."""

from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Final, Self

SINK_PORT: Final = 2600
IDENT_PORT: Final = 113


class Sink(ThreadingTCPServer):
    """An SMTP server that keeps messages in memory."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", SINK_PORT), _Handler)
        self.messages: list[bytes] = []

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        """Say yes to everything."""
        self._say("220 sink.lab.example ESMTP")
        for line in self.rfile:
            words = line.upper().split() or [b""]
            if words[0] == b"DATA":
                self._say("354 go on")
                self.server.messages.append(self._read_message())
                self._say("250 kept")
            elif words[0] == b"EHLO":
                self._say("250-sink.lab.example\r\n250-8BITMIME\r\n250 SMTPUTF8")
            elif words[0] == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 yes")

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())

    def _read_message(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(line.removeprefix(b".") for line in lines)


class Ident(ThreadingTCPServer):
    """The clients' hosts, as a server hears them that asks whose connection it is (RFC 1413)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("0.0.0.0", IDENT_PORT), _IdentHandler)  # noqa: S104  # the lab's own net
        self.answer: str | None = None

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _IdentHandler(StreamRequestHandler):
    server: Ident

    def handle(self) -> None:
        """Name the user of the session that is held just now."""
        ports = self.rfile.readline().strip().decode("ascii", "replace")
        answer = self.server.answer
        said = "ERROR : NO-USER" if answer is None else f"USERID : UNIX : {answer}"
        self.wfile.write(f"{ports} : {said}\r\n".encode())
