"""What event a line records."""

from ipaddress import ip_address

import pytest

from headertls.classifier.families import (
    FAMILY_LINKS,
    FAMILY_PRODUCTS,
    STRONG_LINKS,
)
from headertls.classifier.kinds import RULES, find_kind
from headertls.models import Auth, Client, Defect, DefectKind, Hop, Kind, Server

ODD = Defect(kind=DefectKind.BAD_ADDRESS)


def make_hop(address=None, *, by="mx.site.example", software=None, client=True, **fields):
    """Make a hop: a client with *address*, and a server *by* with *software*, if any."""
    if client is True:
        client = Client(helo="relay.shop.example", address=address and ip_address(address))
    server = Server(name=by, software=software) if by or software else None
    return Hop(raw="", client=client, server=server, **fields)


@pytest.mark.parametrize("protocol", ["SMTP", "ESMTP", "ESMTPS", "UTF8SMTPS", "ESSMTP", None])
def test_mail_between_two_servers_is_a_relay(protocol):
    """SMTP with both ends is a relay, and so is a line that does not name its protocol."""
    assert find_kind(make_hop("81.2.69.144", protocol=protocol)) is Kind.RELAY


def test_exchange_relays_by_a_word_of_its_own():
    """`Microsoft SMTP Server` is SMTP."""
    hop = make_hop("81.2.69.144", software="Exchange", protocol="Microsoft SMTP Server")

    assert find_kind(hop) is Kind.RELAY


@pytest.mark.parametrize("protocol", ["bizsmtp", "ME", "comcast", "ngmta", "toString", ""])
def test_house_word_is_a_relay(protocol):
    """A word that no table knows does not hide a connection."""
    assert find_kind(make_hop("81.2.69.144", protocol=protocol)) is Kind.RELAY


@pytest.mark.parametrize(
    ("software", "protocol", "fields", "expected"),
    [
        ("Exim 4.93", "sa-scanned", {}, Kind.FILTER),
        ("Exim 4.93", "sa-scanned", {"address": "127.0.0.1"}, Kind.FILTER),
        # -oMa keeps the address of whom the program had it from
        ("Exim 4.93", "sa-scanned", {"address": "81.2.69.144"}, Kind.RELAY),
        ("Exim 4.93", "ESMTP", {}, Kind.RELAY),
        ("Exim 4.93", None, {}, Kind.RELAY),
        ("Postfix", "sa-scanned", {}, Kind.RELAY),
        (None, "sa-scanned", {}, Kind.RELAY),
        # a line that was not read clearly may have its word from the client
        ("Exim 4.93", "sa-scanned", {"defects": (ODD,)}, Kind.RELAY),
    ],
)
def test_word_that_a_program_gave_to_exim_is_a_filters(software, protocol, fields, expected):
    """`-oMr` is for trusted local programs, which hand a message back."""
    assert find_kind(make_hop(software=software, protocol=protocol, **fields)) is expected


@pytest.mark.parametrize("protocol", ["ESMTPSA", "ESMTPA", "ASMTP", "SMTP", None])
def test_authenticated_client_submits(protocol):
    """Whoever logged in is a user, not a relay, by whatever word or comment it is told."""
    hop = make_hop("81.2.69.144", protocol=protocol, auth=Auth())

    assert find_kind(hop) is Kind.SUBMISSION


def test_authenticated_client_without_address_submits():
    """A user whose address the server hides, as chasquid does, submits nevertheless."""
    hop = make_hop(software="chasquid", protocol="ESMTPSA", auth=Auth())

    assert find_kind(hop) is Kind.SUBMISSION


@pytest.mark.parametrize("software", ["OpenSMTPD", "OpenSMTPD 7.9"])
def test_word_of_authentication_proves_nothing_for_a_local_program(software):
    """OpenSMTPD writes ESMTPA for the programs of its own machine."""
    hop = make_hop(software=software, protocol="ESMTPA", auth=Auth())

    assert find_kind(hop) is Kind.RELAY


def test_word_of_authentication_counts_for_a_client_of_the_network():
    """OpenSMTPD writes ESMTPA for users on the network, too."""
    hop = make_hop("81.2.69.144", software="OpenSMTPD", protocol="ESMTPA", auth=Auth())

    assert find_kind(hop) is Kind.SUBMISSION


def test_authentication_in_lmtp_is_no_submission():
    """Cyrus says LMTPA to whoever it was started for."""
    hop = make_hop("10.1.2.3", software="Cyrus 3.6.1", protocol="LMTPA", auth=Auth())

    assert find_kind(hop) is Kind.DELIVERY


@pytest.mark.parametrize("protocol", ["SMTP", "ESMTP", "HTTP", "ESMTPA", "LMTP", None])
def test_line_without_client_is_a_note(protocol):
    """`by HOST with SMTP id ID`: a server speaks of itself."""
    assert find_kind(make_hop(client=None, protocol=protocol)) is Kind.NOTE


def test_line_without_clauses_is_a_note():
    """`(qmail 975 invoked by uid 0)` is a note, and so is what is no trace line."""
    qmail = make_hop(
        by=None, software="qmail", client=None, comments=("qmail 975 invoked by uid 0",)
    )

    assert find_kind(qmail) is Kind.NOTE
    assert find_kind(Hop(raw="(uid 0)", comments=("uid 0",))) is Kind.NOTE
    assert find_kind(Hop(raw="whatever", unparsed=("whatever",))) is Kind.NOTE


@pytest.mark.parametrize("software", [None, "Oracle Messaging Server 8.0.1"])
def test_line_cut_before_by_is_a_note(software):
    """One end makes no connection that anybody could be alarmed about."""
    assert find_kind(make_hop("81.2.69.144", by=None, software=software)) is Kind.NOTE


def test_line_of_a_product_without_host_name_has_two_ends():
    """`by (Postfix) with ESMTPA` names its server, if badly."""
    hop = make_hop("81.2.69.144", by=None, software="Postfix", protocol="ESMTPA", auth=Auth())

    assert find_kind(hop) is Kind.SUBMISSION


def test_address_stands_for_a_server_name():
    """A `by` clause may hold an address alone."""
    server = Server(address=ip_address("81.2.69.144"))

    assert find_kind(Hop(raw="", client=Client(helo="a"), server=server)) is Kind.RELAY


@pytest.mark.parametrize(
    "comment",
    [
        "Postfix, from userid 33",
        "8.15.2/8.15.2/Submit",
        "from root@localhost",
        "[unix socket]",
        "unix socket",
        "mx.site.example [unix socket]",
        "[UNIX: localhost]",
        "[[UNIX: localhost]]",
        "mx.site.example [local]",
        "[local]",
        "mail pickup service",
        "uid 1000",
    ],
)
@pytest.mark.parametrize("client", [None, Client(), Client(helo="localhost")])
def test_comment_tells_of_local_mail(comment, client):
    """Mail of a local user or socket is known by the comment, with and without a client."""
    hop = make_hop(client=client, protocol="ESMTPA", auth=Auth(), comments=(comment,))

    assert find_kind(hop) is Kind.LOCAL


def test_comment_of_local_mail_beside_loopback():
    """Courier notes the user beside the loopback address."""
    assert find_kind(make_hop("127.0.0.1", comments=("uid 1000",))) is Kind.LOCAL


@pytest.mark.parametrize("address", ["81.2.69.144", "10.1.2.3", "2a02:d140::1"])
def test_comment_of_local_mail_is_void_beside_a_peer(address):
    """A client that writes `(unix socket)` into its HELO does not vanish from the network."""
    hop = make_hop(address, protocol="ESMTP", comments=("unix socket",))

    assert find_kind(hop) is Kind.RELAY


@pytest.mark.parametrize("protocol", ["local", "LOCAL", "local-esmtp", "local-bsmtp", "internal"])
@pytest.mark.parametrize("client", [None, Client(), Client(helo="app.site.example")])
def test_word_tells_of_local_mail(protocol, client):
    """`with local` is local with and without a client."""
    assert find_kind(make_hop(client=client, protocol=protocol)) is Kind.LOCAL


@pytest.mark.parametrize("client", [None, Client()])
def test_pickup_by_iis_is_local(client):
    """IIS finds mail in a folder, and then its line names no client."""
    hop = make_hop(client=client, software="Microsoft SMTPSVC", protocol="Microsoft SMTPSVC")

    assert find_kind(hop) is Kind.LOCAL


@pytest.mark.parametrize(
    "client",
    [
        Client(helo="a.example"),
        Client(rdns="a.example"),
        Client(address=ip_address("81.2.69.144")),
    ],
)
def test_relay_by_iis_is_a_relay(client):
    """IIS with any client relays."""
    assert find_kind(make_hop(client=client, protocol="Microsoft SMTPSVC")) is Kind.RELAY


def test_command_line_agent_is_local():
    """An agent that takes mail from local users only is local, bounces of its own included."""
    hop = make_hop(client=Client(), software="DragonFly Mail Agent 0.13")

    assert find_kind(hop) is Kind.LOCAL


@pytest.mark.parametrize("protocol", ["mapi", "MailboxResubmission"])
def test_mailbox_word_is_a_store(protocol):
    """Mail that leaves a mailbox inside Exchange."""
    assert find_kind(make_hop("fe80::1", software="Exchange", protocol=protocol)) is Kind.STORE


def test_last_step_of_exchange_is_a_store():
    """`via Mailbox Transport` is the way into the mailbox."""
    hop = make_hop("10.1.2.3", protocol="Microsoft SMTP Server", via="Mailbox Transport")

    assert find_kind(hop) is Kind.STORE


@pytest.mark.parametrize("protocol", ["HTTP", "HTTPS"])
def test_http_inside_exchange_is_a_store(protocol):
    """Exchange Online hands over by HTTPS, and so does Exchange at a site, told by its build."""
    online = make_hop("::1", by="PH7PR19MB6500.namprd19.prod.outlook.com", protocol=protocol)
    site = make_hop("10.1.2.3", protocol=protocol, id="15.1.2507.39")

    assert [find_kind(online), find_kind(site)] == [Kind.STORE, Kind.STORE]


@pytest.mark.parametrize(
    ("protocol", "fields"),
    [
        ("HTTP", {}),
        ("HTTPS", {}),
        ("HTTPS", {"id": "4.1.2"}),
        ("HTTP/1.1", {}),
        ("HTTPREST", {}),
        ("REST", {}),
        ("DAV", {}),
        (None, {"via": "HTTP"}),
        (None, {"comments": ("via HTTP",)}),
        (None, {"software": "SquirrelMail"}),
        ("ESMTP", {"software": "Horde Framework"}),
    ],
)
def test_browser_or_interface_is_web(protocol, fields):
    """Mail written in a browser or handed to an interface did not come by SMTP."""
    assert find_kind(make_hop("81.2.69.144", protocol=protocol, **fields)) is Kind.WEB


def test_comment_of_the_web_is_void_beside_a_protocol():
    """A HELO that holds `(via HTTP)` makes no web page of an SMTP session."""
    hop = make_hop("81.2.69.144", protocol="ESMTP", comments=("via HTTP",))

    assert find_kind(hop) is Kind.RELAY


@pytest.mark.parametrize("protocol", ["LMTP", "LMTPS", "LMTPSA", "UTF8LMTPS", "ELMTP"])
def test_lmtp_is_a_delivery(protocol):
    """The leg to the mailbox."""
    assert find_kind(make_hop("10.1.2.3", protocol=protocol)) is Kind.DELIVERY


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("127.0.0.1", {"software": "amavisd-new"}),
        ("81.2.69.144", {"software": "amavisd-new"}),
        (None, {"software": "amavis 2.13"}),
        ("127.0.0.1", {"software": "UOL-patch-amavisd-new, port 10024"}),
        ("127.0.0.1", {"software": "eXpurgate MTA 0.9.1"}),
        ("81.2.69.144", {"protocol": "qmail-scanner-2.05"}),
        (None, {"protocol": "spam-scanned"}),
        ("127.0.0.1", {"by": "localhost"}),
        ("::1", {"by": "LOCALHOST"}),
        ("10.1.2.3", {"by": "localhost.localdomain"}),
    ],
)
def test_content_filter_is_a_filter(address, fields):
    """A filter is known by its product, its word, or by calling itself `localhost`."""
    assert find_kind(make_hop(address, **({"protocol": "ESMTP"} | fields))) is Kind.FILTER


@pytest.mark.parametrize("address", ["81.2.69.144", None])
def test_server_called_localhost_on_the_internet_is_no_filter(address):
    """A server that does not know its own name still takes mail from the internet."""
    assert find_kind(make_hop(address, by="localhost", protocol="ESMTP")) is Kind.RELAY


@pytest.mark.parametrize(
    ("protocol", "software"),
    [
        ("POP3", "fetchmail 6.4.37"),
        ("IMAP4-SSL", "getmail6"),
        ("POP3", None),
        ("DomainPOP", "MDaemon 11"),
        ("ETRN", None),
        (None, "fdm 1.9"),
    ],
)
@pytest.mark.parametrize("client", [None, Client(helo="pop.isp.example")])
def test_fetched_mail_is_a_retrieval(protocol, software, client):
    """Mail fetched from a mailbox, with and without naming the mailbox's host."""
    hop = make_hop(client=client, protocol=protocol, software=software)

    assert find_kind(hop) is Kind.RETRIEVAL


@pytest.mark.parametrize(
    ("protocol", "via"),
    [
        ("QMQP", None),
        ("NNFMP", None),
        ("UUCP", None),
        ("spool", None),
        ("ECSTREAM", None),
        (None, "UUCP"),
    ],
)
def test_other_protocol_is_other(protocol, via):
    """Not SMTP."""
    assert find_kind(make_hop("81.2.69.144", protocol=protocol, via=via)) is Kind.OTHER


@pytest.mark.parametrize("client", [None, Client(helo="vger.site.example")])
def test_list_expansion_is_a_list(client):
    """Where a list sends a message anew."""
    alias = make_hop(client=client, via="listexpand")
    word = make_hop(client=client, protocol="outflank-mailman.42")

    assert [find_kind(alias), find_kind(word)] == [Kind.LIST, Kind.LIST]


@pytest.mark.parametrize("table", [FAMILY_PRODUCTS, FAMILY_LINKS, STRONG_LINKS])
def test_tables_of_words_hold_each_word_once_in_lower_case(table):
    """A word in capitals would never be found, one that stands twice would hide a row."""
    words = [word for _, row in table for word in row]

    assert words == [word.lower() for word in words]
    assert len(words) == len(set(words))


def test_rules_have_names_of_their_own():
    """A rule can be told by its name."""
    names = [rule.name for rule in RULES]

    assert len(names) == len(set(names))
