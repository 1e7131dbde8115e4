"""What Prometheus gets to see: true counts, and no series that a sender could make."""

import importlib
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.parser import text_string_to_metric_families

import headertls
from headertls import Confidence, FindingCode, Grade, Headline, Severity, Site, Transport, Trust
from headertls.integrations.metrics import BUCKETS, Metrics
from headertls.parser.caches import count_caches

EXAMPLES: Final = sorted((Path(__file__).parents[1] / "examples").glob("*.eml"))

LABELS: Final = {
    "headline": set(Headline),
    "transport": set(Transport),
    "confidence": {"", *Confidence},
    "grade": {"", *Grade},
    "code": set(FindingCode),
    "severity": set(Severity),
    "cache": {count.name for count in count_caches()},
    "le": {*(str(bound) for bound in BUCKETS), "+Inf"},
}


class Board:
    """Metrics of their own, and what is shown of them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)

    def read(self, name: str) -> dict[tuple[str, ...], float]:
        """The values of a metric by its labels in alphabetical order, without those that are 0."""
        return {
            tuple(value for _, value in sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(generate_latest(self.registry).decode())
            for sample in family.samples
            if sample.name == name and sample.value
        }


def test_counts_are_those_of_the_traces() -> None:
    """Headlines, verdicts on the entry, and findings on lines of own servers, once a message."""
    board = Board()
    traces = [board.metrics.analyze(path) for path in EXAMPLES]

    assert [headertls.analyze(path) for path in EXAMPLES] == traces
    headlines = Counter((trace.headline.value,) for trace in traces)
    assert headlines == board.read("headertls_messages_total")
    entries = Counter(
        (v.confidence or "", v.grade or "", v.transport.value)
        for trace in traces
        if trace.entry and (v := trace.entry.verdict)
    )
    assert entries == board.read("headertls_entries_total")
    findings = [
        [
            found
            for hop in trace
            if hop.verdict and hop.verdict.trust is not Trust.CLAIM
            for found in hop.verdict.findings
        ]
        for trace in traces
    ]
    codes = Counter((code,) for each in findings for code in {found.code.value for found in each})
    assert codes == board.read("headertls_findings_total")
    ranks = [max(found.severity.rank for found in each) for each in findings if each]
    worst = Counter((list(Severity)[rank].value,) for rank in ranks)
    assert worst == board.read("headertls_worst_total")
    assert len(EXAMPLES) == board.read("headertls_analyze_seconds_count")[()]
    assert {} == board.read("headertls_failures_total")


def test_claims_make_no_findings() -> None:
    """What stands on lines that came with the message is the sender's own, and not counted."""
    board = Board()
    trace = board.metrics.analyze(
        b"Received: from a.example (a.example [81.2.69.144]) by mx.site.example (Postfix)"
        b" with ESMTPS id 1; Tue, 29 Aug 2023 10:11:12 +0200\n"
        b"Received: from b.example (b.example [89.160.20.112]) by a.example (Postfix)"
        b" with ESMTP id 2; Tue, 29 Aug 2023 10:11:10 +0200\n\n",
        site=Site(hosts=("mx.site.example",)),
    )

    assert trace.findings
    assert {} == board.read("headertls_findings_total")
    assert {} == board.read("headertls_worst_total")


def test_arguments_reach_the_analysis() -> None:
    """Site, policy and connection are those of `analyze`."""
    live = headertls.LiveConnection(address="81.2.69.144", tls_version="TLSv1.3")
    policy = headertls.Policy(profile="iana")
    site = Site(hosts=("mx.site.example",))
    arguments = (b"Subject: Lunch\n\n", site, policy, live)

    assert headertls.analyze(*arguments) == Board().metrics.analyze(*arguments)


def test_failures_are_counted_and_raised() -> None:
    """What cannot be read is no message of any headline, and the caller hears of it."""
    board = Board()
    with pytest.raises(FileNotFoundError):
        board.metrics.analyze(Path("nowhere.eml"))
    board.metrics.observe(None)

    assert {(): 2.0} == board.read("headertls_failures_total")
    assert {} == board.read("headertls_messages_total")
    assert {} == board.read("headertls_analyze_seconds_count")


def test_results_of_a_scan_are_counted() -> None:
    """Workers' own counts stay in their processes, so their results are counted where they come."""
    board = Board()
    results = list(headertls.scan([*EXAMPLES[:4], "nowhere.eml"], workers=2))
    for result in results:
        board.metrics.observe(result.trace)

    assert 4 == sum(board.read("headertls_messages_total").values())
    assert {(): 1.0} == board.read("headertls_failures_total")


def test_time_is_taken() -> None:
    """A time that is told goes into the bucket that holds it."""
    board = Board()
    board.metrics.observe(headertls.Trace(), seconds=0.003)

    buckets = board.read("headertls_analyze_seconds_bucket")
    assert {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "1.0", "+Inf"} == {
        bound for (bound,) in buckets
    }
    assert {(): 0.003} == board.read("headertls_analyze_seconds_sum")


def test_senders_make_no_series() -> None:
    """However many names, products and ciphers come, labels have values of our own enums only."""
    board = Board()
    for number in range(200):
        board.metrics.analyze(
            f"Received: from h{number}.example (h{number}.example [81.2.69.{number}])\n"
            f"\tby mx{number}.site.example (Product{number}) with ESMTPX{number}\n"
            f"\t(version=TLSv1.{number % 5} cipher=SUITE{number} bits={number}) id {number};\n"
            f"\tTue, 29 Aug 2023 10:11:12 +0200\n\n"
        )
    shown = generate_latest(board.registry).decode()
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(shown):
        for sample in family.samples:
            for name, value in sample.labels.items():
                labels.setdefault(name, set()).add(value)

    assert labels.keys() <= LABELS.keys()
    assert {name: set[str]() for name in labels} == {
        name: values - LABELS[name] for name, values in labels.items()
    }
    assert 200 == sum(board.read("headertls_entries_total").values())


def test_series_are_there_before_the_first_message() -> None:
    """A rise needs a beginning: what alarms ask for is 0 from the start."""
    shown = generate_latest(Board().registry).decode()

    for name, label, values in (
        ("messages", "headline", Headline),
        ("findings", "code", FindingCode),
        ("worst", "severity", Severity),
    ):
        assert [f'headertls_{name}_total{{{label}="{value}"}} 0.0' for value in values] == [
            line for line in shown.splitlines() if line.startswith(f"headertls_{name}_total")
        ]


def test_caches_tell_what_they_did() -> None:
    """A line of a known form is a hit, one of a new form a miss and an entry."""
    board = Board()
    line = b"Received: from cache.example ([81.2.69.144]) by mx.example with SMTP; 1 Jan 2024"
    board.metrics.analyze(line + b" 10:00:00 +0000\n\n")
    before = {count.name: count for count in count_caches()}
    board.metrics.analyze(line + b" 10:00:00 +0000\n\n")
    after = {count.name: count for count in count_caches()}

    assert before["shapes"].hits + 1 == after["shapes"].hits
    assert before["shapes"].misses == after["shapes"].misses
    assert all(0 < count.entries <= count.limit for count in after.values())
    for name in ("hits", "misses"):
        shown = board.read(f"headertls_cache_{name}_total")
        assert getattr(after["shapes"], name) == shown[("shapes",)]
    assert after["shapes"].entries == board.read("headertls_cache_entries")[("shapes",)]


def test_new_form_is_a_miss() -> None:
    """What the grammar was asked for counts as a miss of `shapes`."""
    words = " ".join(f"word{number}" for number in range(37))
    before = count_caches()[0]
    headertls.parse_received(f"from a.example {words} by b.example with SMTP; 1 Jan 2024")
    after = count_caches()[0]

    assert ("shapes", before.misses + 1) == (after.name, after.misses)


def test_page_knows_what_there_is() -> None:
    """The guide's table has each metric, and its questions ask for series that can be."""
    page = (Path(__file__).parents[1] / "docs" / "how-to" / "metrics.md").read_text("utf-8")
    shown = generate_latest(Board().registry).decode()
    families = {family.name: family.type for family in text_string_to_metric_families(shown)}
    names = {f"{n}_total" if kind == "counter" else n for n, kind in families.items()}
    names = {name for name in names if not name.endswith("_created")}  # of the client library
    table = page.partition("| metric |")[2].partition("\n\n")[0]

    assert names == set(re.findall(r"`(headertls_\w+)`", table))
    asked = re.findall(r'(\w+)="([\w-]+)"', page.partition("## Ask")[2])
    assert asked
    assert [] == [(label, value) for label, value in asked if value not in LABELS[label]]


def test_one_of_a_registry() -> None:
    """Two that would count into one series are refused."""
    board = Board()
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        Metrics(board.registry)


def test_prometheus_is_answered() -> None:
    """The client library's own server shows them."""
    board = Board()
    board.metrics.analyze(b"Subject: Lunch\n\n")
    server, thread = start_http_server(0, addr="127.0.0.1", registry=board.registry)
    try:
        address = f"http://127.0.0.1:{server.server_port}/metrics"
        with urllib.request.urlopen(address, timeout=20) as page:  # our own
            shown = page.read().decode()
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)

    assert 'headertls_messages_total{headline="no_trace"} 1.0' in shown


def block(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the import of the client library fail for want of *missing*."""

    def refuse(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named '{missing}' for {name}", name=missing)

    monkeypatch.delitem(sys.modules, "headertls.integrations.metrics")
    monkeypatch.setattr("importlib.import_module", refuse)


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("prometheus_client", r"pip install 'headertls\[metrics\]'"),
        ("something_else", "something_else"),
    ],
)
def test_want_of_the_client_library_is_told(
    missing: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to install; a broken library is not taken for a missing one."""
    load = importlib.import_module
    block(missing, monkeypatch)
    with pytest.raises(ImportError, match=told):
        load("headertls.integrations.metrics")


def test_nothing_is_loaded_that_is_not_asked_for() -> None:
    """The library itself, and the room of the integrations, do without the client library."""
    code = "import sys, headertls.integrations; sys.exit('prometheus_client' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
