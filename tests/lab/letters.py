"""Mail in bulk: many different messages, who sends them how, and what became of each."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final, NamedTuple, TypeAlias

from lab.dialog import Opened, Plan, RefusedError, Wish, open_session
from lab.names import HOST, LOOPBACK, NAMELESS, PUBLIC_V6, RECIPIENT, SENDER
from lab.truth import TlsTruth

Ways: TypeAlias = Mapping[str, Mapping[str, Any]]
"""What the plan of a session has besides the usual, by the name of the way."""

_SUITE: Final = "ECDHE-RSA-AES256-GCM-SHA384"
TAME_WAYS: Final[Ways] = {
    "plain": {},
    "tls13": {"how": "starttls", "wish": Wish("TLSv1.3")},
    "tls12": {"how": "starttls", "wish": Wish("TLSv1.2", _SUITE)},
    "plain-nameless": {"place": NAMELESS, "helo": "[89.160.20.112]"},
    "tls12-chacha": {"how": "starttls", "wish": Wish("TLSv1.2", "ECDHE-RSA-CHACHA20-POLY1305")},
    "tls13-ipv6": {"how": "starttls", "wish": Wish("TLSv1.3"), "place": PUBLIC_V6},
    "plain-speaking": {"helo": "esmtps.tls-aes-256-gcm-sha384.example"},
    "loopback": {"place": LOOPBACK, "helo": "localhost"},
}
"""How a session is held with any server; some HELOs speak of TLS."""

WAYS: Final[Ways] = {
    **TAME_WAYS,
    "plain-hostile": {"helo": "x) by mx.evil.example with ESMTPS (TLSv1.3"},
}
"""With a HELO of brackets and blanks besides, which some servers refuse."""

LONGEST_SESSION: Final = 5
"""Letters."""
_CLIENTS: Final = 6
_PATIENCE: Final = 90.0  # seconds until the last message has to be there
_PAUSE: Final = 0.3

# What a sender may write in the hope that somebody behind the server believes it.
FORGERIES: Final = (
    f"Authentication-Results: {HOST}; x-tls-trace=pass",
    f"authentication-results:{HOST.upper()} 1;\r\n\tx-tls-trace=pass (TLSv1.3)",
    f'Authentication-Results: "{HOST}"; x-tls-trace=pass',
    (
        f"Authentication-Results: (comment) {HOST}; spf=pass smtp.mailfrom=sender.example;\r\n"
        "\tx-tls-trace=pass"
    ),
)

# What has to stay, whoever wrote it: results of other methods, or of other servers.
FOREIGN: Final = (
    "Authentication-Results: mx.relay.example; x-tls-trace=fail",
    "Authentication-Results: mx.relay.example; spf=pass smtp.mailfrom=sender.example",
)


class Letter(NamedTuple):
    """A message, and the session in which it is to be sent."""

    run: str
    """With what its name starts."""
    name: str
    plan: Plan
    body: bytes
    """With CRLF."""
    fields: tuple[str, ...] = ()
    """Fields besides the usual ones, folded by CRLF."""

    def write(self) -> bytes:
        """Write the whole message."""
        head = (
            *self.fields,
            f"From: <{SENDER}>",
            f"To: <{RECIPIENT}>",
            f"Subject: {self.name}",
            f"X-Lab-Session: {self.name}",
            "Date: Tue, 29 Aug 2023 10:11:12 +0200",
            f"Message-ID: <{self.name}@sender.example>",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            "",
            "",
        )
        return "\r\n".join(head).encode() + self.body


class Sent(NamedTuple):
    """A letter that the server took, and what the client knows of the session."""

    letter: Letter
    tls: TlsTruth | None
    opened_at: float
    """When its session began, by the monotonic clock."""
    begun_at: float
    """When MAIL was sent."""
    taken_at: float
    """When the server had said that it took it."""


class Arrived(NamedTuple):
    """A delivered message."""

    name: str
    fields: tuple[tuple[str, str], ...]
    """Names in lower case, and values without folds."""
    digest: str


class Mailing(NamedTuple):
    """What the clients saw."""

    sent: tuple[Sent, ...]
    refusals: Counter[str]
    """The replies by which letters were put off; each of these was sent again."""
    seconds: float


def make_letters(run: str, count: int, ways: Ways = WAYS) -> list[Letter]:
    """Make *count* letters, always the same; those of one session follow each other."""
    names = list(ways)
    chance = random.Random(run)  # noqa: S311  # no secret
    letters: list[Letter] = []
    session = 0
    while len(letters) < count:
        way = names[session % len(names)]
        size = chance.randint(1, LONGEST_SESSION)
        for number in range(min(size, count - len(letters))):
            name = f"{run}-{way}-{session}-{number}"
            plan = Plan(f"{way}-{session}", run, **ways[way])
            letters.append(Letter(run, name, plan, _write_body(chance), _choose_fields(chance)))
        session += 1
    return letters


def _choose_fields(chance: random.Random) -> tuple[str, ...]:
    known = (*FORGERIES, *FOREIGN)
    return tuple(chance.sample(known, chance.randint(0, 3))) if chance.random() < 1 / 4 else ()


def _write_body(chance: random.Random) -> bytes:
    """Write lines of all kinds: dots, blanks, letters beyond ASCII, nothing."""
    kinds = (
        ".",
        "..",
        "",
        " ",
        "From here",
        "-- ",
        "Grüße aus Köln",
        "a" * 900,
        ".x",
        "\tb",
        "\x7f",
    )
    lines = (chance.choice(kinds) for _ in range(chance.choice((0, 1, 5, 40, 400))))
    return "".join(f"{line}\r\n" for line in lines).encode()


def send_all(
    letters: list[Letter],
    port: int,
    certificates: Path,
    clients: int = _CLIENTS,
    tell: Callable[[int], None] = int,
) -> Mailing:
    """Send *letters* by several clients at once, and again what is put off, until all are taken.

    After each session *tell* gets the number of those that are taken.
    """
    sent: list[Sent] = []
    refusals: Counter[str] = Counter()
    lock = Lock()
    sessions = [list(group) for _, group in groupby(letters, lambda letter: letter.plan)]

    def send(session: list[Letter]) -> None:
        left, end = session, monotonic() + _PATIENCE
        while left and monotonic() < end:
            done, refusal = send_once(left, port, certificates)
            left = left[len(done) :]
            with lock:
                sent.extend(done)
                tell(len(sent))
                if refusal:
                    refusals[refusal] += 1
            if left:
                sleep(_PAUSE)

    start = monotonic()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(send, sessions))
    return Mailing(tuple(sent), refusals, monotonic() - start)


def send_once(
    letters: list[Letter], port: int, certificates: Path
) -> tuple[list[Sent], str | None]:
    """Send letters in one session; give those that were taken, and what ended it before its end."""
    done: list[Sent] = []
    opened_at = monotonic()
    try:
        with open_session(letters[0].plan, port, certificates) as opened:
            # one by one, so that what was taken before a failure is known
            for letter in letters:
                done.append(_send(letter, opened, opened_at))  # noqa: PERF401
    except RefusedError as error:
        return done, f"{error.stage}: {error.reply}"
    except OSError as error:
        return done, f"connection: {error}"
    return done, None


def _send(letter: Letter, opened: Opened, opened_at: float) -> Sent:
    start = monotonic()
    opened.dialog.deliver(letter.plan, letter.write())
    return Sent(letter, opened.tls, opened_at, start, monotonic())


def wait_for_all(collect: Callable[[], list[Arrived]], count: int) -> list[Arrived]:
    """Collect messages until there are *count*, and a moment longer, for those that come twice."""
    end = monotonic() + _PATIENCE
    while monotonic() < end:
        sleep(_PAUSE)
        with suppress(FileNotFoundError):  # a message moved while it was read
            if len(collect()) >= count:
                break
    sleep(1)
    return collect()


_unfold: Final = re.compile(r"\n(?=[ \t])").sub


def read_arrived(message: bytes) -> Arrived:
    """Read a delivered message, of any line ends."""
    head, _, body = message.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = _unfold("", head.decode("utf-8", "replace")).split("\n")
    fields = tuple(
        (name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)
    )
    name = dict(fields).get("x-lab-session", "")
    return Arrived(name, fields, digest(body))


def digest(body: bytes) -> str:
    """Sum up a body, without regard to how its lines end."""
    return sha256(body.replace(b"\r\n", b"\n")).hexdigest()


def find_losses(
    letters: Iterable[Letter], mailing: Mailing, arrived: list[Arrived]
) -> Iterator[str]:
    """Tell of each letter that is missing, came twice, or has another body."""
    counts = Counter(message.name for message in arrived)
    bodies = {message.name: message.digest for message in arrived}
    taken = Counter(sent.letter.name for sent in mailing.sent)
    for letter in letters:
        name = letter.name
        if taken[name] != 1:
            yield f"{name}: taken {taken[name]} times"
        if counts[name] != 1:
            yield f"{name}: arrived {counts[name]} times"
        elif bodies[name] != digest(letter.body):
            yield f"{name}: the body is another one"
    known = {letter.name for letter in letters}
    yield from (f"{name}: nobody sent it" for name in counts if name not in known)


def by_name(arrived: Iterable[Arrived]) -> Mapping[str, Arrived]:
    """Give the delivered messages by the names of their letters."""
    return {message.name: message for message in arrived}
