"""Make the tables of `src/headertls/tls/data`: cipher suites, groups, and what authorities say.

Run it with a Python that has CryptoDataHub, on a machine with OpenSSL and GnuTLS's tool:

    python -m venv /tmp/tables && /tmp/tables/bin/pip install cryptodatahub==1.6.1
    apt-get install openssl gnutls-bin
    /tmp/tables/bin/python tools/make_tls_tables.py          # write
    /tmp/tables/bin/python tools/make_tls_tables.py --check  # compare; status 1: they differ

Made with CryptoDataHub 1.6.1, OpenSSL 3.0.19, GnuTLS 3.7.9. What each gives:

- CryptoDataHub: code points and IANA names of suites and groups. Its attributes are not used: it
  calls some AEAD suites plain, RC4 a block cipher, and gives one OpenSSL name to two suites.
- `gnutls-cli -l`: the names GnuTLS gives to the suites that it knows.
- `openssl ciphers`: a check. OpenSSL's names are made by rule, since every build lacks some (no
  recent one has EXPORT, IDEA or KRB5); a name that OpenSSL or CryptoDataHub spells differently
  stops the run.
- Everything else (key exchange, bits, versions, opinions) follows from the IANA name by the rules
  below, with the document beside each rule.

Left out: codes that no mail server negotiates and no registry lists (Fortezza, CECPQ1, Salsa20,
the Chinese TLCP suites, experimental groups), and signalling values.
"""

import argparse
import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

DATA: Final = Path(__file__).parent.parent / "src" / "headertls" / "tls" / "data"


class Suite(NamedTuple):
    """A row of `cipher_suites.csv`; an empty cell says that there is no such thing."""

    code: str
    iana: str
    openssl: str
    openssl_aliases: str
    gnutls: str
    kx: str
    auth: str
    cipher: str
    mode: str
    mac: str
    bits: int
    fs: str
    aead: str
    min_version: str
    max_version: str


class Opinion(NamedTuple):
    """A row of `grades.csv`: what each authority says of the suite at its highest version."""

    code: str
    iana: str
    rfc9325: str
    iana_recommended: str
    obsolete_kex_draft: str
    ncsc_nl_2025: str
    mozilla: str


class Group(NamedTuple):
    """A row of `groups.csv`."""

    code: str
    iana: str
    kind: str
    post_quantum: str
    aliases: str


class Bulk(NamedTuple):
    """The cipher part of an IANA name."""

    cipher: str
    mode: str
    bits: int
    openssl: str


# Registered, but not (rightly) in CryptoDataHub 1.6.1.
MORE_NAMES: Final = {
    0x1306: "TLS_AEGIS_256_SHA512",  # draft-irtf-cfrg-aegis-aead
    0x1307: "TLS_AEGIS_128L_SHA256",
    0xC0AA: "TLS_PSK_DHE_WITH_AES_128_CCM_8",  # RFC 6655 really swaps the words in these two
    0xC0AB: "TLS_PSK_DHE_WITH_AES_256_CCM_8",
    0xC0B0: "TLS_ECCPWD_WITH_AES_128_GCM_SHA256",  # RFC 8492
    0xC0B1: "TLS_ECCPWD_WITH_AES_256_GCM_SHA384",
    0xC0B2: "TLS_ECCPWD_WITH_AES_128_CCM_SHA256",
    0xC0B3: "TLS_ECCPWD_WITH_AES_256_CCM_SHA384",
    0xC0B4: "TLS_SHA256_SHA256",  # RFC 9150
    0xC0B5: "TLS_SHA384_SHA384",
}

# Never registered, but met: EXPORT1024 drafts, GOST before RFC 9189 (OpenSSL's GOST engine),
# ChaCha20 before RFC 7905 (Google, LibreSSL), FIPS suites of NSS and old Java.
PRIVATE_CODES: Final = frozenset(
    {*range(0x0060, 0x0067), *range(0x0080, 0x0084), 0xCC13, 0xCC14, 0xCC15}
    | {0xFEFE, 0xFEFF, 0xFF85, 0xFF87}
)
NO_SUITES: Final = frozenset({0x001C, 0x001D, 0x0049, 0x00FF, 0x5600})  # Fortezza, ECC draft, SCSV
PRIVATE_RANGES: Final = (range(0x16B7, 0x16BB), range(0xE000, 0x10000))  # CECPQ1; TLCP, Salsa20

# draft-hickman-netscape-ssl-00; OpenSSL's names from its ssl2.h (up to 1.0.2).
SSL2_KINDS: Final = (
    (0x010080, "RC4_128", "RC4-MD5", "RC4_128", "", 128),
    (0x020080, "RC4_128_EXPORT40", "EXP-RC4-MD5", "RC4_40", "", 40),
    (0x030080, "RC2_128_CBC", "RC2-CBC-MD5", "RC2_128", "CBC", 128),
    (0x040080, "RC2_128_CBC_EXPORT40", "EXP-RC2-CBC-MD5", "RC2_40", "CBC", 40),
    (0x050080, "IDEA_128_CBC", "IDEA-CBC-MD5", "IDEA", "CBC", 128),
    (0x060040, "DES_64_CBC", "DES-CBC-MD5", "DES", "CBC", 56),
    (0x0700C0, "DES_192_EDE3_CBC", "DES-CBC3-MD5", "3DES_EDE", "CBC", 112),
)

# Key exchange words of IANA names -> key exchange, certificate. A static exchange is `RSA`,
# `DH_STATIC`, `ECDH_STATIC`; an anonymous one `DH`, `ECDH`.
KEY_EXCHANGES: Final = {
    "": ("", ""),  # TLS 1.3
    "NULL": ("NULL", ""),
    "RSA": ("RSA", "RSA"),
    "RSA_FIPS": ("RSA", "RSA"),
    "DH_DSS": ("DH_STATIC", "DSS"),
    "DH_RSA": ("DH_STATIC", "RSA"),
    "DH_anon": ("DH", "anon"),
    "DHE_DSS": ("DHE", "DSS"),
    "DHE_RSA": ("DHE", "RSA"),
    "ECDH_ECDSA": ("ECDH_STATIC", "ECDSA"),
    "ECDH_RSA": ("ECDH_STATIC", "RSA"),
    "ECDH_anon": ("ECDH", "anon"),
    "ECDHE_ECDSA": ("ECDHE", "ECDSA"),
    "ECDHE_RSA": ("ECDHE", "RSA"),
    "KRB5": ("KRB5", "KRB5"),
    "PSK": ("PSK", "PSK"),
    "DHE_PSK": ("DHE_PSK", "PSK"),
    "PSK_DHE": ("DHE_PSK", "PSK"),
    "RSA_PSK": ("RSA_PSK", "RSA"),
    "ECDHE_PSK": ("ECDHE_PSK", "PSK"),
    "SRP_SHA": ("SRP", "SRP"),
    "SRP_SHA_RSA": ("SRP", "RSA"),
    "SRP_SHA_DSS": ("SRP", "DSS"),
    "ECCPWD": ("ECCPWD", "PWD"),
    "GOSTR341094": ("GOST", "GOST"),
    "GOSTR341001": ("VKO_GOST", "GOST"),
    "GOSTR341112_256": ("VKO_GOST", "GOST"),
}
FORWARD_SECRET: Final = frozenset(
    {"", "DH", "DHE", "DHE_PSK", "ECDH", "ECDHE", "ECDHE_PSK", "SRP", "ECCPWD"}
)

BULKS: Final = {
    "NULL": Bulk("NULL", "", 0, "NULL"),
    "SHA256": Bulk("NULL", "", 0, ""),  # RFC 9150: integrity only
    "SHA384": Bulk("NULL", "", 0, ""),
    "RC4_40": Bulk("RC4_40", "", 40, "RC4"),
    "RC4_56": Bulk("RC4_56", "", 56, "RC4"),
    "RC4_128": Bulk("RC4_128", "", 128, "RC4"),
    "RC2_CBC_40": Bulk("RC2_40", "CBC", 40, "RC2-CBC"),
    "RC2_CBC_56": Bulk("RC2_56", "CBC", 56, "RC2-CBC"),
    "DES40_CBC": Bulk("DES40", "CBC", 40, "DES-CBC"),
    "DES_CBC_40": Bulk("DES40", "CBC", 40, "DES-CBC"),
    "DES_CBC": Bulk("DES", "CBC", 56, "DES-CBC"),
    "3DES_EDE_CBC": Bulk("3DES_EDE", "CBC", 112, "DES-CBC3"),
    "IDEA_CBC": Bulk("IDEA", "CBC", 128, "IDEA-CBC"),
    "SEED_CBC": Bulk("SEED", "CBC", 128, "SEED"),
    "SM4_GCM": Bulk("SM4", "GCM", 128, ""),
    "SM4_CCM": Bulk("SM4", "CCM", 128, ""),
    "CHACHA20_POLY1305": Bulk("CHACHA20", "POLY1305", 256, "CHACHA20-POLY1305"),
    "AEGIS_128L": Bulk("AEGIS_128L", "AEGIS", 128, ""),
    "AEGIS_256": Bulk("AEGIS_256", "AEGIS", 256, ""),
    "28147_CNT": Bulk("GOST28147", "CNT", 256, ""),
    "KUZNYECHIK_CTR": Bulk("KUZNYECHIK", "CTR", 256, ""),
    "KUZNYECHIK_MGM": Bulk("KUZNYECHIK", "MGM", 256, ""),
    "MAGMA_CTR": Bulk("MAGMA", "CTR", 256, ""),
    "MAGMA_MGM": Bulk("MAGMA", "MGM", 256, ""),
    **{
        f"{cipher}_{bits}_{mode}": Bulk(f"{cipher}_{bits}", mode, bits, f"{cipher}{bits}{tail}")
        for cipher in ("AES", "CAMELLIA", "ARIA")
        for bits in (128, 256)
        for mode, tail in {"CBC": "", "GCM": "-GCM", "CCM": "-CCM", "CCM_8": "-CCM8"}.items()
    },
}
AEAD_MODES: Final = frozenset({"GCM", "CCM", "CCM_8", "POLY1305", "AEGIS", "MGM"})


class Parts(NamedTuple):
    """An IANA name taken apart."""

    exchange: str
    export: bool
    bulk_name: str
    hash_name: str

    @property
    def bulk(self) -> Bulk:
        """The row of `BULKS`."""
        return BULKS[self.bulk_name]


def take_apart(name: str) -> Parts:
    """Split an IANA name: `TLS_RSA_EXPORT_WITH_RC4_40_MD5` -> `RSA`, export, `RC4_40`, `MD5`."""
    body = name.removeprefix("TLS_").removesuffix("_OLD")
    before, with_, rest = body.partition("_WITH_")
    exchange, rest = (before, rest) if with_ else ("", body)
    plain = re.sub("_EXPORT(1024)?$", "", exchange)
    for bulk in sorted(BULKS, key=len, reverse=True):
        if rest == bulk or rest.startswith(f"{bulk}_"):
            return Parts(plain, plain != exchange, bulk, rest.removeprefix(bulk).strip("_"))
    raise ValueError(f"no bulk cipher known in {name}")


def find_versions(code: int, parts: Parts, kx: str, *, aead: bool) -> tuple[str, str]:
    """The first and the last version in which the suite may be used."""
    if not parts.exchange or parts.bulk.mode == "MGM":  # RFC 8446, RFC 9367
        return "TLSv1.3", "TLSv1.3"
    # RFC 5246: AEAD, and SHA-256 or longer as MAC, need 1.2. RFC 5487 and RFC 5489 define their
    # SHA-256 suites for earlier versions too. Registered GOST suites: RFC 9189.
    long_hash = parts.hash_name in {"SHA256", "SHA384"} and not kx.endswith("PSK")
    if aead or long_hash or (kx == "VKO_GOST" and code not in PRIVATE_CODES):
        return "TLSv1.2", "TLSv1.2"
    # RFC 4492 (elliptic curves), 4279 (PSK) and 5054 (SRP) begin with TLS 1.0.
    late = kx.startswith(("EC", "SRP", "GOST", "VKO")) or kx.endswith("PSK")
    first = "TLSv1.0" if late else "SSLv3"
    if parts.export:
        return first, "TLSv1.0"  # RFC 4346, appendix A.5
    if parts.bulk.cipher in {"DES", "IDEA"}:
        return first, "TLSv1.1"  # RFC 5469
    return first, "TLSv1.2"


# OpenSSL's names that follow no rule: its GOST engine (1.1.1; with a prefix in 3.0), LibreSSL.
OPENSSL_NAMES: Final = {
    0x0080: "GOST94-GOST89-GOST89",
    0x0081: "GOST2001-GOST89-GOST89",
    0x0082: "GOST94-NULL-GOST94",
    0x0083: "GOST2001-NULL-GOST94",
    0xC100: "GOST2012-KUZNYECHIK-KUZNYECHIKOMAC",
    0xC101: "GOST2012-MAGMA-MAGMAOMAC",
    0xC102: "IANA-GOST2012-GOST8912-GOST8912",
    0xFF85: "GOST2012-GOST8912-GOST8912",
    0xFF87: "GOST2012-NULL-GOST12",
    0xCC13: "ECDHE-RSA-CHACHA20-POLY1305-OLD",  # LibreSSL
    0xCC14: "ECDHE-ECDSA-CHACHA20-POLY1305-OLD",
    0xCC15: "DHE-RSA-CHACHA20-POLY1305-OLD",
}
OPENSSL_ALIASES: Final = {
    0x1301: "AEAD-AES128-GCM-SHA256",  # LibreSSL, old BoringSSL
    0x1302: "AEAD-AES256-GCM-SHA384",
    0x1303: "AEAD-CHACHA20-POLY1305-SHA256",
    0x1304: "AEAD-AES128-CCM-SHA256",
    0x1305: "AEAD-AES128-CCM8-SHA256",
    0xFF85: "LEGACY-GOST2012-GOST8912-GOST8912",
}
# Gone from today's OpenSSL and not in CryptoDataHub: ssl3.h of 0.9.7 to 1.0.2.
OPENSSL_HAD: Final = frozenset(range(0x001E, 0x002C))
# CryptoDataHub's slips: the name of another code (0xFF85, 0xCCA8); OpenSSL writes TLS_SM4_...
WRONG_OPENSSL: Final = frozenset({0xC102, 0xFF85, 0xCC13, 0x00C6, 0x00C7})


def make_openssl_name(parts: Parts, name: str) -> str:
    """The name by OpenSSL's rule: RSA key exchange and CBC go unsaid."""
    prefixes = {"RSA": "", "DH_anon": "ADH-", "ECDH_anon": "AECDH-", "PSK_DHE": "DHE-PSK-"}
    exchange = parts.exchange.removesuffix("_FIPS")
    prefix = prefixes.get(exchange, exchange.replace("SRP_SHA", "SRP").replace("_", "-") + "-")
    bulk, mac = parts.bulk.openssl, parts.hash_name
    if exchange == "ECDHE_RSA" and "ARIA" in bulk:
        prefix = "ECDHE-"
    if "SRP" in exchange or ("PSK" in exchange and parts.bulk_name == "3DES_EDE_CBC"):
        bulk = parts.bulk_name.replace("_", "-")
    elif "PSK" in exchange and parts.bulk_name.startswith("AES") and parts.bulk.mode == "CBC":
        bulk += "-CBC"
    if parts.bulk.cipher.startswith("DES") or parts.bulk.cipher == "3DES_EDE":
        prefix = re.sub("^DHE-(?=RSA|DSS)", "DHE-" if "EXPORT1024" in name else "EDH-", prefix)
    export = ("EXP1024-" if "EXPORT1024" in name else "EXP-") if parts.export else ""
    tail = "" if parts.bulk.mode == "POLY1305" or not mac else f"-{mac}"
    return f"{export}{prefix}{bulk}{tail}"


def make_suite(code: int, name: str, *, openssl: bool, gnutls: str) -> Suite:
    """The row for one IANA name."""
    parts = take_apart(name)
    kx, auth = KEY_EXCHANGES[parts.exchange]
    bulk, aead = parts.bulk, parts.bulk.mode in AEAD_MODES
    first, last = find_versions(code, parts, kx, aead=aead)
    if first == "TLSv1.3":  # negotiated apart from the suite, whatever the name says
        kx = auth = ""
    by_rule = make_openssl_name(parts, name) if openssl and parts.exchange else ""
    openssl_name = OPENSSL_NAMES.get(code, by_rule)
    twin = openssl_name.replace("EDH-", "DHE-") if "EDH-" in openssl_name else ""
    return Suite(
        code=f"0x{code:04X}",
        iana=name,
        openssl=openssl_name,
        openssl_aliases=OPENSSL_ALIASES.get(code, twin),
        gnutls=gnutls,
        kx=f"{kx}_EXPORT" if parts.export else kx,
        auth=auth,
        cipher=bulk.cipher,
        mode=bulk.mode,
        mac="" if aead else {"SHA": "SHA1", "NULL": ""}.get(parts.hash_name, parts.hash_name),
        bits=bulk.bits,
        fs="Y" if kx in FORWARD_SECRET else "N",
        aead="Y" if aead else "N",
        min_version=first,
        max_version=last,
    )


def make_ssl2_suites() -> Iterator[Suite]:
    """The rows of SSL 2, whose kinds all use RSA and MD5."""
    for code, kind, openssl, cipher, mode, bits in SSL2_KINDS:
        yield Suite(
            code=f"0x{code:06X}",
            iana=f"SSL_CK_{kind}_WITH_MD5",
            openssl=openssl,
            openssl_aliases="",
            gnutls="",
            kx="RSA",
            auth="RSA",
            cipher=cipher,
            mode=mode,
            mac="MD5",
            bits=bits,
            fs="N",
            aead="N",
            min_version="SSLv2",
            max_version="SSLv2",
        )


def read_cryptodatahub(file: str) -> Mapping[str, Mapping[str, object]]:
    """A JSON table of CryptoDataHub's package `tls`."""
    table: dict[str, dict[str, object]] = json.loads(
        (files("cryptodatahub.tls") / file).read_text(encoding="utf-8")
    )
    return table


def run(*command: str) -> str:
    """What a program prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603


def read_openssl() -> dict[int, str]:
    """OpenSSL's own names by code point."""
    lines = run("openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    found = re.findall(r"0x(\w\w),0x(\w\w) - \S+ +- (\S+)", lines)
    return {int(high + low, 16): name for high, low, name in found}


def read_gnutls() -> dict[int, str]:
    """GnuTLS's own names by code point, without the `TLS_` that sessions do not show."""
    found = re.findall(r"^TLS_(\w+)\s+0x(\w\w), 0x(\w\w)", run("gnutls-cli", "-l"), re.MULTILINE)
    return {int(high + low, 16): name for name, high, low in found}


def read_names(table: Mapping[str, Mapping[str, object]]) -> dict[int, str]:
    """Code points and IANA names, without the codes that are left out."""
    names = {int(str(row["code"])): key for key, row in table.items()}
    names = {code: re.sub("^OLD_(.*)", r"\1_OLD", key) for code, key in names.items()}
    kept = {
        code: name
        for code, name in names.items()
        if code in PRIVATE_CODES
        or not (
            code in NO_SUITES
            or any(code in span for span in PRIVATE_RANGES)
            or name.endswith("_OLD")
        )
    }
    return dict(sorted((kept | MORE_NAMES).items()))


def make_suites() -> list[Suite]:
    """All rows of `cipher_suites.csv`; raises where a source contradicts a rule."""
    table = read_cryptodatahub("cipher-suite.json")
    theirs = {int(str(row["code"])): str(row["openssl_name"] or "") for row in table.values()}
    openssl, gnutls = read_openssl(), read_gnutls()
    suites: list[Suite] = []
    for code, name in read_names(table).items():
        told = openssl.get(code) or ("" if code in WRONG_OPENSSL else theirs.get(code, ""))
        suite = make_suite(
            code,
            name,
            openssl=bool(told) or code in OPENSSL_HAD,
            # In TLS 1.3 GnuTLS shows a name of 1.2, or the parts of the session.
            gnutls="" if 0x1300 <= code <= 0x13FF else gnutls.get(code, ""),  # noqa: PLR2004
        )
        ours = {suite.iana, suite.openssl, *suite.openssl_aliases.split()}
        if told and told not in ours:
            raise ValueError(f"{name}: {told} is not among {ours}")
        suites.append(suite)
    if lost := {*openssl, *gnutls} - {int(suite.code, 16) for suite in suites}:
        raise ValueError(f"suites of OpenSSL or GnuTLS are missing: {lost}")
    return [*suites, *make_ssl2_suites()]


# RFC 8447 section 8, RFC 8446 section 11: the suites with Y.
IANA_YES: Final = frozenset(
    [
        f"TLS_{kx}_WITH_AES_{bits}"
        for kx in ("DHE_RSA", "DHE_PSK")
        for bits in ("128_CCM", "256_CCM")
    ]
    + [
        f"TLS_{kx}_WITH_{bulk}"
        for kx in ("DHE_RSA", "DHE_PSK", "ECDHE_ECDSA", "ECDHE_RSA", "ECDHE_PSK")
        for bulk in ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")
    ]
    + ["TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256", "TLS_AES_128_CCM_SHA256"]
    + ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
)


def ask_rfc9325(suite: Suite) -> str:
    """BCP 195, sections 3.1.1, 4.1 and 4.2."""
    if suite.min_version == "TLSv1.3" and suite.bits:
        return "TLS 1.3"  # left to RFC 8446
    if suite.max_version == "SSLv2" or suite.bits < 112 or suite.cipher.startswith("RC4"):  # noqa: PLR2004
        return "MUST NOT"
    avoided = {"RSA", "DH_STATIC", "ECDH_STATIC", "DH", "DHE"}
    if suite.kx in avoided or suite.mode == "CBC" or suite.bits < 128:  # noqa: PLR2004
        return "SHOULD NOT"
    certificate = suite.kx == "ECDHE" and suite.auth in {"RSA", "ECDSA"}
    recommended = certificate and suite.cipher.startswith("AES") and suite.mode == "GCM"
    return "RECOMMENDED" if recommended else ""


def ask_iana(suite: Suite) -> str:
    """The registry's column "Recommended"; D as RFC 9847 has set it."""
    code = int(suite.code, 16)
    if code in PRIVATE_CODES or suite.max_version == "SSLv2":
        return ""
    kerberos = suite.kx.startswith("KRB5") and suite.cipher != "3DES_EDE"
    open_or_rc4 = suite.kx in {"PSK", "ECDHE", "ECDHE_PSK", ""} and (
        suite.cipher == "NULL" or suite.cipher.startswith("RC4")
    )
    if kerberos or open_or_rc4:
        return "D"
    return "Y" if suite.iana in IANA_YES else "N"


def ask_obsolete_kex(suite: Suite) -> str:
    """draft-ietf-tls-deprecate-obsolete-kex: static RSA, every finite field, static ECDH."""
    kx = suite.kx.removesuffix("_EXPORT")
    finite = kx in {"RSA", "RSA_PSK", "DH", "DH_STATIC", "DHE", "DHE_PSK"}
    registered = ask_iana(suite) != ""
    return "D" if registered and (finite or kx in {"ECDH", "ECDH_STATIC"}) else ""


def ask_ncsc(suite: Suite) -> str:
    """The Dutch NCSC's guidelines of 2025, as used for incoming mail by internet.nl."""
    bulk = suite.cipher.split("_")[0]
    if suite.iana.endswith("_OLD") or suite.mode == "CCM_8" or suite.mac in {"MD5", "SHA1"}:
        return "insufficient"
    if suite.min_version == "TLSv1.3":
        known = {"TLS_AES_256_GCM_SHA384": "good", "TLS_CHACHA20_POLY1305_SHA256": "good"}
        known |= {"TLS_AES_128_GCM_SHA256": "sufficient", "TLS_AES_128_CCM_SHA256": "sufficient"}
        return known.get(suite.iana, "insufficient")
    pair = f"{suite.kx}_{suite.auth}"
    ciphers = {"AES", "CAMELLIA", "ARIA", "CHACHA20"}
    if pair not in {"ECDHE_ECDSA", "ECDHE_RSA", "DHE_RSA"} or bulk not in ciphers:
        return "insufficient"
    best = suite.kx == "ECDHE" and suite.aead == "Y" and bulk in {"AES", "CHACHA20"}
    return "sufficient" if best else "phase out"


def ask_mozilla(suite: Suite) -> str:
    """Mozilla's server side TLS: `modern` and `intermediate` of 6.0, `old` of 5.8."""
    if suite.iana in IANA_YES and suite.min_version == "TLSv1.3" and suite.mode != "CCM":
        return "modern"
    if suite.iana in IANA_YES and suite.kx == "ECDHE" and suite.mode in {"GCM", "POLY1305"}:
        return "intermediate"
    aes = suite.cipher.startswith("AES") and suite.mode in {"CBC", "GCM"}
    old = (aes and suite.kx in {"RSA", "ECDHE"}) or suite.openssl == "DES-CBC3-SHA"
    return "old" if old else ""


def make_opinions(suites: Iterable[Suite]) -> list[Opinion]:
    """All rows of `grades.csv`."""
    asked = (ask_rfc9325, ask_iana, ask_obsolete_kex, ask_ncsc, ask_mozilla)
    return [Opinion(suite.code, suite.iana, *(ask(suite) for ask in asked)) for suite in suites]


# Spelled otherwise than CryptoDataHub's capitals, or missing there; IANA's "TLS Supported Groups".
GROUP_NAMES: Final = {
    **{0x1A + n: f"brainpoolP{bits}r1" for n, bits in enumerate((256, 384, 512))},  # RFC 7027
    **{0x1F + n: f"brainpoolP{bits}r1tls13" for n, bits in enumerate((256, 384, 512))},  # RFC 8734
    0x29: "curveSM2",
    0x11EB: "SecP256r1MLKEM768",
    0x11EC: "X25519MLKEM768",
    0x11ED: "SecP384r1MLKEM1024",
    0x6399: "X25519Kyber768Draft00",
    0x639A: "SecP256r1Kyber768Draft00",
}
GROUP_ALIASES: Final = {
    # FIPS 186-4; X9.62 as in OpenSSL; Go's CurveID
    0x13: "P-192 prime192v1",
    0x15: "P-224",
    0x17: "P-256 prime256v1 CurveP256 nistp256",
    0x18: "P-384 CurveP384 nistp384",
    0x19: "P-521 CurveP521 nistp521",
    0x1D: "curve25519",
    0x1E: "curve448",
    0x29: "SM2",
    0x11EB: "p256_mlkem768",  # oqs-provider
    0x11ED: "p384_mlkem1024",
    0x6399: "X25519Kyber768",  # BoringSSL
    0x639A: "P256Kyber768Draft00",
}
# FIPS 186-4 calls the Koblitz curves K and the random ones B; of 163 bits it took the second.
NIST_BINARY: Final = re.compile(r"sect(233|283|409|571|163(?=k1|r2))(k1|r1|r2)")


def make_groups() -> list[Group]:
    """All rows of `groups.csv`."""
    table = read_cryptodatahub("named-curve.json")
    names = {int(str(row["code"])): name.lower() for name, row in table.items()}
    registered = [*range(0x01, 0x2A), *range(0x100, 0x105), *range(0x200, 0x203)]
    chosen = {code: names[code] for code in registered if code in names} | GROUP_NAMES
    return [
        Group(f"0x{code:04X}", spell_group(name), *find_kind(code), find_aliases(code, name))
        for code, name in sorted(chosen.items())
    ]


def find_aliases(code: int, name: str) -> str:
    """The other names of a group."""
    if binary := NIST_BINARY.fullmatch(name):
        return f"{'K' if binary[2] == 'k1' else 'B'}-{binary[1]}"
    return GROUP_ALIASES.get(code, "")


def spell_group(name: str) -> str:
    """IANA's letter case: capitals for GOST curves and for the ML-KEM."""
    return name.upper() if name.startswith(("gc", "mlkem")) else name


def find_kind(code: int) -> tuple[str, str]:
    """How the group agrees on a key, and whether that outlasts quantum computers."""
    if code in GROUP_NAMES and code > 0x1000:  # noqa: PLR2004
        return "hybrid", "Y"
    if 0x200 <= code < 0x300:  # noqa: PLR2004
        return "kem", "Y"
    return ("dhe" if 0x100 <= code < 0x200 else "ecdhe"), "N"  # noqa: PLR2004


def write(rows: list[Suite] | list[Opinion] | list[Group]) -> str:
    """The rows as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0]._fields)
    writer.writerows(rows)
    return text.getvalue()


def make_files() -> Iterator[tuple[Path, str]]:
    """The files and what belongs into them."""
    suites = make_suites()
    yield DATA / "cipher_suites.csv", write(suites)
    yield DATA / "groups.csv", write(make_groups())
    yield DATA / "grades.csv", write(make_opinions(suites))


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description="Make the tables of headertls.tls.")
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    check = parser.parse_args().check
    stale = 0
    for path, text in make_files():
        if not check:
            path.write_text(text, encoding="ascii")
        elif path.read_text(encoding="ascii") != text:
            stale += 1
            print(f"{path.name} differs from a fresh run", file=sys.stderr)
    return min(stale, 1)


if __name__ == "__main__":
    sys.exit(main())
