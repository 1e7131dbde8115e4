"""Plots: what the figures hold, for honest mail, hostile mail, and none at all."""

import pickle
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import headertls
from headertls import Client, Hop, Kind, Scope, Server, Tls, Trace, Transport, Trust, Verdict
from headertls.models import Auth, Confidence
from headertls.plots import delays, shares, versions

EXAMPLES: Final = Path(__file__).parents[1] / "examples"
START: Final = datetime(2024, 5, 6, 12, tzinfo=UTC)
HOSTILE: Final = (
    "$x^2$.example",
    "a$b.example",
    "_hidden.example",
    r"\input{x}.example",
    "\x1b[31mred\u202e.example",
    "\u65e5\u672c\u8a9e.example",
    "\U0001f4a9.example",
    "\udc80.example",
    "x" * 5000 + ".example",
    "<img src=x onerror=alert(1)>.example",
    "",
)


def make_hop(
    transport: Transport = Transport.ENCRYPTED,
    *,
    stamp: datetime | None = START,
    kind: Kind = Kind.RELAY,
    trust: Trust | None = None,
    **facts: Any,
) -> Hop:
    """A hop that was judged."""
    verdict = Verdict(
        kind=kind, scope=Scope.PUBLIC, transport=transport, trust=trust, rule="", reason=""
    )
    return Hop(raw="", timestamp=stamp, verdict=verdict, **facts)


def come_in(transport: Transport = Transport.ENCRYPTED, **facts: Any) -> Trace:
    """A message that came in by one hop."""
    hop = make_hop(transport, **facts)
    return Trace(hops=(hop,), entry=hop)


def come_from(transport: Transport, rdns: str | None, helo: str | None = None) -> Trace:
    """A message that came in from a host."""
    return come_in(transport, client=Client(rdns=rdns, helo=helo))


def write_all(figure: Figure) -> list[str]:
    """Draw *figure*, and give all its texts."""
    figure.canvas.draw()
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def read_ticks(axes: Axes, which: str = "y") -> list[str]:
    """The labels of an axis."""
    labels = axes.get_yticklabels() if which == "y" else axes.get_xticklabels()
    return [label.get_text() for label in labels]


def read_bars(axes: Axes) -> list[tuple[float, float]]:
    """Left edge and width of each bar that lies."""
    bars = (patch for patch in axes.patches if isinstance(patch, Rectangle))
    return [(round(bar.get_x(), 6), round(bar.get_width(), 6)) for bar in bars]


def read_stacks(axes: Axes) -> dict[str, list[float]]:
    """The heights of the bars that stand, for each word of the legend."""
    return {
        str(bars.get_label()): [bar.get_height() for bar in bars]  # type: ignore[attr-defined]
        for bars in axes.containers
    }


def read_legend(figure: Figure) -> list[str]:
    """The words of the legend."""
    [legend] = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def read_note(figure: Figure) -> str:
    """What stands above the words of the legend."""
    [legend] = figure.legends
    return legend.get_title().get_text()


@pytest.fixture(params=["delays", "versions", "shares"])
def draw(request: pytest.FixtureRequest) -> Any:
    """Each of the plots, as a function of traces."""
    plots = headertls.plots
    return {
        "delays": lambda traces: plots.plot_delays(traces[0]),
        "versions": plots.plot_tls_versions,
        "shares": plots.plot_plaintext_share,
    }[request.param]


# What all plots have in common


def test_figure_is_the_library_s_own(draw: Any) -> None:
    """It is a figure of matplotlib, of which pyplot knows nothing: no window, no second picture."""
    figure = draw([come_in()])

    assert isinstance(figure, Figure)
    assert [] == plt.get_fignums()


def test_figure_shows_itself_once(draw: Any) -> None:
    """A notebook gets a PNG from the figure itself, and words for who cannot see it."""
    figure = draw([come_in()])
    data, metadata = figure._repr_png_()

    assert data.startswith(b"\x89PNG\r\n")
    assert len(data) < 100_000
    assert figure.axes[0].get_title() in metadata["alt"] or metadata["alt"] in write_all(figure)


def test_figure_can_be_kept(draw: Any, tmp_path: Path) -> None:
    """It can be pickled, and saved in the forms that people print."""
    figure = pickle.loads(pickle.dumps(draw([come_in()])))  # noqa: S301  # our own
    for form in ("pdf", "svg"):
        figure.savefig(tmp_path / f"figure.{form}")
        assert (tmp_path / f"figure.{form}").stat().st_size > 1000


def test_hostile_names_are_only_text(draw: Any) -> None:
    """No name is a formula or a command, draws a missing sign, or takes more room than others."""
    hops = [
        make_hop(Transport.PLAINTEXT, client=Client(rdns=name, helo=name), server=Server(name=name))
        for name in HOSTILE
    ]
    figure = draw([Trace(hops=tuple(hops), entry=hop) for hop in hops])
    drawn = write_all(figure)

    assert [] == [text for text in drawn if not text.isascii() or len(text) > 80]
    for text in figure.findobj(Text):
        if "example" in text.get_text():
            assert not text.get_parse_math()
            assert not text.get_usetex()


def test_dollars_are_drawn_as_they_are() -> None:
    """A name between dollars is not typeset as mathematics."""
    hop = make_hop(server=Server(name="$x^2$.example"), client=Client(rdns="a$b$.example"))
    figure = headertls.plots.plot_delays(Trace(hops=(hop,)))
    assert ["$x^2$.example 1 "] == read_ticks(figure.axes[0])

    figure = headertls.plots.plot_plaintext_share([Trace(hops=(hop,), entry=hop)])
    assert ["a$b$.example"] == read_ticks(figure.axes[0])


class Absent:
    """Finds no matplotlib, as where it is not installed."""

    @staticmethod
    def find_spec(name: str, _path: object, _target: object = None) -> None:
        """Refuse it."""
        if name.startswith("matplotlib"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_missing_library_is_named(draw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib the error tells what to install; the module itself can be had."""
    for name in list(sys.modules):
        if name.startswith(("matplotlib", "headertls.plots.")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Absent, *sys.meta_path])
    with pytest.raises(ImportError, match=r"pip install 'headertls\[plot\]'$"):
        draw([Trace()])


def test_broken_library_is_not_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What matplotlib itself lacks is told as it is."""
    monkeypatch.delitem(sys.modules, "headertls.plots.delays")
    monkeypatch.delitem(sys.modules, "headertls.plots.canvas")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ModuleNotFoundError, match=r"matplotlib\.figure"):
        headertls.plots.plot_delays(Trace())


def test_every_example_can_be_drawn(draw: Any) -> None:
    """Real shapes of messages draw without a warning."""
    traces = [headertls.analyze(path) for path in sorted(EXAMPLES.glob("*.eml"))]
    longest = max(traces, key=len)

    assert write_all(draw([longest, *traces]))


# Delays


def place(*seconds: float | None) -> Trace:
    """A message whose hops are so many seconds after the start."""
    return Trace(
        hops=tuple(
            make_hop(stamp=None if late is None else START + timedelta(seconds=late))
            for late in seconds
        )
    )


def read_texts(axes: Axes) -> list[str]:
    """The texts beside the bars."""
    return [text.get_text() for text in axes.texts]


def test_delays_of_an_example() -> None:
    """Each hop has its server, its time and its transport, with the signs of the table."""
    figure = headertls.plots.plot_delays(headertls.analyze(EXAMPLES / "mailing-list.eml"))
    [axes] = figure.axes

    assert "Hop delays since 2024-11-17 16:30:29 UTC" == axes.get_title()
    assert [
        "post.oldbarn.example 1~",
        "lists.lathe.example 2~",
        "lists.lathe.example 3~",
        "mx.hazelgate.example 4>",
    ] == read_ticks(axes)
    assert [(0, 0.184), (0, 2), (2, 18), (20, 3)] == read_bars(axes)
    assert ["start, encrypted", "2 s, plaintext", "18 s, plaintext", "3 s, encrypted"] == (
        read_texts(axes)
    )
    assert ["encrypted", "plaintext"] == read_legend(figure)
    assert "> the way in    ~ a claim: cannot be checked" == read_note(figure)
    assert [0.4, 0.4, 0.4, None] == [bar.get_alpha() for bar in axes.patches]


def test_delays_stand_from_top_to_bottom() -> None:
    """The oldest hop is on top."""
    [axes] = headertls.plots.plot_delays(place(0, 5)).axes
    bottom, top = axes.get_ylim()

    assert bottom > 1
    assert top < 0


def test_delay_without_a_time_has_a_row() -> None:
    """A hop without a time stamp is named and has no bar; the next one waits since the last."""
    [axes] = headertls.plots.plot_delays(place(None, 0, None, 10)).axes

    assert ["no time, encrypted", "start, encrypted", "no time, encrypted", "10 s, encrypted"] == (
        read_texts(axes)
    )
    assert [(0, 0.08), (0, 10)] == read_bars(axes)


def test_naive_time_is_no_time() -> None:
    """A time stamp without a zone could be any of many moments."""
    hop = make_hop(stamp=datetime(2024, 5, 6))  # noqa: DTZ001  # that is the matter
    [axes] = headertls.plots.plot_delays(Trace(hops=(hop,))).axes

    assert ["no time, encrypted"] == read_texts(axes)
    assert "Hop delays: the time is unknown" == axes.get_title()
    assert [] == list(axes.get_xticks())


def test_negative_delay_goes_back() -> None:
    """Where clocks disagree, the bar leads to the left, and the text says by how much."""
    [axes] = headertls.plots.plot_delays(place(0, -30)).axes

    assert [(0, 0.24), (-30, 30)] == read_bars(axes)
    assert "-30 s, encrypted" == read_texts(axes)[1]
    assert axes.get_xlim()[0] < -30


@pytest.mark.parametrize(
    ("seconds", "unit", "text"),
    [
        (119, "seconds", "119 s"),
        (120, "minutes", "2 min"),
        (7140, "minutes", "119 min"),
        (9000, "hours", "2.5 h"),
        (864_000, "days", "10 d"),
    ],
)
def test_delays_have_a_fit_unit(seconds: float, unit: str, text: str) -> None:
    """The axis and the texts are in the unit that is read with ease."""
    [axes] = headertls.plots.plot_delays(place(0, seconds)).axes

    assert unit == axes.get_xlabel()
    assert f"{text}, encrypted" == read_texts(axes)[1]


def test_delays_of_extreme_times() -> None:
    """The first and the last time that Python knows, in zones that lead out of it."""
    first = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
    last = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
    trace = Trace(hops=(make_hop(stamp=first), make_hop(stamp=last)))
    [axes] = headertls.plots.plot_delays(trace).axes

    assert ["start, encrypted", "9,999 y, encrypted"] == read_texts(axes)
    assert "Hop delays: the time is unknown" == axes.get_title()


def test_delays_of_a_loop_are_bounded() -> None:
    """Of many hops the newest are drawn, and the others counted."""
    figure = headertls.plots.plot_delays(place(*range(60)))
    [axes] = figure.axes

    assert delays.MAX_HOPS == len(axes.patches)
    assert "- 60 " == read_ticks(axes)[-1]
    assert "Hop delays since 2024-05-06 12:00:00 UTC (20 older hops are not drawn)" == (
        axes.get_title()
    )
    assert figure.get_figheight() < 20


def test_doubtful_and_unjudged_hops_say_so() -> None:
    """A verdict in doubt has its question mark, a hop without verdict has no transport."""
    hop = make_hop(Transport.PLAINTEXT)
    assert hop.verdict is not None
    doubtful = hop.with_verdict(hop.verdict.model_copy(update={"confidence": Confidence.LOW}))
    figure = headertls.plots.plot_delays(Trace(hops=(doubtful, Hop(raw=""))))

    assert ["start, plaintext?", "no time, not judged"] == read_texts(figure.axes[0])
    assert ["plaintext", "not judged"] == read_legend(figure)


def test_transports_differ_without_colour() -> None:
    """Each transport has a pattern or a lightness of its own."""
    trace = Trace(hops=tuple(make_hop(transport) for transport in Transport))
    [axes] = headertls.plots.plot_delays(trace).axes
    looks = [(bar.get_hatch(), bar.get_facecolor()) for bar in axes.patches]

    assert [None, "////", "...", None] == [hatch or None for hatch, _ in looks]
    lightness = [sum(colour[:3]) / 3 for hatch, colour in looks if not hatch]
    assert abs(lightness[0] - lightness[1]) > 0.3


# Versions


def use(version: str | None, stamp: datetime | None = START) -> Trace:
    """A message that came in by a version of TLS."""
    return come_in(tls=Tls(version=version), stamp=stamp)


def test_versions_are_counted_by_month() -> None:
    """Each month has its bar, those without mail too, and newer versions stand below."""
    may, july = START, START + timedelta(days=61)
    figure = headertls.plots.plot_tls_versions(
        [
            *(use("TLSv1.3", moment) for moment in (may, july, july)),
            use("TLSv1.0", may),
            *(use("TLSv1.2", START + timedelta(days=days)) for days in (0, 1, 400)),
        ]
    )
    [axes] = figure.axes
    stacks = read_stacks(axes)

    assert ["TLSv1.3", "TLSv1.2", "TLSv1.0"] == list(stacks) == read_legend(figure)
    assert [1, 0, 2] == stacks["TLSv1.3"][:3]
    assert [2, 0, 0] == stacks["TLSv1.2"][:3]
    assert (1, 14) == (stacks["TLSv1.2"][-1], len(stacks["TLSv1.2"]))
    assert (
        [3, 0, 2]
        == [
            bar.get_y()
            for bar in axes.containers[2][:1]  # type: ignore[attr-defined]
        ]
        + stacks["TLSv1.3"][1:3]
    )
    assert ["2024-05", "2024-07"] == read_ticks(axes, "x")[:2]
    assert "month (UTC)" == axes.get_xlabel()
    assert "TLS versions of the way in, 7 messages" == axes.get_title()


@pytest.mark.parametrize(
    ("days", "unit", "labels"),
    [
        (0, "day (UTC)", ["2024-05-06"]),
        (2, "day (UTC)", ["2024-05-06", "2024-05-07", "2024-05-08"]),
        (15, "week from (UTC)", ["2024-05-06", "2024-05-13", "2024-05-20"]),
        (366 * 6, "year (UTC)", [str(year) for year in range(2024, 2031)]),
    ],
)
def test_bars_are_days_weeks_or_years(days: int, unit: str, labels: Sequence[str]) -> None:
    """The unit follows from the time between the first and the last message."""
    traces = [use("TLSv1.3"), use("TLSv1.3", START + timedelta(days=days))]
    [axes] = headertls.plots.plot_tls_versions(traces).axes

    assert unit == axes.get_xlabel()
    assert labels == read_ticks(axes, "x")


@pytest.mark.parametrize("days", [13, 14, 52 * 7, 52 * 7 + 1, 366, 1780, 1900, 7000])
def test_bars_are_never_too_many(days: int) -> None:
    """No span gives more bars than its unit allows, and first and last day have theirs."""
    for shift in range(0, 400, 13):
        start = START + timedelta(days=shift)
        end = start + timedelta(days=days)
        unit, firsts = versions.find_unit([end, start])

        assert len(firsts) <= unit.limit
        assert sorted(set(firsts)) == firsts
        assert firsts[0] == unit.find_first_day(start.date())
        assert firsts[-1] == unit.find_first_day(end.date())


@pytest.mark.parametrize(
    ("days", "words"),
    [(47_100, "129 y"), (-47_100, "-129 y"), (700, "700 d"), (20.5, "20.5 d"), (3e6, "8,214 y")],
)
def test_huge_delays_can_be_read(days: float, words: str) -> None:
    """Clocks that are far off give numbers that people read, not powers of ten."""
    assert words == delays.write_delay(days * 86_400)


def test_one_trace_is_one_message() -> None:
    """Plots of many messages take one alone, and count it once."""
    trace = use("TLSv1.3", START)

    for plot in (headertls.plots.plot_tls_versions, headertls.plots.plot_plaintext_share):
        assert "1 messages" in plot(trace).get_label()


def test_months_are_those_of_utc() -> None:
    """A message of the first hour of a month in the east came in the month before."""
    stamp = datetime(2024, 6, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    [axes] = headertls.plots.plot_tls_versions([use("TLSv1.3", stamp)]).axes

    assert ["2024-05-31"] == read_ticks(axes, "x")


def test_the_way_in_counts_once() -> None:
    """Plaintext, what is not recorded and TLS without a version are told apart, by the entry."""
    traces = [
        use(None),
        come_in(tls=None),
        come_in(Transport.PLAINTEXT),
        come_in(Transport.NOT_RECORDED),
        come_in(Transport.NOT_APPLICABLE),
    ]
    inner = make_hop(tls=Tls(version="TLSv1.3"))
    traces = [trace.model_copy(update={"hops": (*trace.hops, inner)}) for trace in traces]
    [axes] = headertls.plots.plot_tls_versions(traces).axes

    assert {"TLS, no version told": [2], "plaintext": [1], "unrecorded": [2]} == read_stacks(axes)


def test_what_is_not_drawn_is_counted() -> None:
    """Messages without an entry, verdict, time or likely date are told of, and spoil nothing."""
    far = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
    unjudged = Hop(raw="", timestamp=START)
    figure = headertls.plots.plot_tls_versions(
        [
            *(use("TLSv1.3") for _ in range(3)),
            use("TLSv1.3", datetime(9000, 1, 1, tzinfo=UTC)),
            use("TLSv1.3", far),
            use("TLSv1.3", None),
            use("TLSv1.3", datetime(2024, 5, 6)),  # noqa: DTZ001  # that is the matter
            Trace(hops=(unjudged,), entry=unjudged),
            Trace(),
        ]
    )

    assert {"TLSv1.3": [3]} == read_stacks(figure.axes[0])
    reasons = "3 without a time, 1 not judged, 1 without a way in, 1 dated far from the others."
    assert f"Not drawn: {reasons}" == read_note(figure)


def test_no_version_is_said_in_words() -> None:
    """Where nothing can be drawn, the figure tells why."""
    figure = headertls.plots.plot_tls_versions([Trace(), use("TLSv1.3", None)])

    assert ["No message to draw: 1 without a way in, 1 without a time."] == (
        read_texts(figure.axes[0])
    )


def test_versions_differ_without_colour() -> None:
    """No two of the looks share a pattern, and every version has one."""
    hatches = [look.hatch for look in versions.LOOKS.values()]

    assert len(hatches) == len(set(hatches))
    assert {version.value for version in headertls.TlsVersion} <= versions.LOOKS.keys()


# Shares


def test_share_is_of_what_is_recorded() -> None:
    """Hops that do not tell are counted beside the share, and never as plaintext."""
    traces = [
        *(come_from(Transport.PLAINTEXT, f"mx{n}.bad.example") for n in range(3)),
        come_from(Transport.ENCRYPTED, "mx.bad.example"),
        come_from(Transport.NOT_RECORDED, "mx.bad.example"),
        come_from(Transport.NOT_RECORDED, "mx.silent.example"),
        *(come_from(Transport.ENCRYPTED, "mx.good.example") for _ in range(4)),
    ]
    figure = headertls.plots.plot_plaintext_share(traces)
    left, right = figure.axes

    assert ["bad.example", "good.example", "silent.example"] == read_ticks(left)
    assert [(0, 75), (0, 0)] == read_bars(left)
    assert ["3 of 4", "0 of 4", "not recorded"] == read_texts(left)
    assert [[3, 0, 0], [1, 4, 0], [1, 0, 1]] == [
        [bar.get_width() for bar in bars]
        for bars in right.containers  # type: ignore[attr-defined]
    ]
    assert ["encrypted", "plaintext", "unrecorded"] == read_legend(figure)
    assert "Plaintext by sending organisation, 10 messages" == figure.get_suptitle()
    assert "" == read_note(figure)


def test_names_that_clients_gave_are_kept_apart() -> None:
    """Whoever calls himself by the name of a bank does not spoil the share of the bank."""
    traces = [
        come_from(Transport.ENCRYPTED, "mail.bank.example"),
        come_from(Transport.PLAINTEXT, None, "mail.bank.example"),
        come_from(Transport.PLAINTEXT, "dsl-7.isp.example", "mail.bank.example"),
    ]
    figure = headertls.plots.plot_plaintext_share(traces)

    assert ["isp.example", "~ bank.example", "bank.example"] == read_ticks(figure.axes[0])
    assert "~ only the client itself says so, and anyone can." == read_note(figure)


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"client": Client(rdns="a.b.co.uk")}, "b.co.uk"),
        ({"client": Client(rdns="m\u00fcnchen.example")}, "xn--mnchen-3ya.example"),
        ({"client": Client(rdns="localhost", helo="a.b.example")}, "~ b.example"),
        ({"client": Client(address="81.2.69.144", helo="81.2.69.144")}, "no registered name"),
        ({"client": Client()}, "no registered name"),
        ({}, "no registered name"),
        ({"client": Client(rdns="dsl.isp.example"), "auth": Auth()}, "people who logged in"),
        ({"client": Client(rdns="a.isp.example"), "kind": Kind.WEB}, "people who logged in"),
        ({"client": Client(rdns="a.isp.example"), "kind": Kind.SUBMISSION}, "people who logged in"),
    ],
)
def test_organisation_is_the_registrable_domain(facts: dict[str, Any], name: str) -> None:
    """Of the client, by what the server saw; people who log in are none of their provider's."""
    assert name == shares.name_sender(make_hop(**facts))


def test_hop_without_verdict_belongs_to_a_domain() -> None:
    """A name can be had of every hop."""
    assert "b.example" == shares.name_sender(Hop(raw="", client=Client(rdns="a.b.example")))


def test_few_messages_prove_little() -> None:
    """One out of one is less sure than nine of ten, and stands below it."""
    counted = shares.count_shares(list(iter_entries()))

    assert ["nine.example", "one.example"] == [share.name for share in counted]
    assert [0.9, 1.0] == [share.value for share in counted]


def iter_entries() -> Iterator[tuple[Hop, Transport]]:
    """One sender in plaintext, another one nine times out of ten."""
    yield make_hop(client=Client(rdns="a.one.example")), Transport.PLAINTEXT
    for number in range(10):
        transport = Transport.PLAINTEXT if number else Transport.ENCRYPTED
        yield make_hop(client=Client(rdns="a.nine.example")), transport


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(0, 0, 0, 1), (0, 10, 0, 0.278), (10, 10, 0.722, 1), (5, 10, 0.237, 0.763)],
)
def test_interval_is_wilson_s(hits: int, count: int, low: float, high: float) -> None:
    """The bounds are those of the books, within 0 and 1."""
    assert (low, high) == pytest.approx(shares.find_interval(hits, count), abs=5e-4)


def test_many_organisations_are_summed_up() -> None:
    """Twenty are drawn, the rest is one bar, and no message is lost."""
    traces = [come_from(Transport.ENCRYPTED, f"mx.org{n:02}.example") for n in range(25)]
    traces += [come_from(Transport.PLAINTEXT, "mx.org24.example")]
    figure = headertls.plots.plot_plaintext_share(traces)
    names = read_ticks(figure.axes[0])

    assert ["org24.example", "org00.example"] == names[:2]
    assert "5 others" == names[-1]
    assert shares.MAX_ORGANISATIONS + 1 == len(names)
    assert "0 of 5" == read_texts(figure.axes[0])[-1]


def test_messages_from_inside_are_told_of() -> None:
    """Those without an entry are counted below."""
    figure = headertls.plots.plot_plaintext_share(
        [come_from(Transport.PLAINTEXT, "a.b.example"), Trace(), Trace(entry=Hop(raw=""))]
    )
    assert "Not drawn: 2 without a judged way in." == read_note(figure)

    figure = headertls.plots.plot_plaintext_share([Trace()])
    assert ["No message to draw: none came in from outside."] == read_texts(figure.axes[0])
