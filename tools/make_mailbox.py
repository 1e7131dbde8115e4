"""Write messages with traces in the shapes of `examples/*.eml`, always the same for the same seed.

    python tools/make_mailbox.py --count 200 --body-kilobytes 1 --seed 1 --as folder PATH

The messages arrive over two years, at servers of eleven makes, from seven organisations, of which
some seldom use TLS. Versions and suites drift as the years pass. PATH is a folder, which
is made, or with `--as mbox` a file. Hosts and people are invented; there is no clock.
"""

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

START: Final = datetime(2023, 11, 1, 6, tzinfo=UTC)
SPAN: Final = timedelta(days=730)

KILOBYTE: Final = 1000

_T = TypeVar("_T")


class Session(NamedTuple):
    """A version with a suite, and how often it is seen at the start and at the end."""

    version: str
    openssl: str
    """The suite as OpenSSL names it."""
    iana: str
    bits: int
    early: float
    late: float


SESSIONS: Final = (
    Session("1", "ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 256, 6, 0),
    Session("1.1", "DHE-RSA-AES128-SHA", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", 128, 2, 0),
    Session("1.2", "AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256", 128, 6, 2),
    Session(
        "1.2",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        256,
        46,
        16,
    ),
    Session(
        "1.2",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        128,
        10,
        6,
    ),
    Session("1.3", "TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", 256, 26, 58),
    Session("1.3", "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", 128, 4, 12),
    Session("1.3", "TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256", 256, 0, 6),
)


class Sender(NamedTuple):
    """An organisation that sends mail."""

    domain: str
    weight: float
    plaintext: float
    """The share of its messages that it sends without TLS."""
    networks: tuple[str, ...]
    """Prefixes of its addresses."""
    host: str
    person: str


SENDERS: Final = (
    Sender("quarrypress.example", 24, 0.0, ("216.160.83.", "2a02:d140:c012::"), "smtp", "theo"),
    Sender("fernwood.example", 20, 0.02, ("81.2.69.", "2a02:d140:c0ff::"), "mail", "orders"),
    Sender("lanternpost.example", 18, 0.06, ("2.125.160.",), "out", "news"),
    Sender("osprey-hosting.example", 14, 0.12, ("67.43.156.",), "relay", "www"),
    Sender("millrace.example", 10, 0.25, ("81.2.69.",), "gateway", "lena"),
    Sender("copperfield.example", 8, 0.5, ("202.196.224.",), "relay", "alerts"),
    Sender("tollgate.example", 6, 0.85, ("89.160.20.",), "mta", "billing"),
)

PEOPLE: Final = ("ines", "bea", "olga", "sam", "jonas", "pavel", "duty", "rosa", "mara", "nina")
SUBJECTS: Final = (
    "Proofs of the second volume",
    "Two chairs are on their way",
    "Receipt for order {number}",
    "Readings from the weir",
    "pump {digit} restarted",
    "Your invoice {number}",
    "Minutes of the parish meeting",
    "Keys are with the porter",
)


class Shape(NamedTuple):
    """How the servers of one recipient write; newer lines stand above older ones."""

    name: str
    weight: float
    encrypted: str
    """The line of the server that takes the message from the internet, for a session with TLS."""
    plain: str
    """The same for one without."""
    above: str = ""
    """The lines of the servers behind it."""


_POSTFIX_PLAIN: Final = """\
Received: from {client} ({rdns} [{literal}])
	by mx{n}.{here} (Postfix) with ESMTP id {hex:10}
	for <{person}@{here}>; {at:2} (UTC)
"""
_POSTFIX_TLS: Final = """\
Received: from {client} ({rdns} [{literal}])
	(using TLSv{version} with cipher {openssl} ({bits}/{bits} bits){exchange})
	(No client certificate requested)
	by mx{n}.{here} (Postfix) with ESMTPS id {hex:10}
	for <{person}@{here}>; {at:2} (UTC)
"""
_QMAIL: Final = """\
Received: (qmail {number} invoked from network); {at:3}
Received: from unknown (HELO {client}) ({address})
  by mx{n}.{here} with SMTP; {at:2}
"""

SHAPES: Final = (
    Shape(
        "postfix-tls-comment",
        20,
        _POSTFIX_TLS,
        _POSTFIX_PLAIN,
        """\
Received: from mx{n}.{here} ([10.8.0.{n}])
	(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
	by store2.{here} with LMTPS
	id {word:22}
	(envelope-from <{author}>)
	for <{person}@{here}>; {at:3}
""",
    ),
    Shape(
        "postfix-keyword",
        10,
        _POSTFIX_PLAIN.replace("ESMTP", "ESMTPS"),
        _POSTFIX_PLAIN,
        """\
Received: from mx{n}.{here} (mx{n}.{here} [10.20.0.{n}])
	by imap.{here} (Postfix) with ESMTP id {hex:10}
	for <{person}@{here}>; {at:3} (GMT)
""",
    ),
    Shape(
        "exim",
        12,
        """\
Received: from {client} ([{address}])
	by vm{n}.{here} with esmtps  (TLS{version}) tls {iana}
	(Exim 4.98.2)
	(envelope-from <{author}>)
	id {word:6}-{word:11}-{word:4}
	for {person}@{here};
	{at:2}
""",
        """\
Received: from {client} ([{address}])
	by vm{n}.{here} with esmtp (Exim 4.98.2)
	(envelope-from <{author}>)
	id {word:6}-{word:11}-{word:4}
	for {person}@{here};
	{at:2}
""",
    ),
    Shape(
        "exim-colons",
        6,
        """\
Received: from {client} ([{address}]:{number})
	by vm{n}.{here} with esmtps (TLSv{version}:{openssl}:{bits})
	(Exim 4.92)
	(envelope-from <{author}>)
	id {word:6}-{word:6}-{word:2}
	for {person}@{here}; {at:2}
""",
        """\
Received: from {client} ([{address}]:{number})
	by vm{n}.{here} with esmtp (Exim 4.92)
	(envelope-from <{author}>)
	id {word:6}-{word:6}-{word:2}
	for {person}@{here}; {at:2}
""",
    ),
    Shape(
        "exchange",
        14,
        """\
Received: from {client} ({address}) by
 AM2PEPF0002B31{digit}.mail.protection.outlook.com (10.167.16.{octet}) with Microsoft
 SMTP Server (version=TLS{underlined}, cipher={iana}) id
 15.20.{number}.{octet} via Frontend Transport; {at:2}
""",
        """\
Received: from {client} ({address}) by
 AM2PEPF0002B31{digit}.mail.protection.outlook.com (10.167.16.{octet}) with Microsoft
 SMTP Server id 15.20.{number}.{octet} via Frontend Transport; {at:2}
""",
        """\
Received: from AM0PR05MB471{digit}.eurprd05.prod.outlook.com (2603:10a6:208:12f::19)
 by DB7PR05MB5128.eurprd05.prod.outlook.com with HTTPS; {at:4}
Received: from AM2PEPF0002B31{digit}.eurprd05.prod.outlook.com
 (2603:10a6:20b:56:cafe::9b) by AM0PR05MB471{digit}.eurprd05.prod.outlook.com
 (2603:10a6:208:12f::19) with Microsoft SMTP Server (version=TLS1_3,
 cipher=TLS_AES_256_GCM_SHA384) id 15.20.{number}.36 via Frontend
 Transport; {at:3}
""",
    ),
    Shape(
        "gmail",
        14,
        """\
Received: from {client} ({client}. [{address}])
        by mx.google.com with ESMTPS id {small:13}-{small:18}si{number}.{octet}.{at:gmail}
        for <{person}@{here}>
        (version=TLS{underlined} cipher={openssl} bits={bits}/{bits});
        {at:2 pacific}
""",
        """\
Received: from {client} ({client}. [{address}])
        by mx.google.com with ESMTP id {small:13}-{small:18}si{number}.{octet}.{at:gmail}
        for <{person}@{here}>;
        {at:2 pacific}
""",
        """\
Received: by 2002:a05:7022:6b82:b0:7c:3d51:9a2e with SMTP id {small:14};
        {at:3 pacific}
X-Received: by 2002:a17:907:3e0d:b0:b40:e4f1:1d2c with SMTP id {small:20};
        {at:3 pacific}
""",
    ),
    Shape(
        "sendmail",
        6,
        """\
Received: from {client} ({rdns} [{literal}])
	by mx{n}.{here} (8.17.1/8.17.1) with ESMTPS id {word:14}
	(version=TLSv{version} cipher={openssl} bits={bits} verify=NOT)
	for <{person}@{here}>; {at:2 gmt}
""",
        """\
Received: from {client} ({rdns} [{literal}])
	by mx{n}.{here} (8.17.1/8.17.1) with ESMTP id {word:14}
	for <{person}@{here}>; {at:2 gmt}
""",
    ),
    Shape("qmail", 5, _QMAIL, _QMAIL),
    Shape(
        "amavis",
        6,
        _POSTFIX_TLS,
        _POSTFIX_PLAIN,
        """\
Received: from localhost (localhost [127.0.0.1])
	by mx{n}.{here} (Postfix) with ESMTP id {hex:10}
	for <{person}@{here}>; {at:4} (UTC)
X-Virus-Scanned: amavisd-new at {here}
Received: from mx{n}.{here} ([127.0.0.1])
	by localhost (mx{n}.{here} [127.0.0.1]) (amavisd-new, port 10024)
	with ESMTP id {word:12} for <{person}@{here}>;
	{at:3} (UTC)
""",
    ),
    Shape(
        "fetchmail",
        3,
        _POSTFIX_TLS,
        _POSTFIX_PLAIN,
        """\
Received: from den.home.arpa (localhost [127.0.0.1])
	by den.home.arpa (Postfix) with ESMTP id {hex:12}
	for <{person}@localhost>; {at:9 berlin}
Received: from pop.{here} [175.16.199.12]
	by den.home.arpa with POP3 (fetchmail-6.4.37)
	for <{person}@localhost> (single-drop); {at:9 berlin}
""",
    ),
    Shape(
        "mailing-list",
        4,
        _POSTFIX_TLS.replace("mx{n}.{here}", "lists.lathe.example").replace(
            "{person}@{here}", "turners@lists.lathe.example"
        ),
        _POSTFIX_PLAIN.replace("mx{n}.{here}", "lists.lathe.example").replace(
            "{person}@{here}", "turners@lists.lathe.example"
        ),
        """\
Received: from lists.lathe.example (lists.lathe.example [89.160.20.128])
	(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
	(No client certificate requested)
	by mx{n}.{here} (Postfix) with ESMTPS id {hex:10}
	for <{person}@{here}>; {at:4} (UTC)
Received: from lists.lathe.example (localhost [127.0.0.1])
	by lists.lathe.example (Postfix) with ESMTP id {hex:10};
	{at:3 berlin}
List-Id: Turners <turners.lists.lathe.example>
""",
    ),
)

HERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "postfix-tls-comment": "juniper-court.example",
        "postfix-keyword": "tidewater.example",
        "exim": "kestrel-mail.example",
        "exim-colons": "kestrel-mail.example",
        "exchange": "heronwharf.example",
        "gmail": "birchlane.example",
        "sendmail": "ashdown-labs.example",
        "qmail": "saltmarsh.example",
        "amavis": "rookery.example",
        "fetchmail": "cedarnet.example",
        "mailing-list": "hazelgate.example",
    }
)
"""The domain of the recipients behind each shape."""

ORIGINS: Final = (
    # nothing of the sender's own network is told
    "",
    # Postfix, from a program
    """\
Received: by {client} (Postfix, from userid 33)
	id {hex:10}; {at:1 berlin}
""",
    # Postfix, from a person at a desk
    """\
Received: from [192.168.17.{octet}] (unknown [175.16.199.{octet}])
	(using TLSv1.3 with cipher TLS_AES_128_GCM_SHA256 (128/128 bits)
\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)
	(No client certificate requested)
	(Authenticated sender: {author})
	by {client} (Postfix) with ESMTPSA id {word:15}
	for <{person}@{here}>; {at:1 berlin}
""",
    # sendmail of long ago inside a house
    """\
Received: from ws{octet}.{there} (ws{octet}.{there} [172.20.4.{octet}])
	(authenticated bits=0)
	by {client} (8.14.7/8.14.7) with ESMTP id {word:14}
	(version=TLSv1/SSLv3 cipher=DHE-RSA-AES256-GCM-SHA384 bits=256 verify=NO)
	for <{person}@{here}>; {at:1}
""",
    # Exim behind Exim
    """\
Received: from shop{n}.{there} ([10.3.0.{octet}]:38122)
	by {client} with esmtps (TLSv1.2:ECDHE-RSA-AES128-GCM-SHA256:128)
	(Exim 4.92)
	(envelope-from <{author}>)
	id {word:6}-{word:6}-{word:2}
	for {person}@{here}; {at:1}
Received: from www by shop{n}.{there} with local (Exim 4.96)
	(envelope-from <{author}>)
	id {word:6}-{word:6}-{word:2}
	for {person}@{here};
	{at:0}
""",
    # webmail
    """\
Received: from pool-{octet}.cablewave.example (2.125.160.{octet})
 by webmail.{there}
 with HTTP (HTTP/1.1 POST); {at:0}
""",
    # qmail, from a program
    """\
Received: (qmail {number} invoked by uid 1003); {at:1}
""",
)

_NEWEST: Final = "Return-Path: <{author}>\n"
_FIELDS: Final = """\
From: {author}
To: {person}@{here}
Subject: {subject}
Message-ID: <{small:12}@{client}>
Date: {at:0}
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

"""
_LINE: Final = (
    b"The level fell by four centimetres overnight, and the bridge was spoken of at length.\n"
)

_GROUPS: Final = ("X25519", "X25519MLKEM768")
_EXCHANGE: Final = (
    "\n\t key-exchange {group} server-signature RSA-PSS (2048 bits) server-digest SHA256"
)
_UNDERLINED: Final = MappingProxyType({"1": "1_0", "1.1": "1_1", "1.2": "1_2", "1.3": "1_3"})
_HEX: Final = "0123456789ABCDEF"
_SMALL: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_WORD: Final = _SMALL + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_ZONES: Final[Mapping[str, tuple[timezone, str]]] = MappingProxyType(
    {
        "": (UTC, ""),
        "berlin": (timezone(timedelta(hours=1)), " (CET)"),
        "pacific": (timezone(timedelta(hours=-8)), " (PST)"),
    }
)
_MEAN_DELAY: Final = 1.5
_QUEUED: Final = 0.08
"""How often a message waits before a server takes it, for greylisting or in a queue."""


class Word(NamedTuple):
    """Writes `{word:12}` in a template: so many characters by chance."""

    random: Random
    alphabet: str

    def __format__(self, spec: str) -> str:
        letters, draw = self.alphabet, self.random.random
        size = len(letters)
        return "".join([letters[int(draw() * size)] for _ in range(int(spec))])


class Moments(NamedTuple):
    """Writes `{at:2 berlin}` in a template: the time of a step of the journey, as a server has it.

    The steps are 0 for the author, 1 for the sender's server, 2 for the one that takes the message
    from the internet, then what comes after.
    """

    start: datetime
    delays: tuple[float, ...]
    """Seconds before each step, the first of them 0."""

    def __format__(self, spec: str) -> str:
        if spec == "gmail":
            return f"{self.start:%Y.%m.%d.%H.%M.%S}"
        step, _, zone = spec.partition(" ")
        moment = self.start + timedelta(seconds=int(sum(self.delays[: int(step) + 1])))
        if zone == "gmt":
            return format_datetime(moment, usegmt=True)
        offset, name = _ZONES[zone]
        return format_datetime(moment.astimezone(offset)) + name


# Of `random`, only `Random.random` is promised to give the same in all versions of Python.
def pick(random: Random, values: Sequence[_T]) -> _T:
    """Take one of *values*, each as likely as the others."""
    return values[int(random.random() * len(values))]


def pick_weighted(random: Random, values: Sequence[_T], weights: Sequence[float]) -> _T:
    """Take one of *values*, as often as its weight among *weights* says."""
    place = random.random() * sum(weights)
    for value, weight in zip(values, weights, strict=True):
        place -= weight
        if place < 0:
            return value
    return values[-1]


def make_messages(count: int, *, seed: int, body_bytes: int) -> Iterator[bytes]:
    """Make *count* messages in the order of their dates, with bodies of about *body_bytes*.

    Lines end in LF, and none begins with `From `. The same arguments give the same messages.
    """
    random = Random(seed)  # noqa: S311  # the same each time is what is wanted
    body = _LINE * max(1, body_bytes // len(_LINE))
    for number in range(count):
        progress = (number + random.random()) / count
        yield make_header(random, progress).encode("ascii") + body


def make_header(random: Random, progress: float) -> str:
    """Make the header of a message that arrives when *progress* of the two years has passed."""
    sender = pick_weighted(random, SENDERS, [row.weight for row in SENDERS])
    shape = pick_weighted(random, SHAPES, [row.weight for row in SHAPES])
    entry = shape.plain if random.random() < sender.plaintext else shape.encrypted
    fields = {
        **_make_names(random, sender, shape),
        **_make_session(random, progress),
        "at": _make_moments(random, START + SPAN * progress),
        "hex": Word(random, _HEX),
        "small": Word(random, _SMALL),
        "word": Word(random, _WORD),
    }
    template = _NEWEST + shape.above + entry + pick(random, ORIGINS) + _FIELDS
    return template.format_map(fields)


def _make_names(random: Random, sender: Sender, shape: Shape) -> dict[str, object]:
    network = pick(random, sender.networks)
    # the one server in the world that speaks no IPv6
    network = sender.networks[0] if shape.name == "qmail" else network
    octet = 1 + int(random.random() * 99)
    number = 1000 + int(random.random() * 9000)
    digit = 1 + int(random.random() * 9)
    client = f"{sender.host}{1 + octet % 4}.{sender.domain}"
    address = f"{network}{octet}"
    return {
        "client": client,
        "rdns": "unknown" if random.random() < sender.plaintext / 2 else client,
        "address": address,
        "literal": f"IPv6:{address}" if ":" in address else address,
        "there": sender.domain,
        "here": HERE[shape.name],
        "author": f"{sender.person}@{sender.domain}",
        "person": pick(random, PEOPLE),
        "subject": pick(random, SUBJECTS).format(number=number, digit=digit),
        "n": 1 + digit % 3,
        "digit": digit,
        "octet": octet,
        "number": number,
    }


def _make_session(random: Random, progress: float) -> dict[str, object]:
    weights = [row.early + (row.late - row.early) * progress for row in SESSIONS]
    session = pick_weighted(random, SESSIONS, weights)
    group = _GROUPS[random.random() < progress - 0.5]
    return {
        "version": session.version,
        "underlined": _UNDERLINED[session.version],
        "openssl": session.openssl,
        "iana": session.iana,
        "bits": session.bits,
        # Postfix tells of it for TLS 1.3 only
        "exchange": _EXCHANGE.format(group=group) if session.version == "1.3" else "",
    }


def _make_moments(random: Random, start: datetime) -> Moments:
    delays = [-_MEAN_DELAY * math.log(1 - random.random()) for _ in range(10)]
    if random.random() < _QUEUED:
        delays[2] += 300 + 7200 * random.random() ** 3
    return Moments(start.replace(microsecond=0), (0.0, *delays[1:]))


def write_folder(messages: Iterator[bytes], folder: Path) -> None:
    """Write each message into a file of *folder*, named by its number."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, message in enumerate(messages):
        (folder / f"{number:05}.eml").write_bytes(message)


def write_mbox(messages: Iterator[bytes], path: Path) -> None:
    """Write the messages into one file: `mailbox.mbox` of the library is slow, and asks the clock.

    No line of theirs needs the `>` that this form of file wants before `From `.
    """
    with path.open("wb") as file:
        for message in messages:
            file.write(b"From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n" + message + b"\n")


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--body-kilobytes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--as", dest="form", choices=("folder", "mbox"), default="folder")
    parser.add_argument("path", type=Path)
    chosen = parser.parse_args()
    messages = make_messages(
        chosen.count, seed=chosen.seed, body_bytes=chosen.body_kilobytes * KILOBYTE
    )
    write = write_folder if chosen.form == "folder" else write_mbox
    write(messages, chosen.path)


if __name__ == "__main__":
    main()
