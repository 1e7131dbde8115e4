"""Lines judged, and short views of what comes out: shared by the tests of the classifier."""

from headertls import Client, Hop, Server, analyze, parse_received
from headertls.classifier import classify, judge

DATE = "; Tue, 05 Mar 2024 10:11:12 +0000"
EXCHANGE_TLS = (
    " with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)"
    " id 15.20.6792.27 via Frontend Transport"
)
ENTRY_TLS = (
    "from out.shop.example (out.shop.example [81.2.69.144]) by mx.site.example (Postfix)"
    " with ESMTPS id 4"
)
EXCHANGE_PLAIN = " with Microsoft SMTP Server id 15.20.6768.30 via Frontend Transport"


def read_line(line, **settings):
    """Judge one line taken alone."""
    return classify(parse_received(line + DATE), **settings)


def read_lines(*lines, **settings):
    """Judge lines, newest first; those without a date get one."""
    dated = (line if ";" in line else line + DATE for line in lines)
    return judge([parse_received(line) for line in dated], **settings)


def read_message(*lines, **settings):
    """Judge a message with these `Received` lines, newest first."""
    fields = "".join(f"Received: {line}{DATE}\n" for line in lines)
    return analyze((fields or "Subject: no trace\n").encode(), **settings)


def core(verdict):
    """Give kind, scope, transport and confidence."""
    return verdict.kind, verdict.scope, verdict.transport, verdict.confidence


def severities(judged):
    """Give the codes and severities of the findings of a verdict or trace."""
    return [(finding.code, finding.severity) for finding in judged.findings]


def trusts(trace):
    """Give the trust of each hop, newest first."""
    return [hop.verdict.trust.value for hop in reversed(trace.hops)]


def deliver(client, **fields):
    """Make a delivery to the house's own mailbox server, which extends trust."""
    server = Server(name="store.lan", **fields)
    return Hop(raw="", client=client, server=server, protocol="LMTP")


def take(client="81.2.69.144", **fields):
    """Make a line about mail from outside, by a server with these *fields*."""
    peer = Client(helo="out.shop.example", address=client)
    return Hop(raw="", client=peer, server=Server(**fields), protocol="ESMTPS")
