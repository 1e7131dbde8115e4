"""Mail operators, by address, by host, and by verified reverse name."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from importlib.resources import files
from ipaddress import ip_address, ip_network
from itertools import combinations

import pytest

from headertls.net import operators
from headertls.net.domains import find_registrable_domain
from headertls.net.operators import (
    find_operator,
    find_operator_of_address,
    find_operator_of_client,
    find_operator_of_host,
    is_foreign,
    list_operators,
)
from headertls.net.scope import Reach, find_reach

ROWS = list_operators()
PROOFS = [(ip_network(found.prefix), row.name) for row in ROWS for found in row.ranges]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("40.92.18.1", "Microsoft"),
        ("40.107.71.9", "Microsoft"),
        ("52.100.3.2", "Microsoft"),
        ("52.102.1.1", "Microsoft"),
        ("52.103.127.255", "Microsoft"),
        ("52.103.192.9", "Microsoft"),
        ("40.95.21.9", "Microsoft"),
        ("104.47.127.255", "Microsoft"),
        ("2603:10a6:10:77::31", "Microsoft"),
        ("2603:10b6:408:77::31", "Microsoft"),
        ("2a01:111:f403:c111::1", "Microsoft"),
        ("209.85.220.65", "Google"),
        ("2607:f8b0:4864:20::65", "Google"),
        ("2002:a05:6808:1::1", "Google"),
        ("17.58.23.4", "Apple"),
        ("185.70.43.9", "Proton"),
        ("212.227.17.9", "GMX"),
        ("54.240.11.9", "Amazon SES"),
        ("167.89.26.9", "SendGrid"),
        ("198.61.254.9", "Mailgun"),
        ("198.2.177.9", "Mailchimp"),
        ("50.31.205.9", "Postmark"),
    ],
)
def test_mail_address_tells_its_operator(address, expected):
    """Networks from which only the operator can speak are its own."""
    assert expected == find_operator_of_address(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        # tenants of Azure, Google Cloud, Amazon, Oracle, OVH, Linode, DigitalOcean
        "20.25.87.156",
        "40.71.1.1",
        "40.76.1.1",
        "13.94.1.1",
        "52.104.0.0",
        "104.47.128.0",
        "2603:1020:1::1",
        "3.5.140.1",
        "18.204.106.1",
        "54.239.255.255",
        "54.241.0.0",
        "147.154.1.1",
        "51.77.22.1",
        "45.79.193.1",
        "137.184.34.1",
        # a part of the block that holds other services than the sending of mail
        "2a01:111:f403:a000::1",
        # rented servers beside the mail hosts of 1&1
        "212.227.17.32",
        "212.227.126.127",
        "82.165.1.1",
        "34.90.1.1",
        "35.191.0.1",
        "2600:1900:4000::1",
        "34.230.177.131",
        "81.2.69.144",
        "10.5.101.28",
    ],
)
def test_cloud_address_tells_no_operator(address):
    """A machine that anybody can rent is no proof of who speaks."""
    assert find_operator_of_address(ip_address(address)) is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("BN7PR04CA0011.namprd04.prod.outlook.com", "Microsoft"),
        ("BN8NAM11FT066.mail.protection.OUTLOOK.COM.", "Microsoft"),
        ("VI1P123CA0042.outlook.office365.com", "Microsoft"),
        ("outlook.com", "Microsoft"),
        ("mx.google.com", "Google"),
        ("2002:a05:6808:1::1", "Google"),
        ("mx01.mail.icloud.com", "Apple"),
        ("209.85.220.65", "Google"),
        ("mta9999.mail.zz9.yahoo.com", "Yahoo"),
        ("mtain-zz99.r9999.mx.aol.com", "Yahoo"),
        ("mout.gmx.net", "GMX"),
        ("mout.web.de", "GMX"),
        ("mx.kundenserver.de", "GMX"),
        ("mout.kundenserver.de", "GMX"),
        ("a99-9.smtp-out.us-west-9.amazonses.com", "Amazon SES"),
        ("mailin999.protonmail.ch", "Proton"),
        ("out5-smtp.messagingengine.com", "Fastmail"),
        ("forward99x.mail.yandex.net", "Yandex"),
        ("mx0a-00000000.pphosted.com", "Proofpoint"),
    ],
)
def test_host_tells_its_operator(host, expected):
    """A host counts by its domain, an address in a host's place by its network."""
    assert expected == find_operator_of_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "myoutlook.com",
        "outlook.com.site.example",
        "google.example",
        "com",
        "",
        "10.1.2.3",
        "1.2.3.4.5",
        "999.1.1.1",
        # other companies
        "mail.yahoo.co.jp",
        "mx.yahoo.com.site.example",
        "relay.9yahoo.com",
        "yahoo.com..",
        # machines, sites and lines of customers
        "ec2-203-0-113-7.compute-1.amazonaws.com",
        "inbound-smtp.us-west-2.amazonaws.com",
        "1.2.3.34.bc.googleusercontent.com",
        "tenant.onmicrosoft.com",
        "tenant.cloudapp.azure.com",
        "s12345.kundenserver.de",
        "kundenserver.de",
        "amx.kundenserver.de",
        "ac8f1234.ipt.aol.com",
        "vm.yandex.net",
        "mail.ru",
    ],
)
def test_host_of_nobody_known_tells_no_operator(host):
    """A name that merely holds an operator's is not its."""
    assert find_operator_of_host(host) is None


@pytest.mark.parametrize(
    ("address", "name", "expected"),
    [
        ("209.85.220.65", None, "Google"),
        ("81.2.69.144", None, None),
        (None, None, None),
        # confirmed by the reverse name alone
        ("66.163.190.1", "sonic1.mail.ne1.yahoo.com", "Yahoo"),
        (None, "mout.web.de", "GMX"),
        ("81.2.69.144", "mail.site.example", None),
        # customers give the addresses of sending platforms names of their own
        ("167.89.26.9", "o1.shop.example", "SendGrid"),
        # the address is the stronger proof
        ("17.58.23.4", "mx.google.com", "Apple"),
        # no name at all
        ("81.2.69.144", "209.85.220.65", None),
    ],
)
def test_client_is_proven(address, name, expected):
    """An address in the ranges or a verified name proves an operator, and nothing else does."""
    client = ip_address(address) if address else None

    assert expected == find_operator_of_client(client, name)


@pytest.mark.parametrize(
    ("address", "operator", "expected"),
    [
        ("20.25.87.156", "Microsoft", True),
        ("103.240.1.1", "Microsoft", True),
        ("2a02:2e0::1", "Microsoft", True),
        ("40.107.71.9", "Microsoft", False),
        # may be its, though it proves nothing
        ("65.55.116.1", "Microsoft", False),
        ("2603:1036:30c::5", "Microsoft", False),
        ("2a01:111:f403:a000::1", "Microsoft", False),
        ("34.90.1.1", "Google", True),
        ("35.191.0.1", "Google", False),
        ("64.233.160.1", "Google", False),
        # who stands behind cannot be seen
        ("10.1.2.3", "Google", False),
        ("2002:a05:6808:1::1", "Google", False),
        ("2002:808:808::1", "Google", False),
        ("64:ff9b::808:808", "Google", False),
        ("::ffff:10.1.2.3", "Google", False),
        ("192.0.2.1", "Google", False),
        # the ranges are not complete
        ("81.2.69.144", "Yahoo", False),
        ("81.2.69.144", "Amazon SES", False),
    ],
)
def test_foreign_address_is_none_of_the_operator(address, operator, expected):
    """An address is called foreign only where all that the operator speaks from is known."""
    assert expected is is_foreign(ip_address(address), operator)


def test_unknown_operator_is_an_error():
    """Names of operators come from the table, so a wrong one is a mistake of the caller's."""
    with pytest.raises(KeyError):
        find_operator("Nobody")
    with pytest.raises(KeyError):
        is_foreign(ip_address("81.2.69.144"), "Nobody")


def test_row_is_found_by_its_name():
    """Each name that a look-up gives leads to its row, and no two rows share one."""
    assert [row.name for row in ROWS] == [find_operator(row.name).name for row in ROWS]
    assert len(ROWS) == len({row.name for row in ROWS})


def test_claims_about_operators_have_sources():
    """Where a row says that TLS is always used, or that it is complete, it says why."""
    always = {row.name for row in ROWS if row.always_tls}

    assert {"Microsoft", "Google", "Amazon SES", "SendGrid", "Mailgun"} == always
    assert always == {row.name for row in ROWS if row.tls_source}
    assert {"Microsoft", "Google"} == {row.name for row in ROWS if row.complete_ranges}
    assert {"Microsoft", "Google"} == {row.name for row in ROWS if row.complete_source}
    assert all(row.ranges for row in ROWS if row.always_tls or row.complete_ranges)


def test_always_tls_rests_on_lines():
    """All of at least twenty lines by servers that mark both states say TLS."""
    found = [re.search(r"(\d+) of (\d+) lines", row.tls_source) for row in ROWS if row.tls_source]

    assert all(match and match[1] == match[2] and int(match[2]) >= 20 for match in found)


def test_everything_has_a_source_and_a_date():
    """Each row and each range tells where it is from and when it was looked at."""
    entries = [*ROWS, *(found for row in ROWS for found in (*row.ranges, *row.other_ranges))]

    assert all(entry.source for entry in entries)
    assert all(date.fromisoformat(entry.date) for entry in entries)


def test_ranges_were_met_in_lines():
    """A range that no line shows proves nothing, but for the inner names of Gmail."""
    unmet = [
        found.prefix
        for row in ROWS
        for found in row.ranges
        if not re.search(r"seen on [1-9]\d* of \d+ lines", found.source)
    ]

    assert unmet == ["2002:a00::/24"]


def test_domains_are_of_one_operator():
    """No domain stands twice, holds another, or is one under which anybody may register."""
    domains = [domain for row in ROWS for domain in row.domains]

    assert all(row.domains for row in ROWS)
    assert all(domain == domain.lower() and find_registrable_domain(domain) for domain in domains)
    assert [] == [
        (one, other)
        for one, other in combinations(domains, 2)
        if one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
    ]


def test_table_is_narrow():
    """No range takes in more than the largest block that one operator was ever given."""
    wide = [str(net) for net, _ in PROOFS if net.prefixlen < (14 if net.version == 4 else 32)]

    assert {"17.0.0.0/8", "2002:a00::/24"} == set(wide)


def test_ranges_of_operators_do_not_overlap():
    """One address is one operator's at most, and no range is written down twice."""
    overlapping = [
        (one, other)
        for (one, _), (other, _) in combinations(PROOFS, 2)
        if one.version == other.version and one.overlaps(other)
    ]

    assert overlapping == []


def test_ranges_are_public_but_for_the_inner_names_of_gmail():
    """A private network, or one for examples, proves nobody's identity."""
    inner = [
        str(net)
        for net, _ in PROOFS
        for end in (net.network_address, net.broadcast_address)
        if find_reach(end) is not Reach.PUBLIC
    ]

    assert {"2002:a00::/24"} == set(inner)


def test_other_ranges_prove_nothing():
    """Where others may speak, too, no operator is found, except in a narrower range of its own."""
    firsts = [
        ip_network(found.prefix).network_address for row in ROWS for found in row.other_ranges
    ]
    allowed = {None, "Microsoft", "Google"}

    assert firsts
    assert allowed >= {find_operator_of_address(first) for first in firsts}
    assert find_operator_of_address(ip_address("35.191.0.1")) is None


def test_memory_is_bounded():
    """A stream of ever new hosts fills no memory."""
    cached = [value for value in vars(operators).values() if hasattr(value, "cache_parameters")]

    assert len(cached) >= 4
    assert all(found.cache_parameters()["maxsize"] is not None for found in cached)


def test_look_ups_are_remembered():
    """The second question for a host or an address is answered from the cache."""
    for find, key in (
        (find_operator_of_host, "mx.google.com"),
        (operators._find_ipv4_operator, int(ip_address("209.85.220.65"))),  # noqa: SLF001
        (operators._find_ipv6_operator, int(ip_address("2607:f8b0:4864:20::65"))),  # noqa: SLF001
    ):
        find(key)
        hits = find.cache_info().hits
        assert "Google" == find(key)
        assert hits + 1 == find.cache_info().hits


def test_long_host_costs_no_more_than_its_end():
    """Of a name with very many labels only the last ones are looked at."""
    assert "Google" == find_operator_of_host("a." * 100_000 + "google.com")
    assert find_operator_of_host("." * 100_000) is None


def test_threads_may_race_for_the_first_reading():
    """Two threads that both read the file get equal rows."""
    read = operators._read_tables.__wrapped__  # noqa: SLF001
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: read().operators, range(4)))

    assert all(operators == found[0] for operators in found)


def test_import_reads_no_file():
    """The table waits until an operator is asked for."""
    code = (
        "import headertls.net.operators as o; assert o._read_tables.cache_info().currsize == 0;"
        " o.find_operator('Google'); assert o._read_tables.cache_info().currsize == 1"
    )

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode  # noqa: S603


def test_table_is_a_resource_of_the_package():
    """The file comes with the package, and holds ASCII only."""
    data = files("headertls.net") / "data" / "operators.toml"

    assert data.read_text(encoding="ascii").count("[[operator]]") == len(ROWS)
