"""What counted lines say of their writers: whether each marks TLS.

A line without a word of TLS has two explanations: there was none, or its writer does not mark it.
So the lines that teach are those of which the session is known from elsewhere: their sender is one
that otherwise always uses TLS, a *reference sender*.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from headertls.corpus.evidence import Line, State, WriterKey, read_known
from headertls.models import Marking, Site
from headertls.models.calibration import Outcome, WriterEvidence
from headertls.net.domains import find_domain_among, fold_host

ELSEWHERE: Final = 10
"""Lines with TLS, and none without, that a sender's network must have at the other own writers so
that it counts as one that always uses TLS."""

MANY_LINES: Final = 100
"""Lines from reference senders, all marked, of which a writer counts as marking `always`: were
every 33rd TLS session unmarked, none of so many would be less than once in 20 times."""
MANY_SENDERS: Final = 3

FEW_LINES: Final = 30
"""Lines from reference senders, all alike, that are enough for `likely`, and for `never`: were
every tenth of the other sort, none of so many would be less than once in 20 times."""
FEW_SENDERS: Final = 2


WRITERS_RULE: Final = (
    "Marked: lines with TLS, of all. Silent: unmarked, among the lines that are known to have used"
    " TLS: another field of the same server says so, or their sender always uses it, by the table"
    f" of mail operators or, for its network, by {ELSEWHERE} lines at the other own writers, all"
    f" marked. No line silent: always from {MANY_LINES} such lines of {MANY_SENDERS} senders,"
    f" likely from {FEW_LINES} of {FEW_SENDERS}. All silent: never from {FEW_LINES} of"
    f" {FEW_SENDERS}, if no line is marked."
)
"""The rules, for people."""


class _Habit(NamedTuple):
    """How a sender's lines look."""

    marked: int = 0
    unmarked: int = 0


_NOTHING: Final = _Habit()


class Logins(NamedTuple):
    """Lines of a writer on mail of people who logged in."""

    marked: int = 0
    unmarked: int = 0


class _Group(NamedTuple):
    """The lines of the writers that a row of a site stands for."""

    name: str
    lines: Sequence[Line]
    logins: Logins


def judge_software(lines: Sequence[Line], site: Site) -> list[WriterEvidence]:
    """Judge each product, those with most lines first."""
    return _judge_all(lines, site, lambda writer: (writer.product,) if writer.product else ())


def judge_hosts(lines: Sequence[Line], site: Site) -> list[WriterEvidence]:
    """Judge each host; with it those below its name, since a row of a site stands for them, too."""
    hosts = {line.writer.host for line in lines} - {""}
    return _judge_all(lines, site, lambda writer: _iter_above(writer.host, hosts))


def _iter_above(host: str, hosts: set[str]) -> Iterator[str]:
    while host:
        if host in hosts:
            yield host
        _, _, host = host.partition(".")


def _judge_all(
    lines: Sequence[Line], site: Site, name: Callable[[WriterKey], Iterable[str]]
) -> list[WriterEvidence]:
    habits = _count_habits(lines)
    declared = frozenset(fold_host(name) for name, _ in site.writers)
    judged = [_judge(group, habits, declared) for group in _group(lines, name)]
    return sorted(judged, key=lambda row: (-row.marked - row.unmarked, row.name))


def _group(lines: Iterable[Line], name: Callable[[WriterKey], Iterable[str]]) -> Iterator[_Group]:
    groups: dict[str, list[Line]] = {}
    for line in lines:
        for found in name(line.writer):
            groups.setdefault(found, []).append(line)
    for found, own in groups.items():
        relayed = [line for line in own if not line.is_login]
        if any(line.state is not State.DENIED for line in relayed):
            yield _Group(found, relayed, _count_logins(own))


def _count_logins(lines: Iterable[Line]) -> Logins:
    counts: Counter[State] = Counter()
    for line in lines:
        if line.is_login:
            counts[line.state] += line.times
    return Logins(counts[State.MARKED], counts[State.UNMARKED] + counts[State.PROVEN])


def _count_habits(lines: Iterable[Line]) -> dict[str, _Habit]:
    """Count the lines of each sender, without those by writers known never to mark TLS."""
    habits: dict[str, _Habit] = {}
    for line in lines:
        is_mute = line.state is State.UNMARKED and line.writer.known == Marking.NEVER
        if not line.sender or is_mute:
            continue
        marked, unmarked = habits.get(line.sender, _NOTHING)
        if line.state in {State.MARKED, State.PROVEN}:
            habits[line.sender] = _Habit(marked + line.times, unmarked)
        else:
            habits[line.sender] = _Habit(marked, unmarked + line.times)
    return habits


def _judge(group: _Group, habits: Mapping[str, _Habit], declared: frozenset[str]) -> WriterEvidence:
    lines = [line for line in group.lines if line.state is not State.DENIED]
    senders = _find_references(group.lines, habits)
    known = {read_known(line.writer.known) for line in lines}
    evidence = WriterEvidence(
        name=group.name,
        marked=_add_up(lines, State.MARKED),
        unmarked=_add_up(lines, State.UNMARKED),
        reference_marked=_add_up(lines, State.MARKED, senders),
        reference_unmarked=_add_up(lines, State.UNMARKED, senders),
        proven_unmarked=_add_up(lines, State.PROVEN),
        senders=len(senders),
        known=tuple(marking for marking in Marking if marking in known),
        found=None,
        outcome=Outcome.TOO_FEW,
    )
    found = find_marking(evidence, group.logins)
    is_declared = any(_is_declared(line.writer, declared) for line in lines)
    outcome = find_outcome(evidence, found, known, is_declared=is_declared)
    return evidence.model_copy(update={"found": found, "outcome": outcome})


def _is_declared(writer: WriterKey, declared: frozenset[str]) -> bool:
    return writer.product in declared or find_domain_among(writer.host, declared) is not None


def _find_references(lines: Sequence[Line], habits: Mapping[str, _Habit]) -> frozenset[str]:
    """Find the senders of *lines* that always use TLS, by what is known without these lines."""
    here = _count_habits(lines)
    sure = {line.sender for line in lines if line.is_sure and line.state is not State.DENIED}
    shown = {
        line.sender
        for line in lines
        if line.sender
        and line.state is not State.DENIED
        and _always_encrypts(habits.get(line.sender, _NOTHING), here.get(line.sender, _NOTHING))
    }
    return frozenset(sure | shown)


def _always_encrypts(everywhere: _Habit, here: _Habit) -> bool:
    is_enough = everywhere.marked - here.marked >= ELSEWHERE
    return is_enough and everywhere.unmarked == here.unmarked


def _add_up(lines: Iterable[Line], state: State, senders: frozenset[str] | None = None) -> int:
    return sum(
        line.times
        for line in lines
        if line.state is state and (senders is None or line.sender in senders)
    )


def find_marking(evidence: WriterEvidence, logins: Logins) -> Marking | None:
    """Tell what the lines of a writer say of its habits.

    Args:
        evidence: The counts.
        logins: How the same writer marks logins. One that is silent there, and marks other mail,
            marks TLS by a rule that is not known.
    """
    if evidence.reference_unmarked + evidence.proven_unmarked:
        # A single mark shows that the writer knows how to.
        is_never = evidence.marked == 0 and logins.marked == 0 and _is_enough_silence(evidence)
        return Marking.NEVER if is_never else None
    if logins.unmarked and not logins.marked:
        return None
    count, senders = evidence.reference_marked, evidence.senders
    if count >= MANY_LINES and senders >= MANY_SENDERS:
        return Marking.ALWAYS
    return Marking.LIKELY if count >= FEW_LINES and senders >= FEW_SENDERS else None


def _is_enough_silence(evidence: WriterEvidence) -> bool:
    if evidence.proven_unmarked >= FEW_LINES:
        return True
    return evidence.reference_unmarked >= FEW_LINES and evidence.senders >= FEW_SENDERS


def find_outcome(
    evidence: WriterEvidence,
    found: Marking | None,
    known: AbstractSet[Marking | None],
    *,
    is_declared: bool = False,
) -> Outcome:
    """Tell what comes of what was *found*, beside what was *known*.

    Args:
        evidence: The counts.
        found: As of `find_marking`.
        known: What was known of the writer of these lines; of several versions it may differ.
        is_declared: The given site says it, and has the last word.
    """
    if found is None:
        return Outcome.MIXED if _is_mixed(evidence) else Outcome.TOO_FEW
    is_proven = evidence.proven_unmarked >= FEW_LINES
    if found is Marking.NEVER and Marking.ALWAYS in known and not is_proven:
        return Outcome.CONTRADICTS
    if is_declared or any(_says_no_more(found, was) for was in known):
        return Outcome.AGREES
    return Outcome.LEARNED


def _is_mixed(evidence: WriterEvidence) -> bool:
    """Tell whether more lines would not make it clearer."""
    if evidence.reference_unmarked + evidence.proven_unmarked == 0:
        # marked without exception, but logins are not, or the senders are too few
        return evidence.senders >= FEW_SENDERS and evidence.reference_marked >= FEW_LINES
    known = evidence.reference_unmarked + evidence.proven_unmarked + evidence.reference_marked
    return evidence.marked > 0 and known >= FEW_LINES


def _says_no_more(found: Marking, known: Marking | None) -> bool:
    return known is found or (known is Marking.ALWAYS and found is Marking.LIKELY)


def choose_rows(
    software: Sequence[WriterEvidence], hosts: Sequence[WriterEvidence], lines: Iterable[Line]
) -> tuple[tuple[WriterEvidence, ...], tuple[WriterEvidence, ...]]:
    """Keep the row of a product where no host of it says otherwise, and else those of the hosts."""
    found = {host.name: host for host in hosts}
    own: dict[str, set[str]] = {}
    for line in lines:
        if line.writer.host in found:
            own.setdefault(line.writer.product, set()).add(line.writer.host)
    kept: list[WriterEvidence] = []
    covered: set[str] = set()
    for row in software:
        names = own.get(row.name, set())
        if row.outcome is not Outcome.LEARNED:
            kept.append(row)
        elif all(_agrees(found[name], row) for name in names):
            kept.append(row)
            covered |= names
        else:
            kept.append(row.model_copy(update={"found": None, "outcome": Outcome.MIXED}))
    return tuple(kept), tuple(
        host.model_copy(update={"outcome": Outcome.COVERED})
        if host.name in covered and host.outcome is Outcome.LEARNED
        else host
        for host in hosts
    )


def _agrees(host: WriterEvidence, row: WriterEvidence) -> bool:
    """Tell whether the row of a product may stand for *host*, of which fewer lines say less."""
    if host.found is None:
        return host.outcome is Outcome.TOO_FEW
    return host.found is row.found or _says_no_more(host.found, row.found)
