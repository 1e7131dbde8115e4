"""What a sender writes changes nothing above the trust boundary, nor the boundary itself."""

import pickle
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headertls import analyze
from headertls.models import (
    Evidence,
    FindingCode,
    Hop,
    Kind,
    LiveConnection,
    Severity,
    Site,
    Trace,
    Transport,
    Trust,
)

settings.register_profile("trust", deadline=None, derandomize=True, max_examples=100)
PROFILE: Final = settings.get_profile("trust")

DATE: Final = "; Tue, 05 Mar 2024 10:11:12 +0000"
DETAILS: Final = "(version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256)"
OWN: Final = "mx.victim.example"
CLIENT: Final = "81.2.69.144"
SITE: Final = Site(
    hosts=("victim.example",), networks=("81.2.70.0/24",), authserv_ids=("mx.victim.example",)
)
LIVE: Final = LiveConnection(address=CLIENT, helo="out.shop.example", server=OWN)
NAMELESS_LIVE: Final = LiveConnection(address=CLIENT)

# Lines of the house, above the boundary.
INSIDE: Final = (
    f"from {OWN} ({OWN} [10.1.1.1]) by store.victim.example with LMTP id 1",
    f"from {OWN} (unknown [10.1.1.1]) by store.victim.example (Postfix) with ESMTP id 2",
    f"from {OWN} ([192.168.1.9]) by store.victim.example with esmtp (Exim 4.96) id 1r-2-3",
    f"from {OWN} ({OWN} [81.2.70.9]) by store.victim.example (Postfix) with ESMTPS id 3",
)
FILTERED: Final = (
    f"from localhost (localhost [127.0.0.1]) by {OWN} (Postfix) with ESMTP id 4",
    (
        f"from {OWN} ([127.0.0.1]) by localhost ({OWN} [127.0.0.1]) (amavisd-new, port 10024)"
        " with ESMTP id 5"
    ),
)
NOTES: Final = ("(qmail 976 invoked by uid 89)",)
# Newest lines by names that nobody could declare, and a step that names no server which wrote.
UNNAMED: Final = (
    (f"from {OWN} ([172.22.1.253]) by 0a1b2c3d4e5f with LMTP id 8",),
    (
        "from localhost (HELO queue) (127.0.0.1) by localhost with SMTP",
        f"from {OWN} (unknown [10.1.1.1]) by store.victim.example with LMTP id 1",
    ),
    (
        "from a.lan (a7.victim.example [10.1.1.7]) by slot7 with LMTP id 9",
        "from gate-3 ([10.1.1.3]) by a.lan (MEProxy)",
    ),
)
HEADS: Final = tuple(
    (*upper, *lower)
    for upper in ((), *((line,) for line in INSIDE), *UNNAMED)
    for lower in ((), FILTERED, FILTERED[:1], NOTES)
)

# The boundary's own line, as products write it; {} is where the HELO stands.
ENTRIES: Final = tuple(
    line.replace("{c}", CLIENT).replace("{by}", OWN)
    for line in (
        "from {h} (out.shop.example [{c}]) by {by} (Postfix) with ESMTP id 6",
        "from {h} (unknown [{c}]) by {by} (Postfix) with ESMTPS id 6",
        (
            "from {h} (unknown [{c}]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384"
            " (256/256 bits)) (No client certificate requested) by {by} (Postfix) with ESMTPS id 6"
        ),
        (
            "from out.shop.example ([{c}] helo={h}) by {by} with esmtp (Exim 4.96)"
            " (envelope-from <a@shop.example>) id 1rhP2x-0004Zy-2F"
        ),
        (
            "from [{c}] (helo={h}) by {by} with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384"
            " (Exim 4.96) (envelope-from <a@shop.example>) id 1rhP2x-0004Zy-2F"
        ),
        "from {h} (out.shop.example [{c}]) by {by} (8.17.1/8.17.1) with ESMTP id 425A",
        (
            "from {h} ({c}) by {by} (10.13.99.9) with Microsoft SMTP Server id 15.20.7339.30"
            " via Frontend Transport"
        ),
        "from unknown (HELO {h}) ({c}) by {by} with SMTP",
        "from out.shop.example (HELO {h}) ({c}) by {by} (qpsmtpd/0.94) with ESMTP",
        "from {h} (out.shop.example [{c}]) by {by} (Haraka/3.0.3) with ESMTP id 7",
        "from {h} (out.shop.example [{c}]) by {by} (OpenSMTPD) with ESMTP id 7",
        "from {h} ([{c}]) by {by} (chasquid) with ESMTP (over SMTP, plain text!) id 7",
    )
)


def make_entry(helo: str, place: int) -> str:
    """The boundary's line with a client that calls itself *helo*."""
    return ENTRIES[place].replace("{h}", helo)


# Products that copy brackets of the HELO argument, though no blanks.
COPYING: Final = tuple(i for i, line in enumerate(ENTRIES) if "qpsmtpd" in line or "Haraka" in line)

# fmt: off
HELOS: Final = (
    "out.shop.example", "localhost", OWN, "store.victim.example", "victim.example",
    "mail-sor-f65.google.com", "BN0PR03CA0023.namprd03.prod.outlook.com", "[10.1.1.1]",
    "[81.2.70.9]", "[127.0.0.1]", "[IPv6:::1]", "with-ESMTPS", "esmtps.tls1.3.example",
    "TLSv1.3:TLS_AES_256_GCM_SHA384:256", "cipher=TLS_AES_256_GCM_SHA384", "version=TLS1_3",
    "amavisd-new", "unix-socket", "10.1.1.1", "127.0.0.1", "lmtp", "by", "unknown",
)
COPIED: Final = (
    "x)(127.0.0.1)", "(TLS)", "x)(using-TLSv1.3)", "[local]", "([127.0.0.1])",
    "x(version=TLS1_3;cipher=TLS_AES_256_GCM_SHA384)", "(unix-socket)", "x);by;mx", "[unix:x]",
)
CLAIMS: Final = (
    "from outlook.com (mail.outlook.com [40.107.1.1]) by {} (Postfix) with ESMTPS id 9",
    "from a.example (a.example [81.2.69.144]) by {} (Postfix) with ESMTP id 9",
    "from a.example (a.example [10.1.1.1]) by {} (Postfix) with ESMTP id 9",
    "from localhost (localhost [127.0.0.1]) by {} (Postfix) with ESMTP id 9",
    "from {} (unknown [127.0.0.1]) by localhost (amavisd-new, port 10024) with ESMTP id 9",
    "from a.example ([81.2.69.1]) by localhost ({} [81.2.69.144]) (amavisd-new) with ESMTP",
    "from u by {} with local (Exim 4.96) id 9", "by {} (Postfix, from userid 33) id 9",
    "by {} (Postfix) id 9", "by {} with SMTP id 9", "by {} via listexpand id 9",
    "from pop.isp.example by {} with POP3 (fetchmail-6.4.37)",
    "from {} by {} with LMTP id 9", "from {} (::1) by {} with HTTPS", "from {} by {} with mapi",
    "from a.example (a.example [81.2.69.9]) (Authenticated sender: u) by {} with ESMTPA id 9",
    "from out.shop.example (out.shop.example [81.2.69.144]) by {} with LMTP id 9",
    "from out.shop.example ([81.2.69.144]) by {} (amavisd-new, port 10024) with ESMTP id 9",
    "from out.shop.example ([81.2.69.144]) by {} with local id 9",
    "from a.example (a.example [81.2.69.9]) by {} with SMTP " + DETAILS,
    "(qmail 975 invoked from network)", "(nullmailer pid 9 invoked by uid 0)", "by", "from", "",
    "from x (" * 70, "garbage", "from a.example by {} (version=NONE) with ESMTPS",
)
NAMES: Final = (
    OWN, "store.victim.example", "localhost", "out.shop.example", "[81.2.69.144]", "[10.1.1.1]",
    "mx.google.com", "BN8FT1.eop-nam11.prod.protection.outlook.com", "2002:a05:6808:1::1", "mx",
    "127.0.0.6", "evil.example",
)
FIELDS: Final = (
    "X-Pm-Transfer-Encryption: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
    "X-Pm-Transfer-Encryption: none", "X-TLS: TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256",
    "X-Proto: esmtps", "Require-TLS-ESMTP: yes", "Require-TLS-ESMTP: no", "List-Id: <l.example>",
    "Authentication-Results: evil.example; x-tls=pass smtp.version=TLSv1.3",
    "Authentication-Results: mx.victim.example.evil.example; x-tls=pass smtp.version=TLSv1.3",
    "Authentication-Results: x-mx.victim.example; x-tls=none",
    "Authentication-Results: evil.example; auth=pass (cipher=TLS_AES_256_GCM_SHA384)",
    "X-Xfinity-Message-Heuristics: IPv6:Y;TLS=1", "X-Barracuda-Encrypted: AES256-SHA",
    "Content-Type: application/pkcs7-mime; smime-type=enveloped-data", "not a field", "> From: x",
)
# fmt: on


def choose(items: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """One of *items*; `sampled_from` would show all of them in every report."""
    return st.integers(0, len(items) - 1).map(items.__getitem__)


claim = st.builds(lambda text, name: text.replace("{}", name) + DATE, choose(CLAIMS), choose(NAMES))
claims = st.lists(claim, max_size=4)
fields = st.lists(choose(FIELDS), max_size=3)
head = st.tuples(choose(HEADS), choose(tuple(range(len(ENTRIES)))))
ways = choose(((None, None), (SITE, None), (None, LIVE), (SITE, LIVE), (None, NAMELESS_LIVE)))


def write_head(parts: tuple[tuple[str, ...], int], helo: str = "out.shop.example") -> list[str]:
    """The trusted lines, newest first."""
    return [line + DATE for line in (*parts[0], make_entry(helo, parts[1]))]


def read(lines: list[str], more: list[str], way: tuple[Any, Any] = (None, None)) -> Trace:
    """The trace of a message with these lines and then these fields."""
    texts = [*(f"Received: {line}" for line in lines), *more]
    return analyze("".join(f"{text}\r\n" for text in (*texts, "")).encode(), way[0], live=way[1])


CHAIN: Final = frozenset(
    {
        FindingCode.TRACE_GAP,
        FindingCode.ORDER_BROKEN,
        FindingCode.CLOCK_SKEW,
        FindingCode.LONG_DELAY,
        FindingCode.MAIL_LOOP,
        # of a demand that the sender's server tells of, which can only add to an alarm
        FindingCode.REQUIRETLS_VIOLATED,
    }
)


def project(trace: Trace) -> Any:
    """All that is said of the entry, but for how the next line follows it."""
    entry = trace.entry
    assert entry is not None
    assert entry.verdict is not None
    findings = tuple(f for f in entry.verdict.findings if f.code not in CHAIN)
    silent = {"continuity": None, "delay": None, "reorigin": None, "findings": findings}
    verdict = entry.verdict.model_copy(update=silent)
    place = len(trace.hops) - 1 - next(i for i, hop in enumerate(trace.hops) if hop is entry)
    return entry.model_copy(update={"verdict": verdict}), trace.headline, place


@given(head, claims, ways)
@settings(PROFILE, max_examples=200)
def test_lines_below_the_boundary_change_nothing(parts: Any, below: list[str], way: Any) -> None:
    """Whatever trace lines a sender writes, the entry stays what and where it is."""
    lines = write_head(parts) if way[1] is None else []
    if way[1] is not None:
        expected = project(read([], [], way))
        found = read(below, [], way)
        assert found.entry is not None
        assert found.entry.live
        told = expected[0].verdict
        seen = project(found)[0].verdict
        assert (told.transport, told.scope, told.kind) == (seen.transport, seen.scope, seen.kind)
        assert [f.code for f in told.findings] == [f.code for f in seen.findings]
        assert expected[1:] == project(found)[1:]
        return
    assert project(read(lines, [], way)) == project(read([*lines, *below], [], way))


@given(head, claims, fields, choose((None, SITE)))
@settings(PROFILE)
def test_fields_below_the_boundary_change_nothing(
    parts: Any, below: list[str], more: list[str], site: Site | None
) -> None:
    """Nor do other header fields that came with the message."""
    lines = [*write_head(parts), *below]

    assert project(read(lines, [], (site, None))) == project(read(lines, more, (site, None)))


@pytest.mark.parametrize("place", range(len(ENTRIES)))
def test_waiver_lowers_by_one_level_only(place: int) -> None:
    """`TLS-Required: No` is the sender's to say, and no more than its one level."""
    lines = [make_entry("out.shop.example", place) + DATE]
    plain, waived = (read(lines, fields).findings for fields in ([], ["TLS-Required: No"]))

    assert [f.code for f in plain] == [f.code for f in waived]
    assert all(
        0 <= a.severity.rank - b.severity.rank <= 1 for a, b in zip(plain, waived, strict=True)
    )


@pytest.mark.parametrize(
    "field", [f"Authentication-Results: {OWN}; x-tls=pass smtp.version=TLSv1.3"]
)
def test_own_name_below_a_claim_is_nobodys(field: str) -> None:
    """A milter's field stands below its own server's line, not below a stranger's."""
    lines = [make_entry("out.shop.example", 0) + DATE]
    below = CLAIMS[0].replace("{}", "evil.example")

    assert read(lines, [field], (SITE, None)).headline.value == "entered_encrypted"
    assert read([*lines, below], [field], (SITE, None)).headline.value == "entered_plaintext"


@given(head, choose(HELOS), claims, choose((None, SITE)))
@settings(PROFILE, max_examples=200)
def test_helo_decides_nothing(parts: Any, helo: str, below: list[str], site: Site | None) -> None:
    """Whatever the client calls itself, its address, the verdict and the boundary stay."""
    check_helo(parts, helo, below, site)


@given(head, choose(COPIED), choose(COPYING), claims)
@settings(PROFILE)
def test_copied_brackets_decide_nothing(
    parts: Any, helo: str, place: int, below: list[str]
) -> None:
    """Nor where the server copies what should have been refused."""
    check_helo((parts[0], place), helo, below, None)


def check_helo(parts: Any, helo: str, below: list[str], site: Site | None) -> None:
    """Compare the entry with the one of an honest client."""
    honest, hostile = (
        project(read([*write_head(parts, name), *below], [], (site, None)))
        for name in ("out.shop.example", helo)
    )
    if helo.startswith("[") and "chasquid" in ENTRIES[parts[1]]:
        # Its versions do not agree on which of two literals is the address: none is believed.
        assert hostile[0].client is not None
        assert hostile[0].client.address is None
        assert honest[1:] == hostile[1:]
        return
    assert describe(honest) == describe(hostile)


def describe(entry: tuple[Hop, Any, int]) -> tuple[Any, ...]:
    """What no HELO may change."""
    hop, headline, place = entry
    assert hop.client is not None
    assert hop.verdict is not None
    verdict = hop.verdict
    told = verdict.transport, verdict.grade, verdict.scope, verdict.kind, verdict.trust
    return (hop.client.address, *told, headline, place)


_ABOUT_PLAINTEXT: Final = tuple(code for code in FindingCode if code.value.startswith("plaintext"))
_NO_CONNECTIONS: Final = {Kind.FILTER, Kind.LOCAL, Kind.STORE, Kind.NOTE}


@given(head, claims, fields, ways)
@settings(PROFILE, max_examples=150)
def test_findings_keep_to_their_bounds(
    parts: Any, below: list[str], more: list[str], way: Any
) -> None:
    """No hop that is none is called plaintext, and claims weigh little."""
    trace = read([*write_head(parts), *below], more, way)
    for hop in trace.hops:
        check_findings(hop)
    counts = trace.counts
    assert len(trace.hops) == sum(counts.model_dump().values())
    trusted = [hop for hop in trace.hops if hop.verdict and hop.verdict.trust is not Trust.CLAIM]
    assert len(trusted) == sum(trace.trusted_counts.model_dump().values())


def check_findings(hop: Hop) -> None:
    """Hold the findings of one hop against its verdict."""
    verdict = hop.verdict
    assert verdict is not None
    for finding in verdict.findings:
        if finding.code in _ABOUT_PLAINTEXT:
            assert verdict.transport is Transport.PLAINTEXT
            assert verdict.kind not in _NO_CONNECTIONS
        if verdict.trust is Trust.CLAIM:
            is_login = finding.code is FindingCode.CLEARTEXT_CREDENTIALS
            bound = Severity.MEDIUM if is_login else Severity.LOW
            assert finding.severity.rank <= bound.rank


@given(head, claims, fields, ways)
@settings(PROFILE, max_examples=120)
def test_trace_is_whole(parts: Any, below: list[str], more: list[str], way: Any) -> None:
    """Evidence points at its text; a trace survives JSON and pickling, and comes out the same."""
    lines = [*write_head(parts), *below]
    trace = read(lines, more, way)

    for hop in trace.hops:
        assert hop.verdict is not None
        words = (
            *hop.verdict.evidence_for,
            *hop.verdict.evidence_against,
            *(piece for finding in hop.verdict.findings for piece in finding.evidence),
        )
        for piece in words:
            check_place(piece, hop, more)
    assert trace == read(lines, more, way)
    assert trace == Trace.model_validate_json(trace.model_dump_json())
    assert trace == pickle.loads(pickle.dumps(trace))  # noqa: S301  # of our own making


def check_place(piece: Evidence, hop: Hop, more: list[str]) -> None:
    """The text of *piece* stands where it says."""
    if piece.field == "Received":
        assert hop.raw[piece.start : piece.end] == piece.text
    elif piece.field is not None:
        values = [
            v.strip() for n, _, v in (f.partition(":") for f in more) if n.lower() == piece.field
        ]
        assert any(value[piece.start : piece.end] == piece.text for value in values)
