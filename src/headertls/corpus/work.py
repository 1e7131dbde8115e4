"""What is done with each message of a scan, in whichever process."""

import marshal
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from headertls.analysis import analyze
from headertls.corpus.encoding import Encoded, Form, encode
from headertls.corpus.evidence import count_evidence
from headertls.corpus.rows import Judged
from headertls.corpus.tally import Tally
from headertls.corpus.unknown import count_forms, count_unread_forms
from headertls.mailboxes import Item, Place, Step, Task, read_task
from headertls.mailboxes.errors import explain
from headertls.models import Policy, Site, Trace
from headertls.rows import find_message_id

BATCH: Final = 64
"""Messages that are handed on together."""

DIGEST: Final = 8
"""Octets that stand for a Message-ID: among ten million, two are alike by chance once in 370,000
scans."""


class Study(StrEnum):
    """What is counted."""

    SUMMARY = "summary"
    """How mail came in."""
    CALIBRATION = "calibration"
    """What writers mark."""
    FORMS = "forms"
    """What no rule knows."""


class Job(NamedTuple):
    """What is wanted of a scan, in a form that can be handed to another process."""

    site: str | None = None
    """As JSON."""
    policy: str | None = None
    """As JSON."""
    hops: Form | None = None
    """How rows of hops are written, if they are wanted."""
    messages: Form | None = None
    """How rows of messages are written, if they are wanted."""
    has_traces: bool = False
    """The traces themselves are wanted, and nothing else."""
    is_deduped: bool = False
    """Each message is counted by itself, and told by its Message-ID."""
    study: Study = Study.SUMMARY
    """What is counted."""


Told = tuple[Place, str | None, bytes | None]
"""Of a message: its place, why it could not be read, and its trace as JSON."""


class Batch(NamedTuple):
    """What some messages that stand behind each other say."""

    step: Step
    """How far the task is done with it."""
    size: int
    """The number of messages."""
    octets: int
    tallies: tuple[Tally, ...] = ()
    """One of them all, or one of each message."""
    digests: tuple[bytes, ...] = ()
    """Of the Message-IDs, if they are wanted; empty for a message without one."""
    hops: Encoded = ()
    messages: Encoded = ()
    told: tuple[Told, ...] = ()

    def dump(self) -> bytes:
        """Write all as octets; neither models nor anything that could run is among them."""
        plain = (
            tuple(self.step),
            *self[1:3],
            tuple(tally.dump() for tally in self.tallies),
            *self[4:7],
            tuple((tuple(place), error, trace) for place, error, trace in self.told),
        )
        return marshal.dumps(plain)

    @classmethod
    def load(cls, data: bytes) -> "Batch":
        """Read what `dump` wrote."""
        step, size, octets, tallies, digests, hops, messages, told = marshal.loads(data)  # noqa: S302  # of our own process
        return cls(
            Step(*step),
            size,
            octets,
            tuple(map(Tally.load, tallies)),
            digests,
            hops,
            messages,
            tuple((Place(*place), error, trace) for place, error, trace in told),
        )


def make_job(site: Site | None, policy: Policy | None) -> Job:
    """Make a job of what the caller declared."""
    return Job(
        None if site is None else site.model_dump_json(),
        None if policy is None else policy.model_dump_json(),
    )


def judge_item(item: Item, site: Site | None, policy: Policy | None) -> Judged:
    """Judge one message; whatever goes wrong is told of it alone."""
    if item.error is not None:
        return Judged(item, None, item.error)
    try:
        return Judged(item, analyze(item.block, site, policy), None)
    except Exception as error:  # noqa: BLE001  # one message must not end a scan of a million
        return Judged(item, None, explain(error))


def work(job: Job, task: Task) -> Iterator[Batch]:
    """Do a task, a batch of messages after the other.

    Args:
        job: What is wanted.
        task: One of `mailboxes.plan`.
    """
    site, policy = read_settings(job)
    step = Step()
    waiting: list[Judged] = []
    for step, item in read_task(task):  # the last one is needed
        waiting.append(judge_item(item, site, policy))
        if len(waiting) == BATCH:
            yield gather(job, step, waiting)
            waiting = []
    if waiting:
        yield gather(job, step, waiting)


@lru_cache(maxsize=4)
def read_settings(job: Job) -> tuple[Site | None, Policy | None]:
    """Read what the caller declared."""
    return (
        None if job.site is None else Site.model_validate_json(job.site),
        None if job.policy is None else Policy.model_validate_json(job.policy),
    )


def gather(job: Job, step: Step, judged: Sequence[Judged]) -> Batch:
    """Put what some messages say into the form in which it is wanted."""
    batch = Batch(step, len(judged), sum(found.item.octets for found in judged))
    if job.has_traces:
        return batch._replace(told=tuple(map(_tell, judged)))
    groups = [(found,) for found in judged] if job.is_deduped else [judged]
    return batch._replace(
        tallies=tuple(_count(job, group) for group in groups),
        digests=tuple(map(_digest, judged)) if job.is_deduped else (),
        hops=encode(job.hops, "hops", judged),
        messages=encode(job.messages, "messages", judged),
    )


def _tell(judged: Judged) -> Told:
    trace = judged.trace
    document = None if trace is None else trace.model_dump_json().encode()
    return judged.item.place, judged.error, document


def _count(job: Job, judged: Sequence[Judged]) -> Tally:
    tally = Tally()
    for item, trace, error in judged:
        if trace is None:
            tally.count_error(error or "", str(item.place))
        else:
            _count_trace(job, tally, trace, str(item.place))
    return tally


def _count_trace(job: Job, tally: Tally, trace: Trace, place: str) -> None:
    if job.study is Study.SUMMARY:
        tally.count_trace(trace, place)
        count_unread_forms(tally, trace, place)
        return
    tally.count_read()
    if job.study is Study.CALIBRATION:
        count_evidence(tally, trace, read_settings(job)[0])
    else:
        count_forms(tally, trace)


def _digest(judged: Judged) -> bytes:
    name = None if judged.trace is None else find_message_id(judged.item.block)
    if name is None:
        return b""
    return blake2b(name.encode(errors="surrogatepass"), digest_size=DIGEST).digest()
