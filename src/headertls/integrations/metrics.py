"""What is analyzed, as metrics for Prometheus; the one home of its client library."""

from collections.abc import Iterator
from importlib import import_module
from time import perf_counter
from typing import Final

from headertls.analysis import analyze
from headertls.models import (
    Finding,
    FindingCode,
    Headline,
    LiveConnection,
    Policy,
    Severity,
    Site,
    Trace,
    Trust,
    Verdict,
)
from headertls.parser.caches import CacheCount, count_caches
from headertls.source import Source

try:
    import_module("prometheus_client")
except ModuleNotFoundError as error:
    if error.name != "prometheus_client":
        raise
    raise ImportError(
        "metrics need prometheus-client: pip install 'headertls[metrics]'",
        name="prometheus_client",
    ) from None

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS: Final = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
"""Bounds of the histogram, in seconds: a message takes about a millisecond."""


class Metrics:
    r"""Counts what is analyzed, for Prometheus to ask for.

    No label holds a text of a message: all values come from the library's own enums, so that no
    sender can make series, however odd the mail.

    >>> from prometheus_client import CollectorRegistry
    >>> registry = CollectorRegistry()
    >>> metrics = Metrics(registry)
    >>> metrics.analyze(b"Subject: Lunch\n\n").headline.value
    'no_trace'
    >>> registry.get_sample_value("headertls_messages_total", {"headline": "no_trace"})
    1.0
    """

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        """Register all metrics.

        Args:
            registry: Where; there is one `Metrics` in each.

        Raises:
            ValueError: The registry has them already.
        """
        self._messages = Counter(
            "headertls_messages",
            "Messages that were analyzed, by how they came in.",
            ["headline"],
            registry=registry,
        )
        self._failures = Counter(
            "headertls_failures", "Messages that could not be read.", registry=registry
        )
        self._entries = Counter(
            "headertls_entries",
            "Connections by which messages came in from outside, by the verdict on them.",
            ["transport", "confidence", "grade"],
            registry=registry,
        )
        self._findings = Counter(
            "headertls_findings",
            "Messages with a finding on a line of own servers, by its code.",
            ["code"],
            registry=registry,
        )
        self._worst = Counter(
            "headertls_worst",
            "Messages with findings on lines of own servers, by the gravest severity.",
            ["severity"],
            registry=registry,
        )
        self._seconds = Histogram(
            "headertls_analyze_seconds",
            "Time that the analysis of a message took.",
            buckets=BUCKETS,
            registry=registry,
        )
        registry.register(CacheCollector())
        # from the start, for Prometheus sees no rise from nothing to one
        for counter, values in (
            (self._messages, Headline),
            (self._findings, FindingCode),
            (self._worst, Severity),
        ):
            for value in values:
                counter.labels(value.value)

    def analyze(
        self,
        source: Source,
        site: Site | None = None,
        policy: Policy | None = None,
        live: LiveConnection | None = None,
    ) -> Trace:
        """Do what `headertls.analyze` does, take its time, and count what comes out.

        What it raises is counted as a failure, and raised.
        """
        begin = perf_counter()
        try:
            trace = analyze(source, site, policy, live)
        except Exception:
            self.observe(None)
            raise
        self.observe(trace, perf_counter() - begin)
        return trace

    def observe(self, trace: Trace | None, seconds: float | None = None) -> None:
        """Count a message that was analyzed elsewhere, such as a result of `headertls.scan`.

        Args:
            trace: What it says; `None` of one that could not be read.
            seconds: How long the analysis took, if that is known.
        """
        if seconds is not None:
            self._seconds.observe(seconds)
        if trace is None:
            self._failures.inc()
            return
        self._messages.labels(trace.headline.value).inc()
        if trace.entry is not None and trace.entry.verdict is not None:
            self._entries.labels(*_label_entry(trace.entry.verdict)).inc()
        findings = _find_own(trace)
        for code in {found.code.value for found in findings}:
            self._findings.labels(code).inc()
        if findings:
            worst = max((found.severity for found in findings), key=lambda level: level.rank)
            self._worst.labels(worst.value).inc()


def _label_entry(verdict: Verdict) -> tuple[str, str, str]:
    return (verdict.transport.value, verdict.confidence or "", verdict.grade or "")


def _find_own(trace: Trace) -> list[Finding]:
    """Find what was found on lines of own servers; claims are what the sender made of them."""
    verdicts = (hop.verdict for hop in trace)
    return [
        found
        for verdict in verdicts
        if verdict is not None and verdict.trust is not Trust.CLAIM
        for found in verdict.findings
    ]


class CacheCollector(Collector):
    """The counts of `count_caches`, read when they are asked for."""

    def describe(self) -> Iterator[Metric]:
        """Name the metrics."""
        return _make_families(())

    def collect(self) -> Iterator[Metric]:
        """Read the counts."""
        return _make_families(count_caches())


def _make_families(counts: tuple[CacheCount, ...]) -> Iterator[Metric]:
    hits = CounterMetricFamily(
        "headertls_cache_hits", "Answers that a cache of the parser had.", labels=["cache"]
    )
    misses = CounterMetricFamily(
        "headertls_cache_misses", "Answers that had to be found.", labels=["cache"]
    )
    entries = GaugeMetricFamily(
        "headertls_cache_entries", "Answers that are kept.", labels=["cache"]
    )
    for count in counts:
        hits.add_metric([count.name], count.hits)
        misses.add_metric([count.name], count.misses)
        entries.add_metric([count.name], count.entries)
    yield from (hits, misses, entries)
