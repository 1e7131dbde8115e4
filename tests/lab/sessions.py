"""The sessions that are held with each listener."""

from collections.abc import Iterator
from typing import Final

from lab.dialog import Plan, Wish
from lab.names import DOMAIN, HOSTILE_USERS, LOOPBACK, NAMELESS, PRIVATE, PUBLIC_V6, USER
from lab.pki import CLIENTS
from lab.servers.base import Listener

_MODERN: Final = Wish("TLSv1.3", group="X25519")

# What a server can be asked for, by the name of the session.
WISHES: Final = {
    "tls13": _MODERN,
    "tls13-p256": Wish("TLSv1.3", group="prime256v1"),
    "tls12": Wish("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", "X25519"),
    "tls12-chacha": Wish("TLSv1.2", "ECDHE-RSA-CHACHA20-POLY1305", "prime256v1"),
    "tls12-dhe": Wish("TLSv1.2", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"),
    "tls12-static-rsa": Wish("TLSv1.2", "AES256-GCM-SHA384:@SECLEVEL=0"),
    "tls12-cbc": Wish("TLSv1.2", "ECDHE-RSA-AES128-SHA256:@SECLEVEL=0", "prime256v1"),
    "tls12-camellia": Wish("TLSv1.2", "ECDHE-RSA-CAMELLIA256-SHA384:@SECLEVEL=0", "secp384r1"),
    "tls12-ccm": Wish("TLSv1.2", "AES128-CCM:@SECLEVEL=0"),
    "tls12-anonymous": Wish("TLSv1.2", "ADH-AES256-GCM-SHA384:@SECLEVEL=0"),
    "tls11": Wish("TLSv1.1", "ECDHE-RSA-AES256-SHA:@SECLEVEL=0", "prime256v1"),
    "tls10": Wish("TLSv1.0", "ECDHE-RSA-AES256-SHA:@SECLEVEL=0", "prime256v1"),
    "tls10-static-rsa": Wish("TLSv1.0", "AES128-SHA:@SECLEVEL=0"),
    "tls10-anonymous": Wish("TLSv1.0", "AECDH-AES128-SHA:@SECLEVEL=0"),
}
_SHORT: Final = ("tls13", "tls12", "tls10")

HELOS: Final = {
    "literal": "[81.2.69.144]",
    "wrong-literal": "[192.0.2.9]",
    "literal-v6": "[IPv6:2a02:d140::1]",
    "bare-address": "192.0.2.9",
    "one-word": "DESKTOP-7",
    "localhost": "localhost",
    "underscore": "mail_1.sender.example",
    "trailing-dot": "out.sender.example.",
    "upper-case": "OUT.SENDER.EXAMPLE",
    "word-by": "by",
    "word-with": "with",
    "word-for": "for",
    "word-id": "id",
}

# What would end a line, if a reader took it for the server's own words.
TAIL: Final = "by evil.example (Postfix) with ESMTPS id 1; Mon, 1 Jan 2024 00:00:00 +0000"

# Names that speak of TLS, and text that closes what the server opened.
HOSTILE: Final = {
    "tls-name": "tls1.3.example",
    "esmtps-name": "esmtps.tls-aes-256-gcm-sha384.example",
    "version-name": "TLSv1.3",
    "bracket": "x) (TLSv1.3",
    "with": "with ESMTPS",
    "comment": "x (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))",
    "comment-no-blank": "x(version=TLSv1.3,cipher=TLS_AES_256_GCM_SHA384)",
    "closed-no-blank": "x)(TLSv1.3:TLS_AES_256_GCM_SHA384:256)(y",
    "whole-line": "a.example ([81.2.69.144]) by mx.lab.example (Postfix) with ESMTPS id 1",
    "tabs": "a.example\twith\tESMTPS",
    "semicolon": "a.example;with=ESMTPS",
    "equals": "a.example=esmtps/tls",
    "quote": '"x) with ESMTPS (y"',
    "authenticated": "x(authenticated:root)",
    "long": "tls13-" * 12 + ".example",
    "utf8": "grün.example",
    "tail": f"x) {TAIL}",
    "tail-unclosed": f"x) {TAIL} (",
    "tail-open": f"x) {TAIL} (y",
    "tail-bare": f"a.example {TAIL}",
    "tail-tabs": f"x)\t{TAIL}\t(y".replace(" ", "\t"),
    "tail-plain": f"x) {TAIL} (y".replace("ESMTPS", "SMTP"),
    "tail-no-blank": f"x)({TAIL})(y".replace(" ", "/"),
    "unclosed": "x((((",
    "overclosed": "x))))",
    "open-quote": 'x"with=ESMTPS',
    "backslash": "x\\",
    "no-break-space": "x)\xa0with\xa0ESMTPS\xa0(y",
    "form-feed": "x)\fwith\fESMTPS\f(y",
    "vertical-tab": "x)\vwith\vESMTPS\v(y",
    "bare-return": "x)\rwith ESMTPS (y",
    "next-line": "x)\x85with\x85ESMTPS\x85(y",
}

_SENDERS: Final = {
    "null": "",
    "quoted": '"x) with ESMTPS (TLSv1.3:TLS_AES_256_GCM_SHA384:256) (y"@sender.example',
    "semicolon": '"x; with ESMTPS"@sender.example',
    "keyword": "esmtps+tls1.3@sender.example",
    "tail": f'"x) {TAIL} (y"@sender.example',
    "tail-unclosed": f'"x>) {TAIL} ("@sender.example',
    "escaped-quote": f'"x\\") {TAIL} (y"@sender.example',
    "unclosed": '"(((("@sender.example',
    "overclosed": '"))))"@sender.example',
    "closed-no-blank": '"x)(TLSv1.3:TLS_AES_256_GCM_SHA384:256)(y"@sender.example',
    "angle": f'"x>) {TAIL} (<y"@sender.example',
}
_RECIPIENTS: Final = {
    "quoted": f'"x) with ESMTPS (y"@{DOMAIN}',
    "clause": f'"with ESMTPS id 1; Mon, 1 Jan 2024 00:00:00 +0000"@{DOMAIN}',
    "keyword": f"esmtps+tls@{DOMAIN}",
    "tail": f'"x) {TAIL} (y"@{DOMAIN}',
    "unclosed": f'"(((("@{DOMAIN}',
    "angle": f'"x>; Mon, 1 Jan 2024 00:00:00 +0000 (<y"@{DOMAIN}',
}
_IDENTS: Final = {
    "name": "ann",
    "brackets": "x) with ESMTPS (y",
    "tail": f"x) {TAIL} (y",
    "cipher": "x (TLSv1.3:TLS_AES_256_GCM_SHA384:256)",
    "host": "x@evil.example [192.0.2.9]",
}
_PLACES: Final = {
    "nameless": NAMELESS,
    "private": PRIVATE,
    "loopback": LOOPBACK,
    "ipv6": PUBLIC_V6,
}


def plan_sessions(listener: Listener) -> Iterator[Plan]:
    """Plan the sessions that a listener allows; their names differ."""
    for plan in _plan(listener):
        name = f"{listener.name}-{plan.name}"
        mechanism = plan.mechanism or ("PLAIN" if listener.needs_auth else None)
        wish = plan.wish
        if wish and wish.group == _MODERN.group:
            wish = wish._replace(group=listener.group)
        yield plan._replace(
            name=name,
            mechanism=mechanism,
            wish=wish,
            is_fronted=listener.is_fronted,
            user=listener.user if plan.user == USER else plan.user,
        )


def _plan(listener: Listener) -> Iterator[Plan]:
    name, greeting = listener.name, "LHLO" if listener.is_lmtp else "EHLO"
    if listener.tls != "implicit":
        yield from _plan_plain(Plan("plain", name, greeting), listener)
    if listener.tls:
        basis = Plan("", name, greeting, how=listener.tls, wish=_MODERN)
        yield from _plan_encrypted(basis, listener)


def _plan_plain(basis: Plan, listener: Listener) -> Iterator[Plan]:
    yield basis
    if not listener.is_lmtp:
        yield basis._replace(name="plain-helo", greeting="HELO")
    if listener.has_auth:
        yield basis._replace(name="plain-auth", mechanism="PLAIN")
    if listener.asks_ident:
        for key, ident in _IDENTS.items():
            yield basis._replace(name=f"ident-{key}", ident=ident)
    if listener.has_hostile_users and not listener.needs_auth:
        yield from _vary_users(basis)
    if listener.is_tried_in_full:
        yield from _vary(basis)


def _vary_users(basis: Plan) -> Iterator[Plan]:
    state = "tls" if basis.how else "plain"
    for key, user in HOSTILE_USERS.items():
        yield basis._replace(name=f"{state}-user-{key}", mechanism="PLAIN", user=user)


def _vary(basis: Plan) -> Iterator[Plan]:
    """Vary what the client says, and where it stands."""
    for key, place in _PLACES.items():
        yield basis._replace(name=f"from-{key}", place=place)
    for key, helo in (*HELOS.items(), *HOSTILE.items()):
        yield basis._replace(name=f"helo-{key}", helo=helo)
    for key, sender in _SENDERS.items():
        yield basis._replace(name=f"sender-{key}", sender=sender)
    for key, recipient in _RECIPIENTS.items():
        yield basis._replace(name=f"recipient-{key}", recipient=recipient)
    yield basis._replace(name="smtputf8", smtputf8=True, sender="grün@sender.example")


def _plan_encrypted(basis: Plan, listener: Listener) -> Iterator[Plan]:
    for key in WISHES if listener.is_tried_in_full else _SHORT:
        yield basis._replace(name=key, wish=WISHES[key])
    if not listener.is_lmtp:
        yield basis._replace(name="tls-helo", greeting="HELO")
    if listener.has_auth:
        for mechanism in ("PLAIN", "LOGIN"):
            yield basis._replace(name=f"tls-auth-{mechanism.lower()}", mechanism=mechanism)
        yield basis._replace(name="tls-auth-desktop", mechanism="PLAIN", helo="[192.168.7.20]")
    if listener.asks_certificate:
        for key in CLIENTS:
            wish = _MODERN._replace(certificate=key)
            yield basis._replace(name=f"certificate-{key}", wish=wish)
    if listener.has_hostile_users:
        yield from _vary_users(basis)
    if listener.is_tried_in_full:
        yield from _vary_encrypted(basis)


def _vary_encrypted(basis: Plan) -> Iterator[Plan]:
    for key, place in _PLACES.items():
        yield basis._replace(name=f"tls-from-{key}", place=place)
    for key in ("literal", "one-word"):
        yield basis._replace(name=f"tls-helo-{key}", helo=HELOS[key])
    for key, helo in (("plain", "x) with ESMTP (y"), ("denied", "x(cipher=NONE)(TLS=none)")):
        yield basis._replace(name=f"tls-helo-{key}", helo=helo)
    yield basis._replace(name="tls-sender-quoted", sender='"x) with SMTP (y"@sender.example')
    yield basis._replace(name="tls-smtputf8", smtputf8=True)
