"""From counts to what they say."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from headertls.corpus.tally import NOTHING, OTHERS, Fate, Sort, Tally
from headertls.models import FindingCode, Grade, Headline, Severity, Transport
from headertls.models.summary import Counted, Found, Route, Sender, Summary, Week
from headertls.tls.groups import find_group

_Value = TypeVar("_Value")

_OTHER_NAME = OTHERS[0]
_HEADLINES: Mapping[str, str] = {
    Headline.ENTERED_ENCRYPTED: "encrypted",
    Headline.ENTERED_PLAINTEXT: "plaintext",
    Headline.ENTERED_NOT_RECORDED: "not_recorded",
}


def sum_up(tally: Tally) -> Summary:
    """Tell what the messages say that *tally* has counted.

    >>> from headertls import Trace
    >>> tally = Tally()
    >>> tally.count_trace(Trace(), "a.eml")
    >>> sum_up(tally).headlines
    ((<Headline.NO_TRACE: 'no_trace'>, 1),)
    """
    fates = tally.get(Sort.FATE)
    groups = _list(tally, Sort.GROUP)
    return Summary(
        read=fates.get((Fate.READ.value,), 0),
        unreadable=fates.get((Fate.UNREADABLE.value,), 0),
        duplicates=fates.get((Fate.DUPLICATE.value,), 0),
        errors=_list(tally, Sort.ERROR),
        headlines=_pair(tally, Sort.HEADLINE, Headline),
        weeks=_list_weeks(tally.get(Sort.WEEK)),
        transports=_pair(tally, Sort.TRANSPORT, Transport),
        versions=_list(tally, Sort.VERSION),
        suites=_list(tally, Sort.SUITE),
        groups=groups,
        post_quantum=sum(found.times for found in groups if _is_post_quantum(found.name)),
        grades=_list_grades(tally.get(Sort.GRADE)),
        senders=_list_senders(tally.get(Sort.SENDER)),
        routes=_list_routes(tally),
        findings=_list_findings(tally),
        forms=_list(tally, Sort.FORM, 1),
    )


def _list(tally: Tally, sort: Sort, part: int = 0) -> tuple[Counted, ...]:
    """List what was counted, what is most frequent first, by a *part* of the key."""
    rows = [
        Counted(key[part if key != OTHERS else 0], count, tally.find_example(sort, *key))
        for key, count in tally.get(sort).items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.times, row.name)))


def _pair(tally: Tally, sort: Sort, values: Iterable[_Value]) -> tuple[tuple[_Value, int], ...]:
    """Pair the members of an enum with their counts, in their order."""
    counts = tally.get(sort)
    return tuple((value, counts[str(value),]) for value in values if (str(value),) in counts)


def _list_weeks(counts: Mapping[tuple[str, ...], int]) -> tuple[Week, ...]:
    weeks: dict[str, dict[str, int]] = {}
    for key, count in counts.items():
        if key == OTHERS:
            name, field = _OTHER_NAME, "others"
        else:
            name, field = key[0], _HEADLINES.get(key[1], "others")
        fields = weeks.setdefault(name, {})
        fields[field] = fields.get(field, 0) + count
    return tuple(Week(name, **weeks[name]) for name in sorted(weeks, key=_order_week))


def _order_week(name: str) -> tuple[bool, str]:
    """Set what has no date behind what has."""
    return name == NOTHING, name


def _list_grades(counts: Mapping[tuple[str, ...], int]) -> tuple[tuple[Grade | None, int], ...]:
    grades: tuple[Grade | None, ...] = (*Grade, None)
    pairs = ((grade, counts.get((grade.value if grade else NOTHING,), 0)) for grade in grades)
    return tuple(pair for pair in pairs if pair[1])


def _list_senders(counts: Mapping[tuple[str, ...], int]) -> tuple[Sender, ...]:
    senders: dict[str, dict[str, int]] = {}
    for key, count in counts.items():
        if key != OTHERS and key[1] in Sender._fields:
            senders.setdefault(key[0], {})[key[1]] = count
    found = [Sender(name, **fields) for name, fields in senders.items() if "plaintext" in fields]
    return tuple(sorted(found, key=lambda sender: (-sender.plaintext, sender.name)))


def _list_routes(tally: Tally) -> tuple[Route, ...]:
    routes = [
        Route(FindingCode(key[0]), key[1], key[2], count, tally.find_example(Sort.ROUTE, *key))
        for key, count in tally.get(Sort.ROUTE).items()
        if key != OTHERS
    ]
    return tuple(sorted(routes, key=lambda route: (-route.times, route[:3])))


def _list_findings(tally: Tally) -> tuple[Found, ...]:
    found: dict[tuple[str, ...], Found] = {}
    for sort in (Sort.FINDING, Sort.CLAIMED):
        for key, count in tally.get(sort).items():
            known = found.get(key) or Found(FindingCode(key[0]), Severity(key[1]), 0)
            example = known.example or tally.find_example(sort, *key)
            found[key] = (
                known._replace(example=example, messages=count)
                if sort is Sort.FINDING
                else known._replace(example=example, claimed=count)
            )
    return tuple(sorted(found.values(), key=_weigh))


def _weigh(row: Found) -> tuple[int, int, str]:
    return -row.severity.rank, -row.messages, row.code


def _is_post_quantum(name: str) -> bool:
    group = find_group(name)
    return group is not None and group.post_quantum
