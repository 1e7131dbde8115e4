"""Headers for the public: nothing private is left, and every verdict is as before."""

import gzip
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headertls import Trace, analyze, redact
from headertls.models import Hop
from headertls.net.domains import find_public_suffix
from headertls.net.operators import list_operators
from headertls.net.scope import Reach, find_reach
from headertls.redaction import vocabulary
from headertls.redaction.fields import WRITTEN
from headertls.redaction.hosts import RESERVED
from headertls.redaction.vocabulary import is_about_tls, line_words
from timing import assert_takes_at_most

settings.register_profile("redaction", deadline=None)

TESTS: Final = Path(__file__).parent
EXAMPLES: Final = sorted((TESTS.parent / "examples").glob("*.eml"))
LINES: Final = [
    case["text"].strip()
    for path in sorted((TESTS / "received").glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]
FOLDER: Final = os.environ.get("HEADERTLS_CORPUS")
KEY: Final = b"a key of the tests"


def write_field(line: str) -> bytes:
    """The header block that holds nothing but *line*."""
    return b"Received: " + re.sub(r"\s*[\r\n]\s*", "\n\t", line).encode(errors="replace") + b"\n"


def judge_hop(hop: Hop) -> tuple[object, ...]:
    """What must not change of a hop; delays are compared to the milliseconds that stay."""
    assert hop.verdict is not None
    verdict = hop.verdict
    return (
        (verdict.kind, verdict.scope, verdict.transport, verdict.confidence, verdict.grade),
        (verdict.trust, verdict.rule, verdict.reason, verdict.continuity, verdict.reorigin),
        tuple((found.code, found.severity) for found in verdict.findings),
        None if verdict.delay is None else pytest.approx(verdict.delay, abs=0.002),
        hop.tls and (hop.tls.version, hop.tls.suite, hop.tls.bits, hop.tls.group),
        hop.auth is not None,
        hop.complete,
    )


def judge_trace(trace: Trace) -> tuple[object, ...]:
    """What must not change of a message."""
    return (
        (trace.headline, trace.boundary_inferred, trace.protection, trace.tls_waived),
        trace.hops.index(trace.entry) if trace.entry else None,
        [(found.code, found.severity) for found in trace.findings],
        len(trace.authentication_results),
        [judge_hop(hop) for hop in trace],
    )


# -- what is left of the original

_WORD: Final = re.compile(r"[^\W_](?:[\w.-]|[^\x00-\x7f\s])*[^\W_]|[^\W_]")
_TABLES: Final = (
    line_words()
    | vocabulary.tls_words()
    | vocabulary.RESULTS
    | vocabulary.LOGINS
    | vocabulary.FLAGS
    | vocabulary.CIPHER_PARTS
    | {"cleartext", "plaintext"}
    | RESERVED
    | {name.lower() for name in WRITTEN.values()}
    | frozenset(
        ("received", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr",
         "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "november", "monday", "tuesday",
         "wednesday", "thursday", "friday", "saturday", "sunday", "text", "plain", "ipv6", "fe80",
         "ffff", "multipart", "signed", "encrypted", "application", "lt", "gt", "am", "pm", "es",
         "protocol", "pgp", "signature", "pkcs7", "mime", "smime", "type", "data", "enveloped")
    )
)  # fmt: skip
_PARTS: Final = _TABLES | {part for word in _TABLES for part in re.split(r"[._-]", word)}
_DOMAINS: Final = {
    label for row in list_operators() for domain in row.domains for label in domain.split(".")
}
# No letters but those of versions: 4.96, vM.8.01, 8.14.7, 14.0FP4, and groups of an address.
_VERSION: Final = re.compile(r"(?:v|vm)?\d[\d.]*(?:[a-z]{1,2}\d{0,2})?|[\da-f]{1,4}", re.IGNORECASE)

_VERSIONED: Final = re.compile(r"(?:aix|smail|smi)\d")


def iter_words(text: str) -> Iterator[str]:
    """Give what a name could be told by: dotted words, and their labels."""
    for word in _WORD.findall(text.lower()):
        yield word
        yield from (part for part in re.split(r"[._]", word) if part)


def find_suffix_labels(text: str) -> set[str]:
    """The public suffixes of the hosts in *text*, and their labels."""
    suffixes = {find_public_suffix(word) or "" for word in _WORD.findall(text) if "." in word}
    return suffixes | {label for suffix in suffixes for label in suffix.split(".")}


def is_table_word(word: str) -> bool:
    """Whether a word is made of those that a table has, and of versions."""
    # `=3D` is an equals sign that went through quoted-printable.
    parts = [part.removeprefix("3d") or part for part in re.split(r"[._-]", word)]
    return all(
        len(part) < 2  # a letter is no name
        or part in _PARTS
        or part in _DOMAINS
        or is_about_tls(part)
        or _VERSION.fullmatch(part)
        or _VERSIONED.fullmatch(part)
        for part in parts
    )


def find_leaks(source: bytes, shown: str) -> set[str]:
    """The words of *source* that *shown* still has, and that no table knows."""
    before = set(iter_words(source.decode(errors="backslashreplace")))
    after = set(iter_words(shown))
    suffixes = find_suffix_labels(shown)
    writers = {
        "inbound-smtp",
        "email-smtp",
        "caffeine/http-relay",
        "caffeine",
        "http-relay",
        "vger",
        "kernel",
    }
    writers |= {"naver", "sina", "qq", "biglobe", "amazonaws", "kundenserver", "aol", "salesforce"}
    return {
        word
        for word in before & after
        if not is_table_word(word)
        and not is_about_tls(word)
        and word not in suffixes | writers
        and not all(label in suffixes | writers | _DOMAINS | RESERVED for label in word.split("."))
    }


def find_kept_addresses(before: Trace, shown: str) -> set[str]:
    """The addresses of hops that stand in *shown*; loopback is everybody's."""
    ends = [end for hop in before for end in (hop.client, hop.server) if end and end.address]
    known = {end.address for end in ends}
    words = set(re.findall(r"[\da-f:.]+", shown.lower()))
    nobody = (Reach.LOOPBACK, Reach.UNSPECIFIED)
    return {str(a) for a in known if find_reach(a) not in nobody and str(a) in words}


def check(source: bytes) -> None:
    """Hold the whole promise against one message."""
    before = analyze(source)
    shown = redact(source)
    assert judge_trace(analyze(shown)) == judge_trace(before)
    assert set() == find_leaks(source, shown)
    assert set() == find_kept_addresses(before, shown)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_judged_as_before(path: Path) -> None:
    """Kinds, scopes, transports, trust and findings of the examples stay, and no name does."""
    check(path.read_bytes())


@pytest.mark.parametrize("part", range(8))
def test_dialects_are_judged_as_before(part: int) -> None:
    """So do those of every dialect, and of every attack."""
    for line in LINES[part::8]:
        check(write_field(line))


def read_corpus() -> Iterator[bytes]:
    """The header blocks and the messages of the development lines."""
    folder = Path(FOLDER or "")
    with gzip.open(folder / "header-blocks-dev.jsonl.gz", "rt", encoding="utf-8") as rows:
        for row in rows:
            yield json.loads(row)["headers"].encode(errors="surrogateescape")
    with gzip.open(folder / "received-dev.jsonl.gz", "rt", encoding="utf-8") as rows:
        for values in (json.loads(row)["received"] for row in rows):
            text = "".join(f"Received: {value}\n" for value in values)
            yield text.encode(errors="surrogateescape")


@pytest.mark.corpus
@pytest.mark.skipif(FOLDER is None, reason="HEADERTLS_CORPUS is not set")
def test_corpus_is_judged_as_before() -> None:
    """Real messages keep their verdicts, and nothing of theirs is left but words of tables."""
    wrong: list[int] = []
    leaks: dict[int, set[str]] = {}
    for number, source in enumerate(read_corpus()):
        before, shown = analyze(source), redact(source)
        if judge_trace(analyze(shown)) != judge_trace(before):
            wrong.append(number)
        if found := find_leaks(source, shown) | find_kept_addresses(before, shown):
            leaks[number] = found
    assert ([], {}) == (wrong, leaks)


# -- whatever comes


hostile = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=300),
    st.lists(
        st.sampled_from(LINES).map(lambda line: line[: len(line) // 2])
        | st.sampled_from(("(", ")", '"', "@", ";", "=3D", "\n", "::1", "300.1.1.1", "é", "\x00")),
        max_size=6,
    ).map("".join),
)


@given(hostile)
@settings(settings.get_profile("redaction"), max_examples=300)
def test_nothing_raises(text: str) -> None:
    """Every text is redacted, into as many lines as it was read as."""
    source = write_field(text)
    assert len(analyze(redact(source))) == len(analyze(source))


@given(st.binary(max_size=300))
@settings(settings.get_profile("redaction"), max_examples=200)
def test_no_octets_raise(data: bytes) -> None:
    """Nor do any octets, whatever they are read as."""
    assert len(analyze(redact(data))) == len(analyze(data))


@given(st.sampled_from(LINES))
@settings(settings.get_profile("redaction"), max_examples=100)
def test_what_is_redacted_can_be_redacted(line: str) -> None:
    """A second time changes names again, and still no verdict."""
    once = redact(write_field(line))
    assert judge_trace(analyze(redact(once))) == judge_trace(analyze(once))


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "a.",
        "a@",
        "(",
        ")",
        "::",
        "1:",
        "=",
        "<",
        '"',
        "-",
        "1.2.3.4 ",
        "é",
        "Mon, ",
        "a-",
        " ",
        "\t",
        "\u3000",
    ],
)
def test_time_is_bounded(unit: str) -> None:
    """Long lines of anything take no more than their length is worth."""
    source = b"Received: from a by b; " + (unit * (400_000 // len(unit))).encode() + b"x\n"
    for field in (b"Authentication-Results", b"X-TLS"):
        source += field + b": x" + (unit * (40_000 // len(unit))).encode() + b"x\n"

    assert_takes_at_most(10, lambda: redact(source))


PLANTED: Final = "zanzibar"
around = st.sampled_from(("", " ", "\u202e", "\x1b", "'", '"', "=", "@", ":", "-", "/", "&", "\\"))


@given(hostile, st.integers(0, 400), around, around)
@settings(settings.get_profile("redaction"), max_examples=400)
def test_no_place_lets_a_name_through(text: str, place: int, before: str, after: str) -> None:
    """Wherever a word stands that no table knows, it is not shown."""
    planted = text[:place] + before + PLANTED + after + text[place:]
    fields = b"Authentication-Results: " + write_field(planted).partition(b" ")[2]
    assert PLANTED not in redact(write_field(planted) + fields, key=KEY).lower()


# C0, DEL, C1, soft hyphen, widths, directions, a byte order mark, a tag, private use
UNSEEN: Final = (
    *"\x01\x1b\x7f\x80\x85\x9b\u00ad\u061c\u200b\u200f\u202e\u2066\ufeff\U000e0041\ue000",
)


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
@pytest.mark.parametrize(
    "line",
    [
        "from a.example ([81.2.69.144]) by b.example (Postfix) with ESMTP for <{}31m@c.example>",
        "from a.example (HELO x) (joe{}x@81.2.69.144) by b.example with SMTP",
        "from a.example ([81.2.69.144]) by b.example (Postfix) with ESMTP id 4{}Q1-{}",
    ],
)
def test_what_is_not_seen_is_not_kept(line: str, unseen: str) -> None:
    """No control, direction or format character stays, and the verdict is as before."""
    source = f"Received: {line.replace('{}', unseen)}; Tue, 29 Aug 2023 10:11:12 +0200\n"
    shown = redact(source)

    assert [] == [char for char in shown if not char.isprintable() and char not in "\n\t"]
    assert judge_trace(analyze(source)) == judge_trace(analyze(shown))


@pytest.mark.parametrize("ignored", ["\u00ad", "\u200b", "\ufeff"], ids=ascii)
def test_known_domain_loses_what_is_not_seen_in_it(ignored: str) -> None:
    """In a known domain, which stays, no character stays that nobody sees."""
    shown = redact(f"Received: from a.example by mx.m{ignored}ail.ru with esmtp id 4Q1; x\n", KEY)

    assert ".mail.ru with esmtp" in shown
