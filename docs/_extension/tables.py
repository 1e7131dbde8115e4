"""Tables of the reference, written from the tables of the code: nothing is said twice.

A page names one in a line of its own, `<!-- generated: findings -->`. What stands here needs no
Sphinx, so that the tests can read it, too.
"""

import ast
import inspect
import io
import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from enum import Enum
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from unittest import mock

from headertls import FindingCode, Profile, Severity, TlsVersion
from headertls.classifier import finding_rules, transport_rules, writers
from headertls.classifier.writers import Writer
from headertls.cli import main
from headertls.cli.commands import app
from headertls.tls import grades, suites

HELP_WIDTH: Final = 80
"""Columns of the help texts."""


def find_member_docs(members: type[Enum]) -> Mapping[str, str]:
    """Find the strings below the members of an enum, by the members' names.

    >>> find_member_docs(FindingCode)["WEAK_CIPHER"]
    'A weak cipher suite.'
    """
    [body] = ast.parse(inspect.getsource(members)).body
    assert isinstance(body, ast.ClassDef)
    docs: dict[str, str] = {}
    for member, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(member, ast.Assign)
            and isinstance(member.targets[0], ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            docs[member.targets[0].id] = inspect.cleandoc(str(below.value.value))
    return docs


def write_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Write a table of Markdown.

    >>> print(write_table(("a", "b"), [("1", "2|3")]))
    | a | b |
    |---|---|
    | 1 | 2\|3 |
    """
    lines = [head, *rows]
    cells = [[" ".join(cell.split()).replace("|", "\\|") for cell in line] for line in lines]
    written = [f"| {' | '.join(line)} |" for line in cells]
    return "\n".join([written[0], "|" + "---|" * len(head), *written[1:]])


def write_findings() -> str:
    """Write each finding, what it is raised for, and how grave it is."""
    docs = find_member_docs(FindingCode)
    weights: dict[FindingCode, tuple[str, str]] = {}
    for rule in finding_rules.RULES:
        has = rule.weights
        mine = _write_weights(has.trusted, has.trusted_medium)
        weights.setdefault(rule.code, (mine, _write_weights(has.claim, has.claim_medium)))
    for code in finding_rules.CHAIN_MESSAGES:
        weights[code] = ("info", "info")
    return write_table(
        ("finding", "raised for", "severity", "as a claim"),
        ((f"`{code}`", docs[code.name], *weights[code]) for code in FindingCode),
    )


def _write_weights(high: Severity | None, medium: Severity | None) -> str:
    """Write how grave a finding is; in brackets where the confidence is medium."""
    if high is None:
        return "none"
    return high.value if high is medium or medium is None else f"{high.value} ({medium.value})"


def write_transport_rules() -> str:
    """Write the rules that decide the transport, in the order in which they are tried."""
    return write_table(
        ("rule", "transport", "confidence", "what a verdict says"),
        (
            (
                f"`{rule.name}`",
                f"`{rule.transport}`",
                rule.confidence or "",
                rule.reason.format(writer="*the writer*"),
            )
            for rule in transport_rules.RULES
        ),
    )


def write_suite_rules() -> str:
    """Write the rules that grade a cipher suite, in the order in which they are tried."""
    return write_table(
        ("rule", "grade"), ((f"`{name}`", f"`{grade}`") for name, grade, _ in grades.SUITE_RULES)
    )


SESSIONS: Final = (
    (TlsVersion.TLSV1_3, "TLS_AES_256_GCM_SHA384"),
    (TlsVersion.TLSV1_3, "TLS_AES_128_GCM_SHA256"),
    (TlsVersion.TLSV1_2, "ECDHE-RSA-AES256-GCM-SHA384"),
    (TlsVersion.TLSV1_2, "ECDHE-RSA-CHACHA20-POLY1305"),
    (TlsVersion.TLSV1_2, "DHE-RSA-AES256-GCM-SHA384"),
    (TlsVersion.TLSV1_2, "ECDHE-RSA-AES256-SHA384"),
    (TlsVersion.TLSV1_2, "ECDHE-RSA-AES256-SHA"),
    (TlsVersion.TLSV1_2, "AES256-GCM-SHA384"),
    (TlsVersion.TLSV1_2, "ADH-AES256-GCM-SHA384"),
    (TlsVersion.TLSV1_2, "DES-CBC3-SHA"),
    (TlsVersion.TLSV1_0, "ECDHE-RSA-AES256-SHA"),
    (TlsVersion.TLSV1_2, "ECDHE-RSA-RC4-SHA"),
    (TlsVersion.SSLV3, "AES256-SHA"),
)
"""What is met in mail, best first; suites by their names in OpenSSL."""


def write_grades() -> str:
    """Write how the profiles grade what is met in mail."""
    return write_table(
        ("session", *(f"`{profile}`" for profile in Profile)),
        (
            (
                f"{version.value.replace('v', ' ')}, `{name}`",
                *(grades.grade(version, suites.find_suite(name), by).value for by in Profile),
            )
            for version, name in SESSIONS
        ),
    )


def write_writers() -> str:
    """Write what the silence of each product and service is worth, and how that is known."""
    hosts = ((row.writer, _name_host(row)) for row in writers.HOST_WRITERS)
    forms = (
        (row, "told by the form of its lines")
        for row in (
            writers.QMAIL_FORM,
            writers.YAHOO_FORM,
            writers.MAILFRONT_FORM,
            writers.ZIMBRA_FORM,
        )
    )
    products = ((row, _name_range(row)) for row in writers.WRITERS)
    return write_table(
        ("writer", "of it", "marks TLS", "how we know"),
        (
            (row.name, which, f"`{row.marking}`", row.source)
            for row, which in (*products, *forms, *hosts)
        ),
    )


RECORDED: Final = Path(__file__).parents[2] / "tests" / "lab" / "recorded"
"""What real servers wrote of sessions whose truth is known: see the how-to on the lab."""

Table = Mapping[str, Any]
"""A table of TOML."""


def read_recordings() -> list[tuple[str, Table, list[Table], list[Table]]]:
    """Read each recording: the server's name, what is said of it, its sessions, its refusals."""
    found: list[tuple[str, Table, list[Table], list[Table]]] = []
    for path in RECORDED.glob("*.toml"):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        misread = path.parent / "misread" / path.name
        sessions = list(table.get("session", ()))
        if misread.exists():
            sessions += tomllib.loads(misread.read_text(encoding="utf-8"))["session"]
        server = table["server"]
        role = _ROLES.get(_without_suite("", path.stem), "")
        name = f"{server['product']} {server['version'].partition('+')[0]}{role}"
        found.append((name, server, sessions, table.get("refused", [])))
    return sorted(found, key=lambda row: row[0].lower())


_ROLES: Final = {
    "chain": ", before amavis and Dovecot",
    "dovecot-lmtp": ", LMTP",
    "dovecot-submission": ", submission",
    "fronted-exim": ", behind HAProxy",
    "fronted-haraka": ", behind HAProxy",
    "fronted-postfix": ", behind HAProxy",
    "hiding-postfix": ", `smtpd_hide_client_session`",
    "ways-courier": ", mail handed in",
    "ways-exim": ", mail handed in, a field of the site's own",
    "ways-opensmtpd": ", mail handed in, `mask-src`",
    "ways-postfix": ", XCLIENT, QMQP, a proxy before the queue",
    "ways-sendmail": ", mail handed in",
    "ways-sendmail-own": ", a field of the site's own",
}
_without_suite: Final = re.compile("-(?:bullseye|trixie|sid)$").sub
_OF_TLS: Final = ("version", "suite", "bits", "group", "certificate")
_OF_CLIENT: Final = ("helo", "address", "name", "ident", "auth", "user", "sender", "recipient")


def write_recorded() -> str:
    """Write how many sessions with TLS each recorded server marked, and what its lines tell."""
    return write_table(
        ("server", "package", "with TLS", "marked", "without", "told of TLS", "told of the client"),
        (
            (name, server["package"], *_count_marks(sessions), *_list_told(sessions))
            for name, server, sessions, _ in read_recordings()
        ),
    )


def _count_marks(sessions: Sequence[Table]) -> tuple[str, str, str]:
    truths = [(session, session["truth"]) for session in sessions]
    encrypted = [session for session, truth in truths if "tls" in truth or "front" in truth]
    marked = [session for session in encrypted if "tls" in session["told"]]
    return str(len(encrypted)), str(len(marked)), str(len(sessions) - len(encrypted))


def _list_told(sessions: Sequence[Table]) -> tuple[str, str]:
    told = {fact for session in sessions for fact in session["told"]}
    return (
        ", ".join(fact for fact in _OF_TLS if fact in told) or "nothing",
        ", ".join(fact for fact in _OF_CLIENT if fact in told) or "nothing",
    )


_has_hostile_text: Final = re.compile(r"""[^!#-'*+./:=?@\w\[\]^`{|}~-]""", re.ASCII).search
_STAGES: Final = {"EHLO": "helo", "LHLO": "helo", "MAIL": "sender", "RCPT": "recipient"}
_TEXTS: Final = ("helo", "sender", "recipient", "user", "ident", "certificate")
_OUTCOMES: Final = ("as sent", "changed", "left out", "refused")


def write_hostile_text() -> str:
    """Write what became of the client's texts that hold blanks, brackets, quotes or semicolons."""
    head = ("server", "HELO", "sender", "recipient", "user's name", "ident", "certificate")
    return write_table(head, _iter_hostile_rows())


def _iter_hostile_rows() -> Iterator[tuple[str, ...]]:
    for name, _, sessions, refused in read_recordings():
        outcomes: dict[str, dict[str, set[str]]] = {}
        for session in sessions:
            for kind, outcome in _find_outcomes(session):
                outcomes.setdefault(session["listener"], {}).setdefault(kind, set()).add(outcome)
        for refusal in refused:
            if text := _find_refused(refusal):
                outcomes.setdefault(refusal["listener"], {}).setdefault(text, set()).add("refused")
        rows: dict[tuple[str, ...], list[str]] = {}
        for listener, kinds in outcomes.items():
            rows.setdefault(tuple(_write_outcomes(kinds)), []).append(listener)
        for row, listeners in rows.items():
            where = "" if len(rows) == 1 else f" (`{'`, `'.join(listeners)}`)"
            yield (f"{name}{where}", *row)


def _find_outcomes(session: Table) -> Iterator[tuple[str, str]]:
    """Tell what became of each hostile text of a session that was held."""
    truth = session["truth"]
    texts = {kind: truth.get(kind) for kind in _TEXTS}
    texts["user"] = truth.get("auth", {}).get("user")
    texts["certificate"] = truth.get("tls", {}).get("certificate")
    for kind, text in texts.items():
        if text and _has_hostile_text(text):
            is_changed = bool(session.get("shown", {}).get(kind))
            is_copied = text in session["line"]
            yield kind, "as sent" if is_copied else "changed" if is_changed else "left out"


def _find_refused(refusal: Table) -> str | None:
    if refusal["stage"] == "AUTH":
        return "user" if "-user-" in refusal["name"] else None
    kind = _STAGES.get(refusal["stage"])
    text = re.sub(r"^[A-Z]+ ?(?:FROM:|TO:)?<?|>$", "", refusal["sent"])
    return kind if _has_hostile_text(text) else None


def _write_outcomes(kinds: Mapping[str, set[str]]) -> Iterator[str]:
    for kind in _TEXTS:
        yield ", ".join(outcome for outcome in _OUTCOMES if outcome in kinds.get(kind, ()))


def _name_range(row: Writer) -> str:
    """Tell for which of a product's versions *row* is."""
    if row.since:
        return f"from {'.'.join(map(str, row.since))}"
    if row.year:
        return f"lines from {row.year} on"
    others = [other for other in writers.WRITERS if other.name == row.name and other is not row]
    return "older, or not told" if row.versionless else ("older" if others else "all")


def _name_host(row: writers.HostWriter) -> str:
    host = f"`{row.prefix}{'…' if row.prefix else ''}{row.domain}`"
    return f"{host}, {', '.join(sorted(row.protocols))}" if row.protocols else host


def write_operators() -> str:
    """Write the mail operators whose hosts and networks are known."""
    text = files("headertls").joinpath("net", "data", "operators.toml").read_text(encoding="utf-8")
    return write_table(
        ("operator", "its hosts", "networks", "always TLS", "hands on whole messages"),
        (
            (
                row["name"],
                ", ".join(f"`{domain}`" for domain in row["domains"]),
                str(len(row.get("ranges", ()))),
                "yes" if row.get("always_tls") else "not known",
                "yes" if row.get("shared") else "no",
            )
            for row in tomllib.loads(text)["operator"]
        ),
    )


def write_commands() -> str:
    """Write the help of the command and of each of its subcommands."""
    return "\n\n".join(_write_help(words) for words in ((), *_iter_commands()))


def _iter_commands() -> Iterator[tuple[str, ...]]:
    return ((name,) for name in app if not name.startswith("-"))


def _write_help(words: tuple[str, ...]) -> str:
    title = " ".join(("headertls", *words))
    return f"## {title}\n\n```text\n{print_help(words).rstrip()}\n```"


def print_help(words: Sequence[str]) -> str:
    """Give what `--help` prints, without colours."""
    plain = {"COLUMNS": str(HELP_WIDTH), "NO_COLOR": "1", "TERM": "dumb"}
    printed = io.StringIO()
    with mock.patch.dict(os.environ, plain), redirect_stdout(printed):
        main([*words, "--help"])
    return printed.getvalue()


GENERATED: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "commands": write_commands,
        "findings": write_findings,
        "grades": write_grades,
        "hostile-text": write_hostile_text,
        "operators": write_operators,
        "recorded": write_recorded,
        "suite-rules": write_suite_rules,
        "transport-rules": write_transport_rules,
        "writers": write_writers,
    }
)
"""What a page may ask for."""

if __name__ == "__main__":
    print(GENERATED[sys.argv[1]]())
