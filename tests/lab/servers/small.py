"""Small servers and mailers from npm: libraries, each in a program of a few lines."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final

from lab.names import HOST, NAMED, RECIPIENT, SENDER
from lab.room import Room
from lab.servers.base import Held, Listener, Program
from lab.servers.npm import NpmServer
from lab.sink import SINK_PORT, Sink
from lab.truth import Fact, Truth

_is_literal: Final = re.compile(r"\[?\d+(?:\.\d+){3}\]?").fullmatch

_SIMPLESMTP: Final = """\
const fs = require("fs"), simplesmtp = require("/opt/simplesmtp/node_modules/simplesmtp");
let count = 0;
const options = { SMTPBanner: "mx.lab.example" };
const server = simplesmtp.createSimpleServer(options, (request) => {
  const path = `/srv/mail/new/${count++}`;
  const parts = [];
  request.on("data", (chunk) => parts.push(chunk));
  request.on("end", () => {
    fs.writeFileSync(path, Buffer.concat(parts));
    server.initialChunk = true;  // it writes a line for the first message of a process only
    request.accept();
  });
});
server.listen(2525, "0.0.0.0");
"""


class SimpleSmtp(NpmServer):
    """simplesmtp's simple server, whose own certificate Node.js no longer takes."""

    product: ClassVar = "simplesmtp"
    package: ClassVar = "simplesmtp"
    marks: ClassVar = "never"  # its line looks like qmail's
    has_tls: ClassVar = False
    configuration: ClassVar = "createSimpleServer\n"
    listeners: ClassVar = (Listener("smtp", 2525),)

    def configure(self, room: Room, certificates: Path) -> None:
        """Write the program."""
        del certificates
        room.write("/srv/server.js", _SIMPLESMTP)
        room.path("/srv/mail/new").mkdir(parents=True)

    def start(self, room: Room) -> None:
        """Start the program."""
        room.spawn("node", "/srv/server.js")

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read what it kept."""
        del sink
        return room.read_maildir("/srv/mail")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell the client, and no word of TLS."""
        del listener, truth
        return (Fact.ADDRESS, Fact.HELO, Fact.TIME)

    def show(self, fact: Fact, text: str) -> str:
        """Write the client's address in the place of any literal."""
        return NAMED.address if fact is Fact.HELO and _is_literal(text) else text


_DIRECTMAIL: Final = """\
const directmail = require("/opt/directmail/node_modules/directmail");
const [name, from, recipient] = process.argv.slice(2);
const fields = [`From: <${from}>`, `Subject: ${name}`, `X-Lab-Session: ${name}`, "", "Text.", ""];
const message = fields.join("\\r\\n");
const mailer = directmail({ name: "HOST", port: PORT });
mailer._resolveMx = (domain, callback) => callback(null, [{ exchange: "127.0.0.1", priority: 0 }]);
mailer.send({ from, recipients: [recipient], message });
setTimeout(() => process.exit(0), 3000);
"""


class DirectMail(Program, NpmServer):
    """directmail, which claims of each message that it came from localhost."""

    product: ClassVar = "directmail"
    package: ClassVar = "directmail"
    marks: ClassVar = "never"  # its line looks like qmail's
    configuration: ClassVar = "send\n"

    def configure(self, room: Room, certificates: Path) -> None:
        """Write the program."""
        del certificates
        text = _DIRECTMAIL.replace("HOST", HOST).replace("PORT", str(SINK_PORT))
        room.write("/srv/send.js", text)

    def hold_others(self, room: Room) -> Iterator[Held]:
        """Send some messages."""
        for number in range(3):
            name = f"sent-{number}"
            at = datetime.now(UTC).replace(microsecond=0)
            room.run("node", "/srv/send.js", name, SENDER, RECIPIENT, check=False)
            truth = Truth(
                greeting="SMTP",
                helo="localhost",
                address="127.0.0.1",
                sender=SENDER,
                recipient=RECIPIENT,
                at=at,
            )
            told = (Fact.HELO, Fact.ADDRESS, Fact.TIME)
            yield Held(name, "send", tuple(sorted(told)), truth)
