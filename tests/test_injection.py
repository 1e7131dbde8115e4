"""Models of servers that copy a client's text into their line: none of that text is believed."""

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headertls import analyze, parse_received
from headertls.classifier import classify
from headertls.models import Hop, Transport

CLIENT: Final = "81.2.69.144"
HOST: Final = "mx.site.example"
DATE: Final = "Tue, 29 Aug 2023 10:11:12 +0200"

# -- how servers clean a client's text

Clean = Callable[[str], str]


def keep(text: str) -> str:
    """As it came."""
    return text.strip() or "x"


def question(text: str) -> str:
    """Postfix: a question mark for each character that could be taken for the line's own."""
    return re.sub(r"""[^\w.\[\]/:=@+-]""", "?", text) or "x"


def underscore(text: str) -> str:
    """Courier."""
    return re.sub(r"\s", "_", text.strip()) or "x"


def first_word(text: str) -> str:
    """Haraka, chasquid: the argument ends at the first blank."""
    return (text.split() or ["x"])[0]


def first_blank(text: str) -> str:
    """qpsmtpd: at the first blank, but a tab goes through."""
    return text.replace("\t ", "\t").strip().partition(" ")[0] or "x"


def drop(text: str) -> str:
    """Chasquid since 1.12, and what resolvers let through of a reverse name."""
    return re.sub(r"[^a-zA-Z0-9.:-]", "", text).strip(".:") or "x"


def safe(text: str) -> str:
    """As qmail does it."""
    return re.sub(r"[^a-zA-Z0-9.@%+/=:-]", "?", text) or "x"


def plain(text: str) -> str:
    """As sendmail does it with an ident answer: brackets, blanks and quotes are dropped."""
    return re.sub(r"[^a-zA-Z0-9!#$%&'*+./^_`{|}~-]", "", text) or "x"


def host(text: str) -> str:
    """A name as resolvers let it through; in a zone of the attacker's own."""
    return (re.sub(r"[^a-zA-Z0-9.-]+", "-", text).strip(".-") or "x") + ".evil.example"


def quote(text: str) -> str:
    """A quoted local part, as RFC 5321 has it."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"@a.example'


def balance(text: str) -> str:
    """Postfix, of names in a client certificate: brackets are balanced, quotes are not."""
    depth, kept = 0, []
    for letter in re.sub(r"[^ -~]", "?", text):
        if letter == ")" and depth == 0:
            kept.append("?")
            continue
        depth += (letter == "(") - (letter == ")")
        kept.append(letter)
    return "".join(kept) + ")" * depth


class Model(NamedTuple):
    """A server: its line without TLS and with it, and how it cleans each slot."""

    plain: str
    tls: str = ""
    cleaners: dict[str, Clean] = {}  # noqa: RUF012  # never changed
    by: str | None = HOST


TLS: Final = "TLS_AES_256_GCM_SHA384"
_RECIPIENT: Final = {"recipient": quote}
_POSTFIX: Final = {"helo": question, "rdns": host, "login": keep, "cn": balance} | _RECIPIENT
_NAMED: Final = f"from {{helo}} ({{rdns}} [{CLIENT}])"
_BY: Final = f"\n\tby {HOST}"
_END: Final = f"\n\tid 4Q1; {DATE}"


def _exim(origin: str, helo: Clean) -> Model:
    end = " \n\t(envelope-from <{sender}>)\n\tid 1qaXYZ-0001Ab-2c\n\tfor {recipient}; " + DATE
    return Model(
        f"{origin}{_BY} with esmtp (Exim 4.96)" + end,
        f"{origin}{_BY} with esmtps (TLS1.3) tls {TLS}\n\t(Exim 4.96)" + end,
        {"helo": helo, "rdns": host, "sender": quote, "ident": keep} | _RECIPIENT,
    )


def _simple(origin: str, by: str, helo: Clean, tls: str = "", **more: Clean) -> Model:
    """A server whose TLS stands in its word, or in the comment *tls* behind it."""
    return Model(
        f"{origin}{_BY} {by} with ESMTP" + _END,
        f"{origin}{_BY} {by} with ESMTPS {tls}" + _END,
        {"helo": helo, "rdns": host, **more},
    )


PAIRS: Final = f"(version=TLSv1.3 cipher={TLS} verify=NO)"
MODELS: Final = {
    "Postfix": Model(
        f"{_NAMED}{_BY} (Postfix) with ESMTP id 4Q1\n\tfor <{{recipient}}>; {DATE} (CEST)",
        f"{_NAMED}\n\t(using TLSv1.3 with cipher {TLS} (256/256 bits))\n\t"
        f'(Client CN "{{cn}}", Issuer "{{cn}}" (not verified)){_BY} (Postfix) with ESMTPS'
        f" id 4Q1\n\tfor <{{recipient}}>; {DATE} (CEST)",
        _POSTFIX,
    ),
    "Postfix, login": Model(
        f"{_NAMED}\n\t(Authenticated sender: {{login}}){_BY} (Postfix) with ESMTPA id 4Q1"
        f"\n\tfor <{{recipient}}>; {DATE}",
        f"{_NAMED}\n\t(using TLSv1.3 with cipher {TLS} (256/256 bits))\n\t"
        f"(Authenticated sender: {{login}}){_BY} (Postfix) with ESMTPSA id 4Q1; {DATE}",
        _POSTFIX,
    ),
    "Exim": _exim(f"from {{rdns}} ([{CLIENT}] helo={{helo}})", host),
    "Exim, nameless": _exim(f"from [{CLIENT}] (helo={{helo}})", host),
    "Exim, any HELO": _exim(f"from {{rdns}} ([{CLIENT}] helo={{helo}})", keep),
    "Exim, any HELO, nameless": _exim(f"from [{CLIENT}] (helo={{helo}})", keep),
    "Exim, any HELO, port": _exim(f"from [{CLIENT}] (port=2525 helo={{helo}})", keep),
    "Exim, ident": _exim(f"from {{rdns}} ([{CLIENT}] helo={{helo}} ident={{ident}})", host),
    "sendmail": Model(
        f"{_NAMED}{_BY} (8.17.1/8.17.1) with ESMTP id 37T\n\tfor <{{recipient}}>; {DATE}",
        f"{_NAMED}{_BY} (8.17.1/8.17.1) with ESMTPS id 37T\n\t{PAIRS}"
        f"\n\tfor <{{recipient}}>; {DATE}",
        {"helo": host, "rdns": host} | _RECIPIENT,
    ),
    "sendmail, ident": Model(
        f"from {{helo}} ({{ident}}@{{rdns}} [{CLIENT}] (may be forged)){_BY} (8.17.1/8.17.1)"
        f" with ESMTP id 37T\n\tfor <{{recipient}}>; {DATE}",
        "",
        {"helo": host, "rdns": host, "ident": plain} | _RECIPIENT,
    ),
    "OpenSMTPD": _simple(_NAMED, "(OpenSMTPD)", host, f"(TLSv1.3:{TLS}:256:NO)"),
    "Courier": Model(
        f"from {{helo}} ({{rdns}} [::ffff:{CLIENT}]){_BY} with ESMTP" + _END,
        f"from {{helo}} ({{rdns}} [::ffff:{CLIENT}])\n\t(TLS: TLS1.3,256bits,{TLS}){_BY}"
        " with ESMTPS" + _END,
        {"helo": underscore, "rdns": host},
    ),
    "Courier, nameless": Model(
        f"from {{helo}} ([::ffff:{CLIENT}]){_BY} with ESMTP" + _END,
        f"from {{helo}} ([::ffff:{CLIENT}])\n\t(TLS: TLS1.3,256bits,{TLS}){_BY} with ESMTPS" + _END,
        {"helo": underscore},
    ),
    "Courier, ident": Model(
        f"from {{helo}} ({{rdns}} [::ffff:{CLIENT}])\n\t(IDENT: {{ident}}){_BY} with ESMTP" + _END,
        f"from {{helo}} ({{rdns}} [::ffff:{CLIENT}])\n\t(IDENT: {{ident}}, TLS:"
        f" TLS1.3,256bits,{TLS}){_BY} with ESMTPS" + _END,
        {"helo": underscore, "rdns": host, "ident": underscore},
    ),
    "qpsmtpd": Model(
        f"from {{rdns}} (HELO {{helo}}) ({CLIENT})\n by {HOST} (qpsmtpd/0.94) with ESMTP; {DATE}",
        f"from {{rdns}} (HELO {{helo}}) ({CLIENT})\n by {HOST} (qpsmtpd/0.94)"
        f" with (AES256-GCM-SHA384 encrypted) ESMTPS; {DATE}",
        {"helo": first_blank, "rdns": host},
    ),
    "qmail": Model(
        f"from {{rdns}} (HELO {{helo}}) ({CLIENT})\n  by {HOST} with SMTP; 29 Aug 2023 08:11:12"
        " -0000",
        "",
        {"helo": safe, "rdns": host},
    ),
    "qmail, any HELO": Model(
        f"from {{rdns}} (HELO {{helo}}) ({CLIENT})\n  by {HOST} with SMTP; 29 Aug 2023 08:11:12"
        " -0000",
        "",
        {"helo": keep, "rdns": host},
    ),
    "qmail, ident": Model(
        f"from {{rdns}} (HELO {{helo}}) ({{ident}}@{CLIENT})\n  by {HOST} with SMTP;"
        " 29 Aug 2023 08:11:12 -0000",
        "",
        {"helo": safe, "rdns": host, "ident": safe},
    ),
    "netqmail": Model(
        f"from {{rdns}} (HELO {{helo}}) ({CLIENT})\n  by {HOST} with ESMTP; 29 Aug 2023 08:11:12"
        " -0000",
        f"from {{rdns}} (HELO {{helo}}) ({CLIENT})\n  by {HOST} with (AES256-GCM-SHA384"
        " encrypted) ESMTPS; 29 Aug 2023 08:11:12 -0000",
        {"helo": safe, "rdns": host},
    ),
    "s-qmail": Model(
        f"from {{rdns}} (HELO {{helo}}) ({CLIENT})\n  by {HOST} with ESMTP; 29 Aug 2023 08:11:12"
        " -0000",
        f"from {{rdns}} (HELO {{helo}}) ({CLIENT})\n  by {HOST} with ESMTPS; 29 Aug 2023 08:11:12"
        " -0000",
        {"helo": safe, "rdns": host},
    ),
    "indimail": Model(
        f"from {{rdns}} (HELO {{helo}}) ({CLIENT}) by {HOST} with SMTP; {DATE}",
        "",
        {"helo": first_word, "rdns": host},
    ),
    "Haraka": Model(
        f"{_NAMED}{_BY} (Haraka/3.0.3) with ESMTP id A-1\n\tenvelope-from <{{sender}}>;\n\t{DATE}",
        f"{_NAMED}{_BY} (Haraka/3.0.3) with ESMTPS id A-1\n\tenvelope-from <{{sender}}>"
        f"\n\ttls {TLS};\n\t{DATE}",
        {"helo": first_word, "rdns": host, "sender": quote},
    ),
    "Haraka 2": _simple(_NAMED, "(Haraka/2.8.24)", first_blank, PAIRS),
    "Dovecot": Model(
        f"from {{helo}} ([{CLIENT}]){_BY} with LMTP\n\tid 4Q1\n\t(envelope-from <{{sender}}>)"
        f"\n\tfor <{{recipient}}>; {DATE}",
        f"from {{helo}} ([{CLIENT}])\n\t(using TLSv1.3 with cipher {TLS} (256/256 bits)){_BY}"
        f" with LMTPS\n\tid 4Q1\n\t(envelope-from <{{sender}}>)\n\tfor <{{recipient}}>; {DATE}",
        {"helo": host, "sender": quote} | _RECIPIENT,
    ),
    "Dovecot submission": Model(
        f"from {{helo}} ([{CLIENT}]){_BY} with ESMTPA\n\tid 4Q1\n\t(envelope-from <{{sender}}>)"
        f"\n\tfor <{{recipient}}>; {DATE}",
        f"from {{helo}} ([{CLIENT}]){_BY} with ESMTPSA\n\tid 4Q1\n\t(envelope-from <{{sender}}>)"
        f"\n\tfor <{{recipient}}>; {DATE}",
        {"helo": host, "sender": quote} | _RECIPIENT,
    ),
    "Cyrus": Model(
        f"{_NAMED}\n\t by {HOST} (Cyrus 3.6.1-Debian-3.6.1-4) with LMTPA;\n\t {DATE}",
        f"{_NAMED}\n\t by {HOST} (Cyrus 3.6.1-Debian-3.6.1-4) with LMTPSA"
        f"\n\t (version=TLSv1.3 cipher={TLS} bits=256/256 verify=NO);\n\t {DATE}",
        {"helo": keep, "rdns": host},
    ),
    "chasquid 1.11": Model(
        f"from [{CLIENT}] ({{helo}}){_BY} (chasquid) with ESMTP\n\t(over SMTP, plain text!,"
        f' envelope from "{{sender}}")\n\t; {DATE}',
        f"from [{CLIENT}] ({{helo}}){_BY} (chasquid) with ESMTPS\n\t(over SMTP,"
        f' TLS-1.3-{TLS}, envelope from "{{sender}}")\n\t; {DATE}',
        {"helo": first_word, "sender": lambda text: host(text) + "@a.example"},
    ),
    "chasquid": Model(
        f"from {{helo}} ([{CLIENT}]){_BY} (chasquid) with ESMTP\n\t(over SMTP, plain text!,"
        f' envelope from "{{sender}}")\n\t; {DATE}',
        f"from {{helo}} ([{CLIENT}]){_BY} (chasquid) with ESMTPS\n\t(over SMTP, TLS 1.3,"
        f' envelope from "{{sender}}")\n\t; {DATE}',
        {"helo": drop, "sender": lambda text: host(text) + "@a.example"},
    ),
    "Twisted": Model(
        f"from {{helo}} ([{CLIENT}] helo={{helo}}{_BY} with esmtp ([Twisted, version 22.4.0])"
        f" for <{{recipient}}> {DATE}",
        "",
        {"helo": keep} | _RECIPIENT,
    ),
    "fdm": Model(
        f"from {{helo}} ({CLIENT}) by {HOST} (fdm 1.9) with pop3 (unencrypted)\n\tfor <u>; {DATE}",
        "",
        {"helo": host},
    ),
    "fetchmail": Model(
        f"from {{helo}} [{CLIENT}]{_BY} with POP3 (fetchmail-6.4.37)\n\tfor <{{recipient}}>"
        f" (single-drop); {DATE}",
        "",
        {"helo": host} | _RECIPIENT,
    ),
    "MDaemon": Model(
        f"from {{helo}} ([{CLIENT}])\n\tby {HOST} (MDaemon PRO v21.0.2)\n\twith ESMTP"
        f" id md500.msg\n\tfor <{{recipient}}>; {DATE}",
        f"from {{helo}} ([{CLIENT}])\n\tby {HOST} (MDaemon PRO v21.0.2)\n\twith ESMTPS"
        f" (Cipher TLSv1.2:aes256:256)\n\tid md500.msg\n\tfor <{{recipient}}>; {DATE}",
        {"helo": first_word} | _RECIPIENT,
    ),
    "Exchange": Model(
        f"from {{helo}} ({CLIENT}) by {HOST} (10.1.1.9) with Microsoft SMTP Server id"
        f" 15.1.2507.6 via Frontend Transport; {DATE}",
        f"from {{helo}} ({CLIENT}) by {HOST} (10.1.1.9) with Microsoft SMTP Server"
        f" (version=TLS1_2, cipher={TLS}) id 15.1.2507.6 via Frontend Transport; {DATE}",
        {"helo": host},
    ),
    "Microsoft SMTPSVC": Model(
        f"from {{helo}} ([{CLIENT}]) by {HOST} with Microsoft SMTPSVC(8.5.9600.16384);\n\t {DATE}",
        f"from {{helo}} ([{CLIENT}]) by {HOST} over TLS secured channel with Microsoft"
        f" SMTPSVC(8.5.9600.16384);\n\t {DATE}",
        {"helo": first_word},
    ),
    "hMailServer": Model(
        f"from {{helo}} ({{rdns}} [{CLIENT}])\n\tby {HOST} with ESMTP\n\t; {DATE}",
        f"from {{helo}} ({{rdns}} [{CLIENT}])\n\tby {HOST} with ESMTPS (version=TLSv1.3"
        f" cipher={TLS} bits=256)\n\t; {DATE}",
        {"helo": keep, "rdns": host},
    ),
    "James": Model(
        f"from {CLIENT} (EHLO {{helo}}) ([{CLIENT}])\n          by {HOST} (JAMES SMTP Server )"
        f" with ESMTP ID 17\n          for <{{recipient}}>;\n          {DATE} (CEST)",
        f"from {CLIENT} (EHLO {{helo}}) ([{CLIENT}])\n          by {HOST} (JAMES SMTP Server )"
        f" with ESMTPS ID 17\n          for <{{recipient}}>;\n          {DATE} (CEST)",
        {"helo": keep} | _RECIPIENT,
    ),
    "Kerio": Model(
        f"from {{helo}} ({{rdns}} [{CLIENT}])\n\tby {HOST} (Kerio Connect 9.4.1) with ESMTP"
        f"\n\tfor {{recipient}};\n\t{DATE}",
        f"from {{helo}} ({{rdns}} [{CLIENT}])\n\t(using TLSv1.3 with cipher {TLS} (256/256 bits))"
        f"\n\tby {HOST} (Kerio Connect 9.4.1) with ESMTPS\n\tfor {{recipient}};\n\t{DATE}",
        {"helo": first_word, "rdns": host} | _RECIPIENT,
    ),
    "CommuniGate": Model(
        f"from [{CLIENT}] (HELO {{helo}})\n  by {HOST} (CommuniGate Pro SMTP 6.2.14)\n  with"
        f" ESMTP id 12 for {{recipient}}; {DATE}",
        f"from [{CLIENT}] (HELO {{helo}})\n  by {HOST} (CommuniGate Pro SMTP 6.2.14)\n  with"
        f" ESMTPS id 12 for {{recipient}}; {DATE}",
        {"helo": first_word} | _RECIPIENT,
    ),
    "ZMailer": Model(
        f'from {{rdns}} ([{CLIENT}]:2525 "EHLO {{helo}}") by {HOST} with ESMTP\n\tid <S1AbC>;'
        f"\n\t{DATE}",
        f'from {{rdns}} ([{CLIENT}]:2525 "EHLO {{helo}}" TLS-CIPHER: "AES256-SHA keybits 256'
        f' version TLSv1/SSLv3") by {HOST} with ESMTPS\n\tid <S1AbC>;\n\t{DATE}',
        {"helo": host, "rdns": host},
    ),
    "Momentum": _simple(
        f"from [{CLIENT}] ([{CLIENT}:2525] helo={{helo}})",
        "(envelope-from <a@a.example>) (ecelerity 4.3.1 r(Core:4.3.1.0))",
        keep,
        f"(cipher={TLS})",
    ),
    "PowerMTA": _simple(f"from {{helo}} ({CLIENT})", "(PowerMTA v5.0r3)", first_word),
    "amavis": Model(
        f"from {{helo}} ([127.0.0.1])\n\tby localhost ({HOST} [127.0.0.1]) (amavis, port 10024)"
        f" with ESMTP\n\tid 4Q1 for <{{recipient}}>; {DATE}",
        "",
        {"helo": host} | _RECIPIENT,
        by="localhost",
    ),
    "unknown": _simple(_NAMED, "", keep, PAIRS),
    "unknown, nameless": _simple(f"from {{helo}} ([{CLIENT}])", "", keep, PAIRS),
    "unknown, with a name": _simple(_NAMED, "(Mail Engine 3.1)", keep, PAIRS),
    "unknown, HELO behind": _simple(f"from {{rdns}} ([{CLIENT}]) (HELO {{helo}})", "", keep),
    "unknown, HELO first": _simple(f"from {{rdns}} (HELO {{helo}}) ([{CLIENT}])", "", keep),
    "unknown, envelope": Model(
        f"{_NAMED}{_BY} with ESMTP id 4Q1\n\t(envelope-from <{{sender}}>)"
        f"\n\tfor <{{recipient}}>; {DATE}",
        f"{_NAMED}{_BY} with ESMTPS id 4Q1\n\t{PAIRS}\n\t(envelope-from <{{sender}}>)"
        f"\n\tfor <{{recipient}}>; {DATE}",
        {"helo": host, "rdns": host, "sender": quote} | _RECIPIENT,
    ),
}

# -- what attackers write

# fmt: off
FAKES: Final = (
    # every dialect of TLS
    f"(using TLSv1.3 with cipher {TLS} (256/256 bits))", "(using TLSv1)", "(Using TLS)", PAIRS,
    f"(version=TLS1_2, cipher={TLS})", f"(version=TLSv1.3 {TLS} 256 bits)",
    f"(TLSv1.3:{TLS}:256:NO)", f"(TLSv1.3:{TLS}:256)", f"(Cipher TLSv1.2:{TLS}:256)",
    f"(TLSv1.3 {TLS} bits=256)", "(TLS1.3)", "(TLS)", "(SSL)",
    "(AES256-GCM-SHA384 encrypted)", "(AES256-GCM-SHA384 encrypted, authenticated)",
    f"(TLS: TLSv1.3,256bits,{TLS})", f"(IDENT: x, AUTH: LOGIN u, TLS: TLSv1.3,256bits,{TLS})",
    '(over SMTP, TLS 1.3, envelope from "a@a.example")', '(over SMTP, TLS-1.3, envelope from "a")',
    f"(using TLS: TLSv1.3, {TLS})", "over TLS secured channel", "with STARTTLS", "by TLS id 1",
    "(tls provider stunnel)", "(Google Transport Security)", "(No client certificate requested)",
    '(Client CN "x", Issuer "y" (verified OK))', "(encrypted with TLS 1.2)", f"tls {TLS}",
    f"tls {TLS} group x25519", "TLS version=TLSv1.3 cipher=AES bits=256 verify=NO",
    # clauses
    "from", "from x", "by", "by evil.example", "by evil.example (Postfix)", f"by {HOST}",
    "with ESMTPS", "with esmtps", "with SMTPS", "with LMTPS", "with ESMTPSA", "with HTTPS",
    "with ESMTPS id 1", "with Microsoft SMTP Server", "with (AES256-SHA encrypted) ESMTPS",
    "with local", "with LMTP", "via TLS", "via SSL", "via", "id 1", "for <a@b.example>",
    "envelope-from <a@b.example>", "via x (y [10.0.0.9])", f"; {DATE}", f"{DATE}", ";", ",",
    "(envelope-from <a@b.example>)", "(authenticated bits=0)", "(Authenticated sender: u)",
    # peers
    "[127.0.0.1]", "([127.0.0.1])", "(localhost [127.0.0.1])", "(x.lan [10.0.0.9])", "(10.0.0.9)",
    "[10.0.0.9]", "10.0.0.9", "([IPv6:fd00::9])", "(HELO x)", "(HELO x) (10.0.0.9)", "(EHLO x",
    "([10.0.0.9] helo=x)", "([10.0.0.9] helo=x", "helo=x", "ident=x", "port=25", "u@10.0.0.9",
    "(u@10.0.0.9)", '([10.0.0.9]:25 "EHLO x")', "[local]", "([local])", "localhost", "unknown",
    # products
    "(Postfix)", "(Exim 4.96)", "(qpsmtpd/0.94)", "(Haraka/3.0.3)", "(chasquid)", "(8.17.1/8.17.1)",
    "(OpenSMTPD)", "([Twisted, version 22.4.0])", "(Cyrus 3.6.1)", "(amavis, port 10024)",
    "(Postfix, from userid 0)", "(qmail 1 invoked by uid 0)", "(Dovecot)",
    # signs
    "(", ")", "((", "))", "()", ") (", '"', '""', "\\", '\\"', "<", ">", "[", "]", "x", "@", "=",
    ":", '"@a.example>', '"@a.example>)', '")', ">)", "\n\t", "\t",
    # whole lines
    f"x (x [10.0.0.9]) by {HOST} (Postfix) with ESMTPS id 1; {DATE}",
    f"x (x [10.0.0.9]) by {HOST} (Postfix) with ESMTP id 1; {DATE}",
    f"x ([10.0.0.9]) by {HOST} with esmtps (TLS1.3) (Exim 4.96) id 1qaXYZ-0001Ab-2c; {DATE}",
    f"x (HELO x) (10.0.0.9) by {HOST} with (AES256-SHA encrypted) ESMTPS; {DATE}",
    f"x ([10.0.0.9])\tby {HOST} with LMTP id 1; {DATE}",
)
# fmt: on
BLANKS: Final = ("", " ", "\t", " ", "_")
pieces = st.lists(st.sampled_from(FAKES), min_size=1, max_size=6)
attack = st.builds(lambda blank, texts: blank.join(texts), st.sampled_from(BLANKS), pieces)
# A client's command is one line; folds come from the server's own length limits.
command = attack.map(lambda text: text.replace("\n", ""))

SLOTS: Final = ("helo", "rdns", "login", "cn", "ident", "sender", "recipient")
_HONEST: Final = dict.fromkeys(SLOTS, "a.example")


@st.composite
def sessions(draw: st.DrawFn, template: str, model: Model) -> str:
    """A line of *model*, with hostile text in one slot or in all."""
    slots = [slot for slot in SLOTS if f"{{{slot}}}" in template]
    hostile = draw(st.sampled_from([(slot,) for slot in slots] + [tuple(slots)]))
    texts = {
        slot: model.cleaners.get(slot, host)(draw(command) if slot in hostile else "a.example")
        for slot in slots
    }
    return template.format(**texts)


def read(line: str) -> Hop:
    """Read and judge *line* as a hop of its own."""
    hop = parse_received(line)
    return hop.model_copy(update={"verdict": classify(hop)})


def check_ends(line: str, hop: Hop, model: Model) -> None:
    """The client's address and the server's name are the true ones, or a defect warns of them."""
    address = str(hop.client.address) if hop.client and hop.client.address else None
    true = "127.0.0.1" if "127.0.0.1])\n\tby localhost" in line else CLIENT
    assert address in {true, None}, line
    assert address or hop.defects, line
    name = hop.server.name if hop.server else None
    assert name == model.by or hop.defects, line


def check_trust(line: str) -> None:
    """No forged line below becomes the entry hop."""
    forged = (
        f"from shop.example (shop.example [89.160.20.112]) by {HOST} (Postfix) with ESMTPS"
        f" id 9; {DATE}"
    )
    trace = analyze(f"Received: {line}\nReceived: {forged}\n\n".encode("utf-8", "surrogatepass"))
    assert trace.entry in {trace.hops[-1], None}, line


PLAIN: Final = list(MODELS)
ENCRYPTED: Final = [name for name, model in MODELS.items() if model.tls]


@pytest.mark.parametrize("name", PLAIN)
@given(data=st.data())
@settings(max_examples=15, deadline=None, derandomize=True)
def test_plaintext_session_stays_one(name: str, data: Any) -> None:
    """No text of a client's choice makes a plaintext session encrypted, or moves its ends."""
    model = MODELS[name]
    line = data.draw(sessions(model.plain, model))
    hop = read(line)

    assert hop.verdict.transport is not Transport.ENCRYPTED, line
    check_ends(line, hop, model)
    if model.by == HOST and not name.startswith(("fetchmail", "fdm", "Dovecot", "Cyrus")):
        check_trust(line)


@pytest.mark.parametrize("name", ENCRYPTED)
@given(data=st.data())
@settings(max_examples=10, deadline=None, derandomize=True)
def test_encrypted_session_is_not_accused(name: str, data: Any) -> None:
    """No text of a client's choice has a server that marked TLS accused of plaintext."""
    model = MODELS[name]
    line = data.draw(sessions(model.tls, model))
    hop = read(line)

    assert hop.verdict.transport is not Transport.PLAINTEXT, line
    check_ends(line, hop, model)
