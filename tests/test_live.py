"""The connection that the caller's server is serving just now."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from headertls import LiveConnection, Site, Trace, analyze
from headertls.parser.live import read_live

DATE = "; Tue, 05 Mar 2024 10:11:12 +0000"
PLAIN = "from a.example (a.example [81.2.69.144]) by mx.site.example (Postfix) with ESMTP id 1"
CLIENT = {"address": "81.2.69.144", "helo": "a.example"}


def read(*lines, live, **settings):
    """Judge lines, newest first, below or together with a live connection."""
    fields = "".join(f"Received: {line}{DATE}\n" for line in lines) or "Subject: none\n"
    return analyze(fields.encode(), live=LiveConnection(**live), **settings)


def view(hop):
    """Give what a verdict says of a connection, and whether it is live."""
    verdict = hop.verdict
    return verdict.trust.value, verdict.transport.value, verdict.rule, hop.live


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, False),
        ({"tls_version": "TLSv1.3"}, True),
        ({"cipher": "TLS_AES_256_GCM_SHA384"}, True),
        ({"tls": True}, True),
        # macros that a milter was not given
        ({"tls_version": "", "cipher": ""}, False),
        *(
            ({"tls_version": word, "cipher": word}, False)
            for word in (" ", "NONE", "(none)", "off")
        ),
        ({"tls": False, "tls_version": "TLSv1.3"}, False),
    ],
)
def test_whether_it_is_encrypted(facts, expected):
    """A version or a cipher means TLS, unless the caller says otherwise."""
    assert expected is LiveConnection(**facts).is_encrypted


def test_mapped_address():
    """An IPv4 client of a socket for both is known by its IPv4 address, as the line has it."""
    live = {"address": "::ffff:81.2.69.144", "server": "mx.site.example"}
    [hop] = read(PLAIN, live=live)

    assert str(hop.client.address) == "81.2.69.144"
    assert hop.live
    assert hop.server.software == "Postfix"


def test_it_stands_above_the_header():
    """Where the server has not written its line yet, the connection is the newest hop."""
    trace = read("from b ([10.0.0.1]) by a.example with ESMTPS id 9", live=CLIENT)

    assert [view(hop) for hop in trace] == [
        ("claim", "encrypted", "tls-keyword", False),
        ("boundary", "plaintext", "live-plaintext", True),
    ]
    assert trace.entry == trace.hops[-1]
    assert trace.entry.raw == ""
    assert trace.headline.value == "entered_plaintext"
    assert not trace.boundary_inferred


def test_message_without_trace():
    """A message straight from a client has no lines at all."""
    trace = read(live={**CLIENT, "tls_version": "TLS1_3", "auth_user": "ann"})

    assert (len(trace), trace.headline.value) == (1, "entered_encrypted")
    assert trace.entry.verdict.kind.value == "submission"
    assert trace.entry.auth.user == "ann"
    assert trace.entry.verdict.grade.value == "modern"


def test_line_that_is_already_there():
    """If the server wrote its line already, both are one hop, and the facts beat the text."""
    live = {**CLIENT, "server": "mx.site.example", "tls_version": "TLSv1.3"}
    trace = read(PLAIN, live=live)
    hop = trace.hops[0]

    assert view(hop) == ("boundary", "encrypted", "live-tls", True)
    assert hop.raw == PLAIN + DATE
    assert [piece.text for piece in hop.verdict.evidence_for] == ["TLSv1.3"]
    assert [piece.text for piece in hop.verdict.evidence_against] == ["ESMTP", "(Postfix)"]


def test_plaintext_beats_a_line_that_says_tls():
    """The running server knows better than what stands in a header."""
    live = {**CLIENT, "server": "mx.site.example"}
    hop = read(PLAIN.replace("ESMTP", "ESMTPS"), live=live).hops[0]

    assert view(hop) == ("boundary", "plaintext", "live-plaintext", True)
    assert [piece.text for piece in hop.verdict.evidence_against] == ["ESMTPS"]


@pytest.mark.parametrize(
    "change",
    [
        {"address": "81.2.69.145"},
        {"helo": "b.example"},
        {"server": "other.example"},
        {"server": None},
    ],
)
def test_another_connection_is_a_hop_of_its_own(change):
    """Address, HELO and server have to agree."""
    live = {**CLIENT, "server": "mx.site.example", **change}

    assert len(read(PLAIN, live=live)) == 2


def test_local_socket():
    """A peer without address is a program on the machine itself."""
    trace = read(PLAIN, live={"server": "mx.site.example"})

    assert trace.hops[-1].verdict.kind.value == "local"
    assert trace.hops[-1].verdict.transport.value == "not_applicable"
    assert trace.hops[-1].verdict.scope.value == "local"
    assert trace.entry == trace.hops[0]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"cipher": "NULL-SHA256"}, "null-suite"),
        ({"cipher": "EXP-RC4-MD5"}, "export-suite"),
    ],
)
def test_session_that_does_not_encrypt(facts, rule):
    """It is as good as plaintext, whoever tells of it, and what tells of it speaks for that."""
    trace = read(live={**CLIENT, **facts})

    assert view(trace.hops[0]) == ("boundary", "plaintext", rule, True)
    assert [p.text for p in trace.hops[0].verdict.evidence_for] == list(facts.values())


def test_line_that_says_otherwise():
    """The line and the running server disagree, which is told of."""
    live = {**CLIENT, "server": "mx.site.example"}
    trace = read(PLAIN.replace("ESMTP", "ESMTPS"), live=live)
    agreed = read(PLAIN, live=live)

    assert "witness-conflict" in [f.code.value for f in trace.findings]
    assert "witness-conflict" not in [f.code.value for f in agreed.findings]


def test_delivery_in_plaintext():
    """LMTP from the network is a connection like any other."""
    trace = read(live={**CLIENT, "protocol": "LMTP"})

    assert view(trace.hops[0])[1:3] == ("plaintext", "live-plaintext")


def test_behind_a_terminator():
    """The server sees no TLS, and the caller says why."""
    trace = read(live=CLIENT, site=Site(tls_terminators=["81.2.69.144"]))

    assert trace.hops[0].verdict.rule == "live-terminated"
    assert trace.headline.value == "entered_not_recorded"


def test_all_facts_are_kept():
    """What the caller gave is in the hop."""
    stamp = datetime(2024, 3, 5, tzinfo=UTC)
    hop = read_live(
        LiveConnection(
            **CLIENT,
            port=2525,
            rdns="a.example",
            server="mx.site.example",
            protocol="esmtpsa",
            tls_version="TLSv1.2",
            cipher="ECDHE-RSA-AES128-GCM-SHA256",
            bits=128,
            group="prime256v1",
            client_certificate="verified OK",
            auth_method="PLAIN",
            timestamp=stamp,
        )
    )

    assert (hop.client.port, hop.client.rdns, hop.server.name) == (
        2525,
        "a.example",
        "mx.site.example",
    )
    assert (hop.protocol, hop.auth.method, hop.timestamp) == ("ESMTPSA", "PLAIN", stamp)
    assert (hop.tls.version.value, hop.tls.bits, hop.tls.group) == ("TLSv1.2", 128, "secp256r1")
    assert hop.tls.suite.name == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert hop.tls.client_certificate == "verified OK"


def test_tls_without_detail():
    """That the session is encrypted may be all that is known."""
    hop = read_live(LiveConnection(**CLIENT, tls=True))

    assert [piece.text for piece in hop.tls.evidence] == ["TLS"]
    assert read_live(LiveConnection(**CLIENT)).protocol == "ESMTP"


def test_time_needs_an_offset():
    """Trace lines cannot be compared with a time of no zone."""
    with pytest.raises(ValidationError):
        LiveConnection(timestamp=datetime(2024, 3, 5))  # noqa: DTZ001


def test_octets_of_the_client():
    """Servers decode what a client sends to lone surrogates, which no JSON can hold."""
    trace = read(live={**CLIENT, "helo": b"a\xff".decode("ascii", "surrogateescape")})

    assert trace.hops[0].client.helo == "a\\xff"
    assert Trace.model_validate_json(trace.model_dump_json()) == trace
