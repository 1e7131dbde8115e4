"""Fields other than `Received` that tell of the session."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls import EvidenceKind, EvidenceLevel, TlsConflict, TlsVersion
from headertls.parser.fields.resinfo import MAX_RESULTS_TEXT
from headertls.parser.fields.witness import (
    MAX_WITNESS,
    WITNESSES,
    is_tls_demanded,
    is_tls_waived,
    parse_witness,
)
from headertls.source import FIELDS
from timing import assert_takes_at_most

RESULTS = "Authentication-Results"
DETAIL = EvidenceLevel.DETAIL
KEYWORD = EvidenceLevel.KEYWORD
AES_256 = "TLS_AES_256_GCM_SHA384"
ECDHE = "ECDHE-RSA-AES256-GCM-SHA384"
FASTMAIL = (
    "mx1.messagingengine.example;\n    spf=pass smtp.mailfrom=a@b.example smtp.helo=b.example;\n"
    "    x-tls=pass smtp.version=TLSv1.3 smtp.cipher=TLS_AES_256_GCM_SHA384\n"
    "      smtp.bits=256/256;\n    dmarc=none"
)
MOMENTUM = (
    'mx4-ia5.mta.example\n x-tls.subject="/C=US/OU=0:app;1:ia5/CN=app2.ops.example";\n'
    " auth=pass (cipher=TLS_AES_256_GCM_SHA384)"
)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("X-Pm-Transfer-Encryption", f"TLSv1.3 with cipher {AES_256} (256/256 bits)",
         ("TLSv1.3", AES_256, 256, DETAIL)),
        ("X-Pm-Transfer-Encryption", f"TLSv1.2\n with cipher {ECDHE}\n (256/256 bits)",
         ("TLSv1.2", ECDHE, 256, DETAIL)),
        ("X-TLS", f"TLS1.2:{ECDHE}:256", ("TLSv1.2", ECDHE, 256, DETAIL)),
        ("X-Last-TLS-Session-Version", "TLSv1.2", ("TLSv1.2", None, None, DETAIL)),
        ("X-Proto", "esmtps", (None, None, None, KEYWORD)),
        ("X-Proto", "ESMTPSA", (None, None, None, KEYWORD)),
        ("X-Xfinity-Message-Heuristics", "IPv6:Y;TLS=1;SPF=1;DMARC=", (None, None, None, KEYWORD)),
        ("X-Barracuda-Encrypted", ECDHE, ("TLSv1.2", ECDHE, None, DETAIL)),
        (RESULTS, FASTMAIL, ("TLSv1.3", AES_256, 256, DETAIL)),
        (RESULTS, 'mx.example; x-tls=pass smtp.bits="128/128" smtp.cipher="AES128-SHA"',
         (None, "AES128-SHA", 128, DETAIL)),
        (RESULTS, "mx.example; x-tls=pass (a comment)", (None, None, None, KEYWORD)),
        (RESULTS, "mx.example; x-tls=pass smtp.helo=TLSv1.3", (None, None, None, KEYWORD)),
        (RESULTS, MOMENTUM, ("TLSv1.3", AES_256, None, DETAIL)),
    ],
)  # fmt: skip
def test_sessions(name, value, expected):
    """Each field is read as a trace line would be, and shows its words."""
    version, cipher, bits, level = expected
    witness = parse_witness(name, value, 2)

    assert witness is not None
    assert witness.tls is not None
    assert (version, cipher, bits) == (witness.tls.version, witness.tls.cipher, witness.tls.bits)
    [piece] = witness.tls.evidence
    assert (EvidenceKind.WITNESS, level, name.lower()) == (piece.kind, piece.level, piece.field)
    assert piece.text == value[piece.start : piece.end] != ""
    assert (name.lower(), value, 2) == (witness.field, witness.value, witness.received_above)
    assert (False, ()) == (witness.plaintext, witness.marks)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("X-Pm-Transfer-Encryption", "none", "none"),
        (RESULTS, "mx.example;\n x-tls=none;\n spf=pass", "x-tls=none"),
        (
            RESULTS,
            "mx.example; x-tls=fail reason=x (no TLS); spf=pass",
            "x-tls=fail reason=x (no TLS)",
        ),
    ],
)
def test_denials(name, value, text):
    """Where a server says that there was no TLS, its words are kept."""
    witness = parse_witness(name, value)

    assert witness is not None
    assert witness.plaintext
    assert None is witness.tls
    [mark] = witness.marks
    assert (text, DETAIL, EvidenceKind.WITNESS) == (mark.text, mark.level, mark.kind)
    assert text == value[mark.start : mark.end]


def test_who_speaks():
    """Only results name their server, and only by the rules."""
    names = [parse_witness(RESULTS, value) for value in (FASTMAIL, MOMENTUM)]
    other = parse_witness("X-TLS", "TLS1.2, perhaps;")

    assert ["mx1.messagingengine.example", None] == [w.authserv_id for w in names if w]
    assert other is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Subject", "TLSv1.3"),
        ("Received", f"by mx.example (using TLSv1.3 with cipher {AES_256})"),
        # derived from the trace lines by rspamd
        ("X-Spamd-Result", "RCVD_TLS_ALL"),
        ("X-Pm-Transfer-Encryption", "nonesuch"),
        ("X-Pm-Transfer-Encryption", ""),
        ("X-TLS", "yes"),
        ("X-TLS", "unencrypted"),
        ("X-TLS", "cert x"),
        ("X-TLS", "TLS1.2:" + "A" * MAX_WITNESS),
        ("X-Proto", "esmtp"),
        ("X-Proto", "esmtps maybe"),
        ("X-Proto", "smtpsvc"),
        ("X-Xfinity-Message-Heuristics", "IPv6:Y;TLS=0;SPF=1"),
        ("X-Xfinity-Message-Heuristics", "IPv6:Y;STLS=1;TLS=10;SPF=1"),
        ("X-Barracuda-Encrypted", "yes"),
        (RESULTS, "mx.example; spf=pass smtp.mailfrom=a@b.example"),
        (RESULTS, "mx.example; x-tls=temperror"),
        (RESULTS, "mx.example; auth=pass (cipher=) smtp.auth=a"),
        (RESULTS, "mx.example; auth=pass (user cipher=x); spf=none (cipher=AES128-SHA)"),
        (RESULTS, "mx.example; auth=fail (cipher=AES128-SHA)"),
        (RESULTS, "mx.example; auth=pass smtp.auth=a (cipher=AES128-SHA)"),
        (RESULTS, "mx.example; auth=pass (cipher=AES128-SHA); auth=pass (cipher=AES256-SHA)"),
    ],
)
def test_silence(name, value):
    """What does not tell of a session is no witness."""
    assert None is parse_witness(name, value)


@pytest.mark.parametrize(
    "text",
    [
        'spf=pass smtp.mailfrom="a;x-tls=pass smtp.version=TLSv1.3;"@b.example',
        "spf=pass smtp.helo=(a;x-tls=pass smtp.version=TLSv1.3;)",
        "spf=pass (helo a;x-tls=pass smtp.version=TLSv1.3;) smtp.helo=a",
        'spf=fail reason="x\\"; x-tls=pass"',
        # a quote or bracket without partner: where text of the sender ends is not known
        "spf=pass smtp.helo=a);x-tls=pass smtp.version=TLSv1.3",
        "spf=pass smtp.helo=(a;x-tls=pass smtp.version=TLSv1.3",
        'spf=pass smtp.helo="a;x-tls=pass smtp.version=TLSv1.3',
        # twice: one of them is not the server's
        "x-tls=none; x-tls=pass smtp.version=TLSv1.3",
        "x-tls=pass smtp.version=TLSv1.3; X-TLS=none",
        "spf=none smtp.helo=x-tls=pass",
        "spf=none x-tls=pass",
        "x-tls = pass",
        "x-tls=pass" + " a" * MAX_RESULTS_TEXT,
    ],
)
def test_forged_results(text):
    """No text of a stranger makes a witness of a field that a server wrote."""
    assert None is parse_witness(RESULTS, f"mx.example; {text}")


def test_conflict():
    """A version in which the suite does not exist is told, as for a trace line."""
    witness = parse_witness("X-TLS", f"TLSv1.1:{AES_256}:256")

    assert witness is not None
    assert witness.tls is not None
    assert (TlsVersion.TLSV1_1, (TlsConflict.VERSION_SUITE,)) == (
        witness.tls.version,
        witness.tls.conflicts,
    )


def test_every_witness_is_looked_for():
    """What can be read here is among the fields that the source hands out."""
    assert WITNESSES.keys() <= FIELDS


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["No"], True),
        (["no"], True),
        (["\r\n NO "], True),
        ([], False),
        (["No", "No"], False),
        (["No", "Yes"], False),
        (["Yes"], False),
        (["No (comment)"], False),
        (["No\0"], False),
        (["\N{NO-BREAK SPACE}No"], False),
        ([""], False),
    ],
)
def test_waiver(values, expected):
    """`TLS-Required` has one value, and stands once (RFC 8689, section 5)."""
    assert expected == is_tls_waived(values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["yes"], True),
        ([" YES\r\n"], True),
        (["yes", "yes"], True),
        (["yes", "no"], False),
        (["yes please"], False),
        ([], False),
    ],
)
def test_demand(values, expected):
    """`Require-TLS-ESMTP` says yes, or nothing."""
    assert expected == is_tls_demanded(values)


PIECES = [
    "x-tls=", "pass", "none", "auth=pass ", "(cipher=", "AES128-SHA", ")", "(", '"', ";", " ",
    "\n ", "smtp.version=TLSv1.3", " smtp.cipher=", "TLSv1.2", ":", "with cipher ", "TLS=1",
    "esmtps", "mx",
]  # fmt: skip
NAMES = st.sampled_from([*sorted(WITNESSES), RESULTS, "X-Other"])


@given(NAMES, st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))
def test_evidence_stands_in_the_value(name, value):
    """No value raises; a witness says one thing, and its words stand where they say."""
    witness = parse_witness(name, value)
    if witness is None:
        return

    pieces = witness.marks if witness.tls is None else witness.tls.evidence
    assert witness.plaintext is (witness.tls is None)
    assert [piece.text for piece in pieces] == [value[p.start : p.end] for p in pieces] != []
    assert witness == type(witness).model_validate_json(witness.model_dump_json())


@pytest.mark.parametrize("unit", ["x-tls=pass;", "(cipher=", "x-tls=pass (", "a ", ";", "TLS=1 "])
def test_time_is_bounded(unit):
    """No value takes long."""
    value = "mx.example; x-tls=pass;" + unit * (100_000 // len(unit))
    for name in WITNESSES:
        # A hundredth of this was measured.
        assert_takes_at_most(0.1, partial(parse_witness, name, value))
        assert_takes_at_most(0.1, partial(parse_witness, name, value[:MAX_WITNESS]))
