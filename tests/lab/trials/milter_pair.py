"""The milter in Postfix, behind another one that writes results under the same name."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from lab.letters import Arrived, make_letters
from lab.names import HOST
from lab.room import wait_for_port
from lab.servers.base import Listener, Server
from lab.servers.postfix import Postfix
from lab.trials.fields import list_results
from lab.trials.with_milter import MilterTrial

_PORT: Final = 2611
_OTHER_PORT: Final = 8892
_BOTH: Final = f"inet:127.0.0.1:{_OTHER_PORT},inet:127.0.0.1:8891"
# Clients of the own network are not checked, so none is of it.
_OPENDKIM: Final = f"""\
Mode v
AuthservID {HOST}
AlwaysAddARHeader yes
InternalHosts 192.0.2.1
Socket inet:{_OTHER_PORT}@127.0.0.1
Syslog no
"""


class _Postfix(Postfix):
    packages: ClassVar = (*Postfix.packages, "opendkim")
    services: ClassVar[Mapping[str, tuple[int, str]]] = {
        "pair": (
            _PORT,
            f"-o smtpd_milters={_BOTH} -o milter_default_action=tempfail",
        )
    }
    listeners: ClassVar = (Listener("pair", _PORT),)


class MilterPair(MilterTrial):
    """OpenDKIM's results stay, and headertls adds its own."""

    @classmethod
    def make_server(cls) -> Server:
        """Give a Postfix that asks OpenDKIM first, as the guide says."""
        return _Postfix()

    def prepare(self) -> None:
        """Start both milters."""
        super().prepare()
        self.room.write("/etc/opendkim.conf", _OPENDKIM)
        self.room.spawn("opendkim", "-f", "-x", "/etc/opendkim.conf")
        wait_for_port(_OTHER_PORT)

    def run(self, count: int) -> Iterator[str]:
        """Send with both there all the time, and with headertls going away."""
        yield from self.run_steadily(make_letters("pair", count), _PORT)
        yield from self.run_with_outage(make_letters("outage", count), _PORT)
        for message in (*self.wait("pair", count), *self.wait("outage", count)):
            yield from _find_wrong_results(message)


def _find_wrong_results(message: Arrived) -> Iterator[str]:
    told = [value for value in list_results(message) if "dkim=none" in value]
    if len(told) != 1 or not told[0].startswith(HOST):
        yield f"{message.name}: results of OpenDKIM {told}"
