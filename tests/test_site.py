"""What a caller declares of the own servers, and what it changes."""

import re
from ipaddress import ip_address, ip_network
from time import process_time

import pytest
from pydantic import ValidationError

from headertls import (
    Hop,
    LiveConnection,
    Marking,
    Policy,
    Server,
    Site,
    Trust,
    analyze,
    format_site,
    parse_received,
    read_policy,
    read_site,
)
from headertls.classifier.ground import survey
from judging import DATE, read_message, trusts

STORE = (
    "from mx.site.example (mx.site.example [81.2.69.150]) by store.site.example (Postfix)"
    " with ESMTPS id 2"
)
ENTRY = "from a.example (a.example [81.2.69.144]) by mx.site.example (Postfix) with ESMTP id 1"
CLAIM = "from b.example (b.example [81.2.69.160]) by a.example (Postfix) with ESMTPS id 0"


def view(hop):
    """Give what a verdict says of the connection."""
    verdict = hop.verdict
    return verdict.scope.value, verdict.transport.value, verdict.rule


def test_declared_hosts_are_own():
    """Lines by the named hosts, and by those below them, are own; the boundary is told."""
    trace = read_message(STORE, ENTRY, CLAIM, site=Site(hosts=["site.example"]))

    assert trusts(trace) == ["own", "boundary", "claim"]
    assert not trace.boundary_inferred
    assert trace.headline.value == "entered_plaintext"


def test_only_declared_hosts_are_own():
    """A neighbour under the same domain that is not declared is outside."""
    trace = read_message(STORE, ENTRY, CLAIM, site=Site(hosts=["store.site.example"]))

    assert trusts(trace) == ["boundary", "claim", "claim"]


def test_lines_of_others_are_claims():
    """If no own server wrote the newest line, nothing can be believed."""
    trace = read_message(STORE, ENTRY, site=Site(hosts=["other.example"]))

    assert trusts(trace) == ["claim", "claim"]
    assert trace.entry is None
    assert trace.headline.value == "entered_not_recorded"
    assert trace.trusted_counts.model_dump() == dict.fromkeys(
        ("encrypted", "plaintext", "not_recorded", "not_applicable"), 0
    )


def test_declared_networks_are_inside():
    """A client with an own address is inside, and no public hop."""
    site = Site(hosts=["store.site.example"], networks=["81.2.69.150/31"])
    trace = read_message(STORE, ENTRY, site=site)

    assert trusts(trace) == ["own", "boundary"]
    assert trace.hops[1].verdict.scope.value == "organization"


def test_writer_told_by_its_address():
    """A line by an address literal of the own networks is own."""
    site = Site(hosts=["x.example"], networks=["192.0.2.0/24", "2001:db8::/32"])
    lines = [
        "from a.example ([81.2.69.144]) by 192.0.2.7 with ESMTPS id 1",
        "from a.example ([81.2.69.144]) by mx ([2001:db8::7]) with ESMTPS id 1",
        "from a.example ([81.2.69.144]) by 192.0.3.7 with ESMTPS id 1",
        "from a.example ([81.2.69.144]) by mx with ESMTPS id 1",
    ]

    assert [["boundary"], ["boundary"], ["claim"], ["claim"]] == [
        trusts(read_message(line, site=site)) for line in lines
    ]


def test_addresses_are_learnt():
    """What an own line says of a server's address holds for the lines below."""
    trace = read_message(
        "from mx.site.example ([10.0.0.5]) by store.site.example (Postfix) with LMTP id 3",
        "from filter.example (unknown [81.2.69.150]) by mx.site.example (Postfix) with ESMTPS id 2",
        "from mx.site.example ([10.0.0.5]) by filter.site.example ([81.2.69.150]) with ESMTP id 1",
        site=Site(hosts=["site.example"], networks=["81.2.69.150"]),
    )

    assert trusts(trace) == ["own", "own", "own"]


def test_site_without_hosts_leaves_the_boundary_inferred():
    """Who declares terminators or writers only has not said which servers are own."""
    trace = read_message(ENTRY, CLAIM, site=Site(tls_terminators=["mx.site.example"]))

    assert trusts(trace) == ["boundary", "claim"]
    assert trace.boundary_inferred


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("mx.site.example", ("public", "not_recorded", "tls-terminator")),
        ("site.example", ("public", "not_recorded", "tls-terminator")),
        ("81.2.69.144", ("proxied", "not_recorded", "tls-terminator")),
        ("81.2.69.0/24", ("proxied", "not_recorded", "tls-terminator")),
        ("other.example", ("public", "plaintext", "writer-marks-tls")),
    ],
)
def test_tls_ends_before_the_server(entry, expected):
    """Behind a proxy that ends TLS, silence says nothing."""
    trace = read_message(ENTRY, site=Site(hosts=["mx.site.example"], tls_terminators=[entry]))

    assert expected == view(trace.hops[0])
    assert trusts(trace) == ["boundary"]


def test_behind_a_terminator_everybody_is_a_stranger():
    """The proxy's address vouches for nobody, even where it is an own one."""
    site = Site(hosts=["site.example"], networks=["81.2.69.144"], tls_terminators=["81.2.69.144"])
    forged = "from x.example ([81.2.69.160]) by a.example (Postfix) with ESMTPS id 0"

    assert trusts(read_message(ENTRY, forged, site=site)) == ["boundary", "claim"]


def test_evidence_beats_a_terminator():
    """What a line says of TLS stays what it says."""
    line = ENTRY.replace("ESMTP", "ESMTPS")

    assert view(read_message(line, site=Site(tls_terminators=["mx.site.example"])).hops[0]) == (
        "public",
        "encrypted",
        "tls-keyword",
    )


@pytest.mark.parametrize(
    ("writers", "expected"),
    [
        ({"mx.site.example": "never"}, ("public", "not_recorded", "silent-writer")),
        ({"site.example": "likely"}, ("public", "plaintext", "writer-likely-marks-tls")),
        ({"Postfix": "never"}, ("public", "not_recorded", "silent-writer")),
        ({"sendmail": "never"}, ("public", "plaintext", "writer-marks-tls")),
        # the host is nearer than the product
        (
            {"postfix": "never", "mx.site.example": "always"},
            ("public", "plaintext", "writer-marks-tls"),
        ),
    ],
)
def test_declared_writers(writers, expected):
    """What is known of the own servers' marks comes before the table of products."""
    assert expected == view(read_message(ENTRY, site=Site(writers=writers)).hops[0])


def test_writer_without_product_or_name():
    """Nothing is declared of a writer that is not named."""
    ground = survey(Site(writers={"Postfix": "never"}))

    assert ground.find_marking(Hop(raw="")) is None
    assert ground.find_marking(Hop(raw="", server=Server(name="mx.example"))) is None
    assert ground.find_marking(Hop(raw="", server=Server(software="Postfix"))) == (
        "Postfix",
        Marking.NEVER,
    )


def test_senders_that_always_encrypt():
    """Plaintext from one of them, by its verified name, is out of character."""
    trace = read_message(ENTRY, site=Site(encrypted_senders=["a.example"]))
    other = read_message(ENTRY, site=Site(encrypted_senders=["b.example"]))

    assert [f.code.value for f in trace.findings] == [
        "plaintext-public-hop",
        "plaintext-out-of-character",
    ]
    assert [f.code.value for f in other.findings] == ["plaintext-public-hop"]


def test_retrieval_leaves_the_site():
    """Below a fetched mailbox others' servers wrote, so the boundary is inferred again."""
    trace = read_message(
        "from pop.shop.example ([81.2.69.150]) by mx.site.example with POP3 (fetchmail-6.4.37)",
        "from c.example (c.example [81.2.69.144]) by pop.shop.example (Postfix) with ESMTP id 1",
        site=Site(hosts=["site.example"]),
    )

    assert trusts(trace) == ["own", "boundary"]
    assert trace.boundary_inferred


def test_note_above_an_own_line():
    """A server's note names no writer and goes with its neighbours."""
    trace = analyze(
        f"Received: (qmail 975 invoked from network){DATE}\nReceived: {ENTRY}{DATE}\n".encode(),
        site=Site(hosts=["site.example"]),
    )

    assert [hop.verdict.trust for hop in trace] == [Trust.BOUNDARY, Trust.OWN]


def test_addresses_and_names_of_a_site():
    """Names are compared without case and root dot, addresses by their family."""
    ground = survey(Site(hosts=["Site.Example."], networks=["192.0.2.0/24"], authserv_ids=["MX"]))

    assert ground.is_own_host("mx.SITE.example")
    assert not ground.is_own_host("mysite.example")
    assert ground.is_own_address(ip_address("192.0.2.9"))
    assert not ground.is_own_address(ip_address("2001:db8::1"))
    assert ground.authserv_ids == {"mx"}


def test_site_is_checked():
    """What cannot be a network or a marking is an error of the caller's."""
    for wrong in (
        {"networks": ["10.0.0.1/8"]},
        {"writers": {"a": "maybe"}},
        {"host": ["a"]},
        *(
            {"hosts": [name]}
            for name in ("", ".", "*", "a b", "https://a.example", "ann@a.example")
        ),
        *({"hosts": [name]} for name in ("ex..le", "a.ex*le", f"{'x' * 64}.example", "a." * 128)),
        {"hosts": ["\ue000.example"]},
        *({"networks": [entry]} for entry in (1, True, "", "x", "fe80::1%eth0", b"10.0.0.1")),
        *({"authserv_ids": [name]} for name in ("", " ", "a b", "a\nb", "a;b", '"a"', 1)),
        *({"writers": table} for table in (1, True, "ab", {"": "never"}, [["a"]], {"a": 1})),
        {"tls_terminators": ["81.2.69.144/24"]},
        {"encrypted_senders": ["a/b"]},
    ):
        with pytest.raises(ValidationError):
            Site.model_validate(wrong)
    assert Site(writers=[("a", "never")]) == Site(writers={"a": "never"})


@pytest.mark.parametrize(
    "entry", ["192.0.2.0/24", ip_network("192.0.2.0/24"), " 192.0.2.0/255.255.255.0 "]
)
def test_forms_of_a_network(entry):
    """Text, with blanks or a mask, and what the standard library makes of it; addresses, too."""
    assert Site(networks=[entry]).networks == (ip_network("192.0.2.0/24"),)
    assert Site(networks=[ip_address("192.0.2.1")]).networks == (ip_network("192.0.2.1"),)


@pytest.mark.parametrize("value", [True, "60", "x", -1, float("nan"), None])
def test_seconds_are_numbers(value):
    """A truth value or a text is no time, and neither is one before its beginning."""
    for field in ("long_delay", "clock_skew"):
        with pytest.raises(ValidationError):
            Policy.model_validate({field: value})
    assert Policy(long_delay=60, clock_skew=float("inf")).long_delay == 60.0


def test_numbers_of_a_connection_are_numbers():
    """`True` is no port, and no number of bits."""
    for field in ("port", "bits"):
        with pytest.raises(ValidationError, match="a number is needed"):
            LiveConnection.model_validate({field: True})
    assert LiveConnection(port=25, bits=256).port == 25


def test_site_round_trip():
    """A site survives JSON and has a hash."""
    site = Site(hosts=["a.example"], networks=["192.0.2.0/24"], writers={"a": "never"})

    assert Site.model_validate_json(site.model_dump_json()) == site
    assert hash(site) == hash(site.model_copy())
    assert site.networks == (ip_network("192.0.2.0/24"),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('hosts = ["a.example", "ex..le"]', "hosts, entry 2: 'ex..le' is no host name such as mx"),
        ('hosts = ["\\u0000"]', r"hosts, entry 1: '\x00' is no host name such as mx"),
        ("hosts = [1]", "hosts, entry 1: should be a text, in quotes"),
        ("networks = [1]", "networks, entry 1: 1 is no network such as '192.0.2.0/24'"),
        ('networks = ["10.0.0.1/8"]', "'10.0.0.1/8' is an address within the network 10.0.0.0/8"),
        ('tls_terminators = ["10.0.0.1/8"]', "an address within the network 10.0.0.0/8"),
        ('authserv_ids = ["a b"]', "authserv_ids, entry 1: 'a b' is no authserv-id such as mx"),
        ("writers = 1", "writers: should be a table: a line NAME = VALUE for each"),
        ('[writers]\n"mx" = 1', "writers.mx: 1 should be 'always', 'likely' or 'never'"),
        ('[writers]\nmx.a.example = "never"', "writers: mx: a name with dots has to stand in quo"),
        ('[writers]\n"" = "never"', "writers.: '' is neither a host nor a product"),
        ('writers = [["a"]]', "writers, entry 1: Field required"),
    ],
)
def test_mistakes_in_a_site(text, told, tmp_path):
    """The key is named, and what it should hold, and nothing is told twice."""
    (tmp_path / "site.toml").write_text(text)
    with pytest.raises(ValueError, match=re.escape(told)) as error:
        read_site(tmp_path / "site.toml")
    assert ";" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("long_delay = true", "long_delay: should be a number of seconds"),
        ('clock_skew = "60"', "clock_skew: should be a number of seconds"),
        ("clock_skew = -1", "clock_skew: should be 0 or more"),
        ("severities = 1", "severities: should be a table"),
        ('[severities]\n"long-delay" = "x"', "severities.long-delay: 'x' should be 'info', "),
        ('ignored = ["x"]', "ignored, entry 1: 'x' should be 'plaintext-public-hop', "),
        ("profile = 1", "profile: 1 should be 'default', "),
    ],
)
def test_mistakes_in_a_policy(text, told, tmp_path):
    """So are those of a policy."""
    (tmp_path / "policy.toml").write_text(text)
    with pytest.raises(ValueError, match=re.escape(told)):
        read_policy(tmp_path / "policy.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a." * 100_000 + "a = 1", "a key has more than 64 parts"),
        ('"a" . ' * 100_000 + "a = 1", "a key has more than 64 parts"),
        ("[" + "'a'." * 100_000 + "a]", "a key has more than 64 parts"),
        ("#" * 5_000_000, "is longer than 4,194,304 characters"),
        ("hosts = " + "[" * 100_000, "nested too deeply"),
        ("a" * 4_000_000, "Expected '='"),
    ],
)
def test_file_that_would_take_long(text, told, tmp_path):
    """What tomllib would take minutes for is refused at once."""
    (tmp_path / "site.toml").write_text(text)
    start = process_time()
    with pytest.raises(ValueError, match=told):
        read_site(tmp_path / "site.toml")
    assert process_time() - start < 20


def test_long_lists_are_read(tmp_path):
    """A site of many senders on one line, of many labels, is no such file."""
    names = tuple(f"{number}.{'a.' * 40}example" for number in range(10_000))
    (tmp_path / "site.toml").write_text(format_site(Site(encrypted_senders=names)))

    assert read_site(tmp_path / "site.toml").encrypted_senders == names


def test_files(tmp_path):
    """Site and policy are read from TOML; what they do not have is an error."""
    path = tmp_path / "site.toml"
    path.write_text('hosts = ["mx.site.example"]\n[writers]\nPostfix = "never"\n')
    assert read_site(path) == Site(hosts=["mx.site.example"], writers={"Postfix": "never"})
    with pytest.raises(ValueError, match="hosts"):
        read_policy(path)
    path.write_text('profile = "iana"\n[severities]\n"long-delay" = "low"\n')
    assert read_policy(path) == Policy(profile="iana", severities={"long-delay": "low"})
    path.write_text('hosts = ["mx.site.example"]\n', encoding="utf-8-sig")
    assert read_site(path) == Site(hosts=["mx.site.example"])
    path.write_text("hosts = " + "[" * 100_000)
    with pytest.raises(ValueError, match="nested"):
        read_site(path)
    path.write_text("profile = ")
    with pytest.raises(ValueError, match="Invalid"):
        read_policy(str(path))
    with pytest.raises(FileNotFoundError):
        read_site(tmp_path / "none.toml")


def test_one_hop_with_a_site():
    """Facts of a line do not depend on who reads it."""
    assert parse_received(ENTRY + DATE).verdict is None


@pytest.mark.parametrize(
    "name", ["site.example", "*.site.example", ".site.example", " Site.Example. ", "site.example."]
)
def test_spellings_of_a_domain(name):
    """A wildcard, a leading dot, blanks and the root dot are understood."""
    assert Site(hosts=[name]).hosts == ("site.example",)


def test_names_beyond_ascii():
    """The two forms of an internationalized name are one."""
    for declared, written in (
        ("münchen", "xn--mnchen-3ya"),
        ("xn--mnchen-3ya", "münchen"),
    ):
        assert survey(Site(hosts=[f"{declared}.example"])).is_own_host(f"mx.{written}.example")
    assert not survey(Site(hosts=["site.example"])).is_own_host("ü" * 70 + ".example")


def test_mapped_networks():
    """IPv4-mapped networks are those of the addresses that they map."""
    ground = survey(Site(networks=["::ffff:81.2.69.0/120"], tls_terminators=["::ffff:10.0.0.1"]))

    assert ground.is_own_address(ip_address("81.2.69.9"))
    assert not ground.is_own_address(ip_address("81.2.70.9"))
    assert ground.is_terminator(ip_address("10.0.0.1"))


def test_site_that_matches_nothing_is_told_of():
    """A slip in the names would silence every alarm, so the trace has a defect."""
    trace = read_message(ENTRY, site=Site(hosts=["other.example"]))

    assert [(d.kind.value, d.text) for d in trace.defects] == [("no-own-line", "mx.site.example")]
    assert read_message(ENTRY, site=Site(hosts=["mx.site.example"])).defects == ()
    nameless = "from a.example (a.example [81.2.69.144]) with ESMTP id 1"
    assert read_message(nameless, site=Site(hosts=["mx.site.example"])).defects[0].text == ""
