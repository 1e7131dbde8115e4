"""The texts of a table, a row for each hop; how they are set is not known here."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.models import Hop, Trace, Transport, Trust, Verdict
from headertls.report import wording
from headertls.report.values import (
    ABSENT,
    find_entry,
    format_delay,
    format_time,
    format_tls,
    is_flagged,
    name_client_briefly,
    name_server,
    show,
)


class Alphabet(NamedTuple):
    """What an output can show: the signs beside a hop, and the dots for what is left out."""

    flag: str
    claim: str
    entry: str
    dots: str
    rule: str
    """Drawn where the trust boundary runs."""
    margin: str
    """Drawn along the lines of a header, and, where one is broken for want of room, the next."""
    margin_again: str
    is_ascii: bool

    def spell(self, text: str) -> str:
        r"""Write *text* in this alphabet.

        >>> ASCII.spell("grün.example")
        'gr\\xfcn.example'
        """
        return text.encode("ascii", "backslashreplace").decode() if self.is_ascii else text


UNICODE: Final = Alphabet(
    flag="▲",
    claim="~",
    entry="»",
    dots="…",
    rule="─",
    margin="│",
    margin_again="┆",
    is_ascii=False,
)
ASCII: Final = Alphabet(
    flag="!!",
    claim="~",
    entry=">",
    dots="..",
    rule="-",
    margin="|",
    margin_again=":",
    is_ascii=True,
)


class Form(NamedTuple):
    """How much a table tells."""

    time: str
    """The pattern of the time stamps."""
    is_full: bool
    """Clients with name and address, plaintext with its scope."""
    has_detail: bool
    """TLS with all that is known of it, protocol words as they stand."""
    name_width: int
    """Cells that names may ask for before a tighter form is taken; beyond, they are shortened."""
    protocol_width: int
    """Cells beyond which protocol words are shortened; this and the next bound the others, and at
    0 there is no such column."""
    tls_width: int

    @property
    def has_date(self) -> bool:
        """Whether each time stamp has its date."""
        return "%d" in self.time


# From the most detailed to the tightest: the first that fits is taken, or the last.
FORMS: Final = (
    Form(
        "%Y-%m-%d %H:%M:%S",
        is_full=True,
        has_detail=True,
        name_width=48,
        protocol_width=24,
        tls_width=60,
    ),
    Form(
        "%H:%M:%S",
        is_full=True,
        has_detail=True,
        name_width=32,
        protocol_width=24,
        tls_width=60,
    ),
    Form(
        "%H:%M:%S",
        is_full=False,
        has_detail=True,
        name_width=20,
        protocol_width=24,
        tls_width=60,
    ),
    Form(
        "%H:%M",
        is_full=False,
        has_detail=False,
        name_width=6,
        protocol_width=8,
        tls_width=26,
    ),
    # for less than 80 columns
    Form(
        "%H:%M",
        is_full=False,
        has_detail=False,
        name_width=0,
        protocol_width=0,
        tls_width=0,
    ),
)

SHORT_PROTOCOLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Exchange, IIS
        "Microsoft SMTP Server": "MS SMTP",
        "Microsoft SMTPSVC": "SMTPSVC",
    }
)
"""For columns that are too narrow for the whole word."""


class Row(NamedTuple):
    """The texts of one line, in the order of the columns."""

    hop: str
    time: str
    delay: str
    client: str
    server: str
    protocol: str
    tls: str
    verdict: str


HEADS: Final = Row("hop", "UTC", "lag", "from", "to", "protocol", "TLS", "verdict")


class RowWriter:
    """Writes the rows of a trace in several forms, and each text but once.

    >>> RowWriter(Trace(), ASCII).write(FORMS[0])
    []
    """

    def __init__(self, trace: Trace, alphabet: Alphabet) -> None:
        self._trace, self._alphabet = trace, alphabet
        self._columns: dict[tuple[str, object], Sequence[str]] = {}

    def write(self, form: Form) -> list[Row]:
        """Write a row for each hop, oldest first."""
        time, full, detail = form.time, form.is_full, form.has_detail
        columns = (
            self._find_marks(),
            self._find("time", time, lambda hop: format_time(hop.timestamp, time) or ABSENT),
            self._find("delay", None, _write_delay),
            self._find("client", full, lambda hop: name_client_briefly(hop, is_full=full)),
            self._find("server", None, lambda hop: name_server(hop) or ABSENT),
            self._find("protocol", detail, lambda hop: _write_protocol(hop, has_detail=detail)),
            self._find("tls", detail, lambda hop: format_tls(hop, is_full=detail)),
            self._find("verdict", full, lambda hop: _write_verdict(hop, is_full=full)),
        )
        return list(map(Row, *columns))

    def _find(self, column: str, choice: object, write: Callable[[Hop], str]) -> Sequence[str]:
        """Write a column, unless it was written before with the same *choice* of the form."""
        if (column, choice) not in self._columns:
            texts = [self._alphabet.spell(write(hop)) for hop in self._trace]
            self._columns[column, choice] = texts
        return self._columns[column, choice]

    def _find_marks(self) -> Sequence[str]:
        entry, digits = find_entry(self._trace), len(str(len(self._trace)))
        return [
            _write_marks(hop, f"{number:{digits}}", self._alphabet, is_entry=number == entry)
            for number, hop in enumerate(self._trace, 1)
        ]


def write_legend(trace: Trace, form: Form, alphabet: Alphabet) -> str:
    """Explain the signs that stand in the table, and tell its date where the rows do not."""
    dates = [date for hop in trace if (date := format_time(hop.timestamp, "%Y-%m-%d"))]
    verdicts = [hop.verdict for hop in trace if hop.verdict]
    notes = (
        (bool(dates) and not form.has_date, f"Since {min(dates, default=ABSENT)}."),
        (any(map(is_flagged, trace)), f"{alphabet.flag} {wording.FLAG_NOTE}"),
        (find_entry(trace) is not None, f"{alphabet.entry} {wording.ENTRY_NOTE}"),
        (any(v.trust is Trust.CLAIM for v in verdicts), f"{alphabet.claim} {wording.CLAIM_NOTE}"),
        (any(_write_doubt(v) for v in verdicts), f"? {wording.DOUBT_NOTE}"),
    )
    return "  ".join(note for applies, note in notes if applies)


def _write_marks(hop: Hop, number: str, alphabet: Alphabet, *, is_entry: bool) -> str:
    is_claim = hop.verdict is not None and hop.verdict.trust is Trust.CLAIM
    flag = alphabet.flag if is_flagged(hop) else " " * len(alphabet.flag)
    sign = alphabet.claim if is_claim else alphabet.entry if is_entry else ""
    return f"{flag}{number}{sign}"


def _write_delay(hop: Hop) -> str:
    delay = hop.verdict.delay if hop.verdict else None
    return "" if delay is None else format_delay(delay)


def _write_protocol(hop: Hop, *, has_detail: bool) -> str:
    protocol = hop.protocol
    if not protocol:
        return ABSENT
    return show(protocol if has_detail else SHORT_PROTOCOLS.get(protocol, protocol))


def _write_verdict(hop: Hop, *, is_full: bool) -> str:
    verdict = hop.verdict
    if verdict is None:
        return ABSENT
    if verdict.transport is Transport.NOT_APPLICABLE:
        return f"({wording.KINDS[verdict.kind]})"
    word = wording.TRANSPORTS[verdict.transport]
    if verdict.transport is not Transport.PLAINTEXT:
        return word + _write_doubt(verdict)
    loud = word.upper() if is_flagged(hop) else word
    return loud + _write_doubt(verdict) + (f" ({wording.PLACES[verdict.scope]})" if is_full else "")


def _write_doubt(verdict: Verdict) -> str:
    return wording.DOUBTS[verdict.confidence]
