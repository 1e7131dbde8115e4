"""ZoneMTA, from npm: its receiver and its writer of lines, without the data base between them."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import HOST, LOOPBACK
from lab.room import Room
from lab.servers.base import Listener
from lab.servers.npm import NpmServer
from lab.sink import SINK_PORT
from lab.truth import Fact, Truth

# A message goes from the receiver (lib/smtp-interface.js) to what writes the line when it is sent
# (lib/sending-zone.js) by way of MongoDB, which Debian does not have: here it stays in memory.
_PROGRAM: Final = f"""\
'use strict';
const folder = '/opt/zone-mta/node_modules/zone-mta';
process.chdir(folder);
const load = require('module').createRequire(folder + '/app.js');
const SMTPInterface = load('./lib/smtp-interface');
const SendingZone = load('./lib/sending-zone').SendingZone;
const plugins = load('./lib/plugins');
const nodemailer = load('nodemailer');
const config = load('wild-config');

plugins.handler = {{ runHooks: (name, args, done) => setImmediate(done) }};
config.name = 'ZoneMTA';
const sink = {{ host: '127.0.0.1', port: {SINK_PORT}, ignoreTLS: true }};
const relay = nodemailer.createTransport(sink);
let count = 0;

const maildrop = {{
    async add(envelope, source, callback) {{
        const chunks = [];
        for await (const chunk of source) chunks.push(chunk);
        const delivery = Object.assign({{}}, envelope, {{ seq: '001', recipient: envelope.to[0] }});
        const write = SendingZone.prototype.generateReceivedHeader;
        const line = write.call({{ name: 'default' }}, delivery, '{HOST}');
        const raw = Buffer.concat([Buffer.from(line + '\\r\\n'), ...chunks]);
        const to = {{ from: 'a@lab.example', to: 'b@lab.example' }};
        relay.sendMail({{ envelope: to, raw }}, err => callback(err, 'Message queued'));
    }}
}};

const start = (port, host, secure) => {{
    const options = {{
        name: 'ZoneMTA', hostname: '{HOST}', maxSize: 1e7, maxRecipients: 10,
        authentication: true, authOptional: true, starttls: !secure, secure,
        allowInsecureAuth: true, maxClients: 100,
        key: '/etc/lab/server.key', cert: '/etc/lab/server.crt'
    }};
    const server = new SMTPInterface('feeder', options);
    server.setup(() => {{
        server.sendCommand = (name, done) => done(null, 'id' + ++count);
        server.maildrop = maildrop;
        server.server.updateSecureContext({{
            key: require('fs').readFileSync('/etc/lab/server.key'),
            cert: require('fs').readFileSync('/etc/lab/server.crt'),
            minVersion: 'TLSv1', ciphers: 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'
        }});
        server.server.listen(port, host);
    }});
}};
start(2525, '127.0.0.1', false);
start(2525, '::1', false);
start(4650, '127.0.0.1', true);
"""


class ZoneMta(NpmServer):
    """ZoneMTA, which sends all mail on."""

    product: ClassVar = "ZoneMTA"
    package: ClassVar = "zone-mta"
    configuration: ClassVar = (
        "smtpInterfaces.feeder: starttls, secure; MongoDB replaced by a store in memory\n"
    )
    marks: ClassVar = "always"
    listeners: ClassVar = (
        Listener("smtp", 2525, "starttls", has_auth=True, has_hostile_users=True),
        Listener("smtps", 4650, "implicit", has_auth=True, is_tried_in_full=False),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Write the program that starts it."""
        room.copy_certificates(certificates)
        room.write("/srv/server.js", _PROGRAM)

    def start(self, room: Room) -> None:
        """Start it in the foreground."""
        room.spawn("node", "/srv/server.js")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by the S, and details in a comment behind the recipient.

        The version is the lowest one that has the suite: below 1.2 that need not be the session's.
        """
        del listener
        yield from (Fact.TLS, Fact.ADDRESS, Fact.HELO, Fact.RECIPIENT, Fact.TIME)
        if truth.name != LOOPBACK.name:  # Node.js forgets what the hosts file tells
            yield Fact.NAME
        if truth.auth:
            yield from (Fact.AUTH, Fact.USER)
        if truth.tls:
            yield Fact.SUITE
        if truth.tls and truth.tls.version >= "TLSv1.2":
            yield Fact.VERSION
