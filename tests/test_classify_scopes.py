"""Where a connection ran."""

from ipaddress import ip_address

import pytest

from headertls.classifier.scopes import SCOPES, find_scope
from headertls.models import Auth, Client, Hop, Kind, Scope, Server
from headertls.net.scope import Reach


def make_hop(address, *, helo=None, rdns=None, by="mx.site.example", software=None, **fields):
    """Make a hop from *address* to the server *by*."""
    by_address = fields.pop("by_address", None)
    client = Client(helo=helo, rdns=rdns, address=address and ip_address(address))
    server = Server(name=by, address=by_address and ip_address(by_address), software=software)
    return Hop(**({"raw": "", "client": client, "server": server} | fields))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("81.2.69.144", Scope.PUBLIC),
        ("2a02:d140:c012::81", Scope.PUBLIC),
        ("127.0.0.1", Scope.LOCAL),
        ("127.0.1.1", Scope.LOCAL),
        ("::1", Scope.LOCAL),
        ("::ffff:127.0.0.1", Scope.LOCAL),
        ("10.1.2.3", Scope.PRIVATE),
        ("fd00::1", Scope.PRIVATE),
        ("fe80::1", Scope.PRIVATE),
        ("100.64.1.2", Scope.PRIVATE),
        ("198.18.0.1", Scope.PRIVATE),
        ("2002:a05:6808:1::1", Scope.PRIVATE),
        ("192.0.2.1", Scope.DOCUMENTATION),
        ("2001:db8::1", Scope.DOCUMENTATION),
        ("225.51.198.96", Scope.INVALID),
        ("240.0.0.1", Scope.INVALID),
        ("0.0.0.0", Scope.INVALID),  # noqa: S104  # nothing is bound
        ("fd:ac::d:10", Scope.INVALID),
    ],
)
def test_client_address_decides(address, expected):
    """The peer that the writer saw says where the connection ran."""
    assert find_scope(make_hop(address, helo="mail.example"), Kind.RELAY) is expected


def test_every_reach_has_a_scope():
    """No address is left without an answer."""
    assert set(SCOPES) == set(Reach)


@pytest.mark.parametrize("client", [None, Client(), Client(helo="81.2.69.144")])
def test_no_address_is_unknown(client):
    """A HELO is no address, be it an address literal."""
    assert find_scope(make_hop(None, client=client), Kind.RELAY) is Scope.UNKNOWN


@pytest.mark.parametrize("comment", ["[unix socket]", "mx.site.example [local]", "[[UNIX: x]]"])
def test_local_socket_is_local(comment):
    """A socket of the machine has no address, and needs none."""
    hop = make_hop(None, comments=(comment,))

    assert find_scope(hop, Kind.LOCAL) is Scope.LOCAL
    assert find_scope(hop, Kind.RELAY) is Scope.UNKNOWN


def test_local_user_without_address_is_unknown():
    """A line that tells no address has no scope, though it records no connection."""
    hop = make_hop(None, comments=("Postfix, from userid 33",))

    assert find_scope(hop, Kind.LOCAL) is Scope.UNKNOWN


def test_private_by_address_does_not_make_a_hop_private():
    """Exchange writes its inner address on lines received from the internet."""
    hop = make_hop("81.2.69.144", by_address="10.13.99.9", software="Exchange")

    assert find_scope(hop, Kind.RELAY) is Scope.PUBLIC


@pytest.mark.parametrize("helo", ["localhost", "outlook.com", "mx.site.example", "10.1.2.3"])
def test_helo_does_not_make_a_public_hop_any_nearer(helo):
    """The client can say what it likes."""
    hop = make_hop("81.2.69.144", helo=helo, by="mx.site.example", software="Postfix")

    assert find_scope(hop, Kind.RELAY) is Scope.PUBLIC


@pytest.mark.parametrize(
    ("address", "by"),
    [
        ("2603:10a6:10:77::31", "MN0PR19MB6300.namprd19.prod.outlook.com"),
        ("104.47.1.2", "DB5EUR07FT021.mail.protection.outlook.com"),
        ("40.92.18.1", "VI1P123CA0042.outlook.office365.com"),
        ("209.85.220.65", "mx.google.com"),
    ],
)
def test_both_ends_of_one_operator(address, by):
    """The address in the operator's mail range, the host under its domains."""
    assert find_scope(make_hop(address, by=by), Kind.RELAY) is Scope.OPERATOR


@pytest.mark.parametrize(
    ("address", "by"),
    [
        # a tenant of Azure
        ("20.25.87.156", "BL03EPF0002B1C8.mail.protection.outlook.com"),
        ("209.85.220.65", "BL03EPF0002B1C8.mail.protection.outlook.com"),
        ("209.85.220.65", "mx.site.example"),
        ("81.2.69.144", "mx.google.com"),
    ],
)
def test_one_end_of_an_operator_is_public(address, by):
    """A cloud's tenant, another operator, and the operator's own host name prove nothing."""
    assert find_scope(make_hop(address, by=by), Kind.RELAY) is Scope.PUBLIC


def test_server_without_name_is_public():
    """Nothing to compare with: the address decides."""
    assert find_scope(make_hop("209.85.220.65", by=None), Kind.RELAY) is Scope.PUBLIC
    assert find_scope(make_hop("81.2.69.144", server=None), Kind.RELAY) is Scope.PUBLIC


@pytest.mark.parametrize("software", ["Postfix", "Exim 4.96", "sendmail 8.17.1", "Courier"])
def test_verified_reverse_name_shares_the_organization(software):
    """Servers that look reverse names up forward can be taken at their word."""
    hop = make_hop("81.2.69.144", rdns="out2.site.example", software=software)

    assert find_scope(hop, Kind.RELAY) is Scope.ORGANIZATION


@pytest.mark.parametrize("software", ["Haraka 3.3.4", "OpenSMTPD", "qpsmtpd 0.94", "Cyrus", None])
def test_reverse_name_that_nobody_verified_proves_nothing(software):
    """Whoever runs a reverse zone can write any name into it."""
    hop = make_hop("81.2.69.144", rdns="out2.site.example", software=software)

    assert find_scope(hop, Kind.RELAY) is Scope.PUBLIC


def test_reverse_name_that_may_be_forged_proves_nothing():
    """A name that sendmail shows with that note is nobody's."""
    raw = "from a (out2.site.example [81.2.69.144] (may be forged)) by mx.site.example"
    hop = make_hop("81.2.69.144", rdns="out2.site.example", software="sendmail 8.17.1", raw=raw)

    assert find_scope(hop, Kind.RELAY) is Scope.PUBLIC


@pytest.mark.parametrize("rdns", [None, "out.shop.example", "example"])
def test_other_reverse_name_is_public(rdns):
    """Two registrable domains are two owners."""
    hop = make_hop("81.2.69.144", rdns=rdns, software="Postfix")

    assert find_scope(hop, Kind.RELAY) is Scope.PUBLIC


def test_tenants_of_one_hoster_are_two_organizations():
    """Two customers under one public suffix do not share an owner."""
    hop = make_hop("81.2.69.144", rdns="a.github.io", by="b.github.io", software="Postfix")

    assert find_scope(hop, Kind.RELAY) is Scope.PUBLIC


def test_client_at_the_servers_own_address_is_the_same_house():
    """A server that talks to its own public address does not cross the internet."""
    hop = make_hop("81.2.69.144", by_address="81.2.69.144")

    assert find_scope(hop, Kind.RELAY) is Scope.ORGANIZATION


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("filter.site.example", Scope.ORGANIZATION),
        ("MX.site.example", Scope.ORGANIZATION),
        ("filter.shop.example", Scope.PUBLIC),
        (None, Scope.PUBLIC),
    ],
)
def test_address_learnt_from_another_line_counts_as_that_hosts(host, expected):
    """`by filter.site.example [81.2.69.144]` tells whose address that is."""
    hosts = {ip_address("81.2.69.144"): host}

    assert find_scope(make_hop("81.2.69.144"), Kind.RELAY, hosts.get) is expected


@pytest.mark.parametrize("helo", ["87.120.8.151", "[87.120.8.151]", "2a02:d140::1"])
def test_public_literal_as_helo_of_a_private_client_is_behind_nat(helo):
    """The address was translated on the way."""
    assert find_scope(make_hop("10.99.0.19", helo=helo), Kind.RELAY) is Scope.BEHIND_NAT


@pytest.mark.parametrize("helo", ["10.9.9.9", "mail.example", "198.51.100.7", "1.2.3", "", None])
def test_other_helo_of_a_private_client_is_private(helo):
    """Only a public literal tells of translation."""
    assert find_scope(make_hop("10.99.0.19", helo=helo), Kind.RELAY) is Scope.PRIVATE


@pytest.mark.parametrize("address", ["127.0.0.2", "127.0.0.6", "127.0.0.255"])
def test_odd_loopback_address_is_a_proxy(address):
    """MailChannels hands on from 127.0.0.6."""
    assert find_scope(make_hop(address, helo="a.example"), Kind.RELAY) is Scope.PROXIED


@pytest.mark.parametrize("helo", ["customer", "laptop.home.example", "10.0.0.7"])
def test_login_on_loopback_with_a_foreign_helo_is_proxied(helo):
    """Users do not sit on the server: something stands between."""
    hop = make_hop("127.0.0.1", helo=helo, auth=Auth())

    assert find_scope(hop, Kind.SUBMISSION) is Scope.PROXIED
    assert find_scope(hop, Kind.RELAY) is Scope.LOCAL


def test_login_on_loopback_of_a_nameless_server_is_proxied():
    """There is no name that the HELO could share."""
    hop = make_hop("127.0.0.1", helo="customer", auth=Auth(), by=None)

    assert find_scope(hop, Kind.SUBMISSION) is Scope.PROXIED


@pytest.mark.parametrize("helo", [None, "localhost", "127.0.0.1", "www.site.example"])
def test_login_on_loopback_by_the_servers_own_webmail_is_local(helo):
    """A webmail on the server logs in for its users."""
    hop = make_hop("127.0.0.1", helo=helo, auth=Auth())

    assert find_scope(hop, Kind.SUBMISSION) is Scope.LOCAL
