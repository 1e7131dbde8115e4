"""Text of a client's between the folds of its server: whatever it holds, it is only what it is."""

from typing import Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headertls import analyze, parse_received
from headertls.models import Evidence, Hop
from headertls.parser.frames import find_framed

DATE: Final = "Tue, 29 Aug 2023 10:11:12 +0200"


class Model(NamedTuple):
    """A server's line, with `{}` where the client's text stands."""

    fact: str
    line: str


EXIM: Final = (
    "\n\tby mx.b.example with esmtp (Exim 4.96)\n\t(envelope-from <a@b.example>)"
    f"\n\tid 1abcde-000abd-2X\n\tfor u@b.example;\n\t{DATE}"
)
COURIER: Final = f"\n  id 000000000000158B.000000006B07C75B.0000037C; {DATE}"
COURIER_TLS: Final = "TLS: TLS1.3,256bits,ECDHE_RSA_AES_256_GCM_SHA384"
PEER: Final = "from a.example (a.example [81.2.69.144])"
MODELS: Final = {
    "exim-helo": Model("helo", f"from a.example ([81.2.69.144] helo={{}}){EXIM}"),
    "exim-nameless": Model("helo", f"from [81.2.69.144] (helo={{}}){EXIM}"),
    "exim-port": Model("helo", f"from a.example ([81.2.69.144]:4465 helo={{}}){EXIM}"),
    "exim-ident": Model("ident", f"from a.example ([81.2.69.144] ident={{}}){EXIM}"),
    "exim-both": Model("ident", f"from a.example ([81.2.69.144] helo=h ident={{}}){EXIM}"),
    "exim-tls": Model(
        "helo",
        f"from a.example ([81.2.69.144] helo={{}}){EXIM}".replace(
            "esmtp ", "esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\n\t"
        ),
    ),
    "courier-helo": Model(
        "helo",
        "from {} (a.example [81.2.69.144])\n  (IDENT: u, TLS: TLS1.3,256bits,AES256)"
        f"\n  by mx.b.example with ESMTPS{COURIER}",
    ),
    "courier-ident": Model(
        "ident", f"{PEER}\n  (IDENT: {{}})\n  by mx.b.example with ESMTP{COURIER}"
    ),
    "courier-ident-tls": Model(
        "ident", f"{PEER}\n  (IDENT: {{}}, {COURIER_TLS})\n  by mx.b.example with ESMTPS{COURIER}"
    ),
    "courier-user": Model(
        "user", f"{PEER}\n  (AUTH: PLAIN {{}})\n  by mx.b.example with ESMTPA{COURIER}"
    ),
    "courier-user-tls": Model(
        "user",
        f"{PEER}\n  (AUTH: PLAIN {{}}, {COURIER_TLS})\n  by mx.b.example with ESMTPSA{COURIER}",
    ),
    "opensmtpd": Model(
        "user",
        f"{PEER}\n\tby mx.b.example (OpenSMTPD) with ESMTPSA id 63551932"
        " (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO) auth=yes user={}"
        f"\n\tfor <u@b.example>;\n\t{DATE}",
    ),
    "zonemta": Model(
        "user",
        "from a.example ([81.2.69.144] a.example)\n (Authenticated sender: {})"
        f"\n by mx.b.example (ZoneMTA) with ESMTPA id 18a3.001\n for <u@b.example>;\n {DATE}",
    ),
    "communigate": Model(
        "helo",
        "from [81.2.69.144] (HELO {})\n  by mx.b.example (CommuniGate Pro SMTP 6.2.1)"
        f"\n  with ESMTPS id 46984509 for u@b.example; {DATE}",
    ),
    "communigate-account": Model(
        "helo",
        "from [81.2.69.144] (account u@b.example HELO {})\n  by mx.b.example"
        f" (CommuniGate Pro SMTP 6.2.1)\n  with ESMTPSA id 46984509 for r@b.example; {DATE}",
    ),
    "momentum": Model(
        "helo",
        "from [81.2.69.144] ([81.2.69.144:4465] helo={})\n\tby mx.b.example"
        " (envelope-from <a@b.example>)\n\t(ecelerity 4.2.38.999 r(:)) with ESMTPS"
        f" (cipher=DHE-RSA-AES256-SHA)\n\tid 11/22-33; {DATE}",
    ),
    "twisted": Model(
        "helo",
        "from {} ([81.2.69.144] helo={}\n\tby mx.b.example with esmtp ([Twisted, version 22.4.0])"
        f"\n\tfor <u@b.example> {DATE}",
    ),
}
WORDS: Final = st.sampled_from(
    [
        *("(", ")", "((", "))", '"', "\\", "<", ">", "[", "]", ";", ",", "=", "x", "\t"),
        *("by evil.example", "with ESMTPS", "with esmtp", "id 1", "for <r@e.example>", "from e"),
        *("[10.0.0.9]", "(x [10.0.0.9])", "(TLSv1.3:TLS_AES_256_GCM_SHA384:256)", "(Postfix)"),
        *("; Mon, 1 Jan 2024 00:00:00 +0000", "(Exim 4.96)", "tls TLS_AES_256_GCM_SHA384"),
        *("envelope-from <e@e.example>", "auth=yes user=root", "é", "HELO", "using TLSv1.3"),
    ]
)
# A word without any of these signs needs no frame: of `[10.0.0.9]` the address is told, as always.
TEXTS: Final = (
    st.lists(WORDS, min_size=2, max_size=12)
    .map(lambda words: " ".join(words).strip() or "( (")
    .filter(lambda text: not set(text).isdisjoint(' ()<>;,"'))
)


def read(model: Model, text: str) -> Hop:
    return parse_received(model.line.replace("{}", text))


def strip_text(hop: Hop) -> dict[str, object]:
    """All that was read but the client's text, and the words that are quoted from the line."""
    facts = hop.model_dump(exclude={"raw": True, "marks": True, "defects": True})
    for end, names in (("client", ("helo", "ident")), ("auth", ("user",)), ("tls", ("evidence",))):
        for name in names:
            (facts[end] or {}).pop(name, None)
    return facts


def iter_evidence(hop: Hop) -> list[Evidence]:
    return [*hop.marks, *(hop.tls.evidence if hop.tls else ())]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@given(text=TEXTS)
@settings(max_examples=60, deadline=None)
def test_text_in_a_frame_is_only_itself(model: Model, text: str) -> None:
    """Nothing else of the line is read otherwise than with a plain word in its place."""
    hop, plain = read(model, text), read(model, "word")
    told = {
        "helo": hop.client and hop.client.helo,
        "ident": hop.client and hop.client.ident,
        "user": hop.auth and hop.auth.user,
    }

    assert text == told[model.fact]
    assert strip_text(plain) == strip_text(hop)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@given(text=TEXTS)
@settings(max_examples=20, deadline=None)
def test_transport_does_not_hang_on_the_text(model: Model, text: str) -> None:
    """Nor is the session judged otherwise."""
    transports = [
        analyze(f"Received: {model.line.replace('{}', word)}\n\n".encode()).hops[0].verdict
        for word in (text, "word")
    ]
    hostile, plain = (verdict and verdict.transport for verdict in transports)

    assert plain is hostile


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_evidence_of_a_framed_line_is_quoted_from_it(model: Model) -> None:
    """Each piece stands at its place, the client's text and all."""
    hop = read(model, "x) with ESMTPS (y")

    assert all(hop.raw[piece.start : piece.end] == piece.text for piece in iter_evidence(hop))
    assert "x) with ESMTPS (y" in hop.raw


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_plain_text_needs_no_frame(model: Model) -> None:
    """Lines in which nothing could be misread are not looked at twice."""
    assert find_framed(model.line.replace("{}", "word.example")) is None
