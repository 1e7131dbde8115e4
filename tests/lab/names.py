"""The invented network of the lab: hosts, addresses, people."""

from typing import Final, NamedTuple

HOST: Final = "mx.lab.example"
DOMAIN: Final = "lab.example"
USER: Final = "tester"
PASSWORD: Final = "sesame-opens"  # noqa: S105  # of an account that lives for a minute
RECIPIENT: Final = f"{USER}@{DOMAIN}"
SENDER: Final = "ann@sender.example"


# Users who log in under names that close what the server opened; the password is the same.
HOSTILE_USERS: Final = {
    "brackets": "x) with ESMTPS (y",
    "tail": "x) by evil.example with ESMTPS id 1; Mon, 1 Jan 2024 00:00:00 +0000 (y",
    "cipher": "x (TLSv1.3:TLS_AES_256_GCM_SHA384:256)",
}


class Place(NamedTuple):
    """An address from which the client connects."""

    address: str
    name: str | None = None


# Addresses of the public internet, so that lines are judged as they would be there; they exist
# only in the lab's own network, which has no way out.
NAMED: Final = Place("81.2.69.144", "out.sender.example")
NAMELESS: Final = Place("89.160.20.112")
PRIVATE: Final = Place("10.20.0.5", "desk.lab.example")
LOOPBACK: Final = Place("127.0.0.1", "localhost")
PUBLIC_V6: Final = Place("2a02:d140::1", "six.sender.example")

PLACES: Final = (NAMED, NAMELESS, PRIVATE, LOOPBACK, PUBLIC_V6)

HOSTS_FILE: Final = f"127.0.0.1\tlocalhost\n127.0.0.2\t{HOST} mx\n::1\tlocalhost\n"
CLIENTS_FILE: Final = "".join(
    f"{place.address}\t{place.name}\n" for place in PLACES if place.name and place is not LOOPBACK
)
"""What the lab's name server knows besides; Node.js forgets names that a hosts file tells."""
