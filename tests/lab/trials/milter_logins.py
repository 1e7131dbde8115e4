"""The milter in Postfix, where users log in to hand mail in."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import ClassVar, Final

from lab.letters import LONGEST_SESSION, TAME_WAYS, Letter, Ways, make_letters
from lab.names import HOST, HOSTILE_USERS, USER
from lab.servers.base import Listener, Server
from lab.servers.postfix import Postfix
from lab.trials.with_milter import MilterTrial

_OPTIONS: Final = (
    "-o smtpd_milters=inet:127.0.0.1:8891 -o smtpd_sasl_auth_enable=yes"
    # the log then has each macro that goes to the milter
    " -o debug_peer_list=0.0.0.0/0,[::]/0 -o debug_peer_level=1"
)
_PORTS: Final = {"silent": 5871, "telling": 5870}
"""Whether the server's own line names the user."""
_SHARE: Final = 5
_LOG: Final = "/var/log/postfix.log"


def _make_ways() -> Ways:
    users = {"usual": USER, **HOSTILE_USERS}
    ways = ((way, TAME_WAYS[way]) for way in ("plain", "tls13", "tls12", "tls13-ipv6", "loopback"))
    return {
        f"{way}-{user}-{mechanism.lower()}": {
            **settings,
            "user": users[user],
            "mechanism": mechanism,
        }
        for (way, settings), user, mechanism in product(ways, users, ("PLAIN", "LOGIN"))
    }


_WAYS: Final = _make_ways()


class _Postfix(Postfix):
    services: ClassVar[Mapping[str, tuple[int, str]]] = {
        "silent": (_PORTS["silent"], _OPTIONS),
        "telling": (_PORTS["telling"], f"{_OPTIONS} -o smtpd_sasl_authenticated_header=yes"),
    }
    listeners: ClassVar = tuple(Listener(name, port) for name, port in _PORTS.items())


class MilterLogins(MilterTrial):
    """Users under names that speak of TLS, with TLS and without."""

    @classmethod
    def make_server(cls) -> Server:
        """Give a Postfix at which the lab's users may log in."""
        return _Postfix()

    def run(self, count: int) -> Iterator[str]:
        """Send as each user in each way: the field tells of the session, whatever the name says."""
        enough = max(count // _SHARE, len(_WAYS) * LONGEST_SESSION)
        for name, port in _PORTS.items():
            letters = make_letters(name, enough, _WAYS)
            yield from self.run_steadily(letters, port)
            yield from (f"not tried: {way}" for way in _find_untried(letters))
        yield from self._find_untold()

    def _find_untold(self) -> Iterator[str]:
        """Name the users whom the milter did not hear of."""
        log = self.room.path(_LOG).read_text(encoding="utf-8", errors="replace")
        for user in (USER, *HOSTILE_USERS.values()):
            told = log.count(f'result "{user}@{HOST}"') + log.count(f'result "{user}"')
            print(f"    the milter heard {told} times of {user}")
            if not told:
                yield f"the milter did not hear of {user}"


def _find_untried(letters: list[Letter]) -> set[str]:
    """Give the ways in which no letter is sent; the plan has the session's number behind it."""
    return set(_WAYS) - {letter.plan.name.rpartition("-")[0] for letter in letters}
