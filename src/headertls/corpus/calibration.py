"""From the lines of a site's own mail to what its writers and senders do: `calibrate`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from headertls.corpus.evidence import Line, State, WriterKey, is_complete, list_lines
from headertls.corpus.habits import choose_rows, judge_hosts, judge_software
from headertls.corpus.run import Order, run_scan
from headertls.corpus.scan import AnyPath, list_paths
from headertls.corpus.tally import OTHERS, Fate, Sort, Tally
from headertls.corpus.work import Job, Study, make_job
from headertls.models import Marking, Site
from headertls.models.calibration import Calibration, Outcome, SenderEvidence, WriterEvidence

SENDER_LINES: Final = 50
"""Encrypted lines, and no plaintext, of which a sender counts as always encrypting: were every
17th message plaintext, none of so many would be less than once in 20 times."""
SENDER_WEEKS: Final = 4
"""Weeks in which these came: many messages of one day are one observation."""

SENDERS_RULE: Final = (
    f"Senders: learned from {SENDER_LINES} encrypted lines in {SENDER_WEEKS} weeks, without"
    " plaintext; those of the table of mail operators are known."
)
"""The rule, for people."""


def calibrate(
    paths: AnyPath | Iterable[AnyPath],
    site: Site | None = None,
    *,
    workers: int = 1,
    column: str | None = None,
) -> Calibration:
    """Learn from a site's own mail which servers mark TLS, and which senders always use it.

    Only lines of own servers count, as far as the trust of their verdicts reaches; what came with
    a message teaches nothing. Messages that are there several times count once.

    Args:
        paths: As for `headertls.scan`.
        site: The own servers, best with `hosts`; without it they are inferred from the lines. What
            it says of writers and senders stays, and what is learned is added to it.
        workers: As for `headertls.scan`.
        column: As for `headertls.scan`.

    >>> found = calibrate("examples/exim.eml")
    >>> found.messages, [(row.name, row.marked, row.outcome.value) for row in found.software]
    (1, [('exim', 1, 'too-few')])
    """
    job = make_calibration_job(site)
    order = Order(tuple(list_paths(paths)), job, workers=workers, column=column)
    return conclude(run_scan(order).tally, site)


def make_calibration_job(site: Site | None) -> Job:
    """Make the job of a scan that counts what `conclude` needs."""
    return make_job(site, None)._replace(study=Study.CALIBRATION, is_deduped=True)


def conclude(tally: Tally, site: Site | None = None) -> Calibration:
    """Tell what the counts of a scan say.

    Args:
        tally: Of a scan with the job of `make_calibration_job`.
        site: As the job had it.
    """
    given = site or Site()
    is_whole = is_complete(tally)
    lines = list_lines(tally) if is_whole else []
    software, hosts = choose_rows(judge_software(lines, given), judge_hosts(lines, given), lines)
    senders = tuple(_judge_senders(lines, tally, hosts, given))
    fates = tally.get(Sort.FATE)
    return Calibration(
        messages=fates.get((Fate.READ.value,), 0),
        unreadable=fates.get((Fate.UNREADABLE.value,), 0),
        duplicates=fates.get((Fate.DUPLICATE.value,), 0),
        inferred=sum(tally.get(Sort.INFERRED).values()),
        complete=is_whole,
        software=software,
        hosts=hosts,
        senders=senders,
        site=_add(given, (*software, *hosts), senders),
    )


def _judge_senders(
    lines: Sequence[Line], tally: Tally, hosts: Sequence[WriterEvidence], site: Site
) -> Iterator[SenderEvidence]:
    """Judge each sender with enough encrypted lines, those with most first."""
    mute = {host.name for host in hosts if host.found is Marking.NEVER}
    watched = {line.domain for line in lines if line.is_sure} | set(site.encrypted_senders)
    encrypted: Counter[str] = Counter()
    plaintext: Counter[str] = Counter()
    for line in lines:
        if line.state in {State.MARKED, State.PROVEN}:
            encrypted[line.domain] += line.times
        elif line.state is State.DENIED or not _is_mute(line.writer, mute):
            plaintext[line.domain] += line.times
    weeks = Counter(key[0] for key in tally.get(Sort.ENCRYPTED_WEEK) if key != OTHERS and key[1])
    for domain, times in sorted(encrypted.items(), key=lambda found: (-found[1], found[0])):
        if domain and times >= SENDER_LINES:
            is_steady = plaintext[domain] == 0 and weeks[domain] >= SENDER_WEEKS
            is_known = domain in watched
            yield SenderEvidence(
                domain=domain,
                encrypted=times,
                plaintext=plaintext[domain],
                weeks=weeks[domain],
                known=is_known,
                learned=is_steady and not is_known,
            )


def _is_mute(writer: WriterKey, mute: set[str]) -> bool:
    """Tell of a writer whose silence says nothing."""
    return writer.known == Marking.NEVER or writer.host in mute


def _add(site: Site, rows: Iterable[WriterEvidence], senders: Iterable[SenderEvidence]) -> Site:
    """Add to *site* what was learned."""
    learned = [
        (row.name, row.found) for row in rows if row.outcome is Outcome.LEARNED and row.found
    ]
    more = [row.domain for row in senders if row.learned]
    return site.model_copy(
        update={
            "writers": (*site.writers, *learned),
            "encrypted_senders": (*site.encrypted_senders, *more),
        }
    )
