"""Messages from a topic of Kafka, by a consumer group.

The value of a record is the octets of a message. Kafka hands out a partition, not a message: what
is acknowledged is how far the partition is done. What a dead worker left is another's when the
group notices (`session.timeout.ms`), and all of its partition comes again from there; how often is
not counted, so a message that ends each worker has to be passed over by hand.
"""

import logging
from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from work import HEADER, Settings, Taken

from headertls.mailboxes import Place

POLL = 1.0
"""Seconds that are waited for a record; a stop takes no longer."""

log = logging.getLogger("stream")


class KafkaTopic:
    """The records of a topic."""

    def __init__(  # noqa: PLR0913, PLR0917  # they are all needed
        self, servers: str, topic: str, group: str, dead: str, settings: Settings, longest: int
    ) -> None:
        """Join the group; the client of Kafka reaches its servers in threads of its own.

        Args:
            servers: `HOST:PORT`, several with commas between.
            topic: Of the messages.
            group: Of the workers.
            dead: The topic of what is set aside.
            settings: Of the worker.
            longest: Octets of a message above which it is set aside.
        """
        self._settings, self._dead, self._longest = settings, dead, longest
        common = {"bootstrap.servers": servers}
        lease = int(settings.lease * 1000)
        self._consumer = Consumer(
            common
            | {
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "session.timeout.ms": lease,
                "max.poll.interval.ms": lease,
                # what it fetches ahead is bounded, too
                "queued.max.messages.kbytes": 1 << 14,
            }
        )
        self._producer = Producer(common | {"acks": "all"})
        self._consumer.subscribe([topic])

    def take(self) -> Sequence[Taken]:
        """Take the next records."""
        records = self._consumer.consume(self._settings.batch, POLL)
        return [taken for record in records if (taken := self._read(record)) is not None]

    def _read(self, record: Message) -> Taken | None:
        if (problem := record.error()) is not None:
            if problem.fatal():
                raise OSError(str(problem))
            log.warning("%s", problem)  # the client tries again by itself
            return None
        place = Place(str(record.topic()), member=f"{record.partition()}:{record.offset()}")
        raw = record.value()
        if raw is None:
            return Taken(record, place, error="has no value")
        if len(raw) > self._longest:
            return Taken(record, place, error=f"has more than {self._longest} octets")
        return Taken(record, place, raw[:HEADER])

    def finish(self, done: Sequence[Taken]) -> None:
        """Put what could not be read into the topic of the dead, and tell how far we are."""
        for taken in done:
            if taken.error is not None:
                self._bury(taken, taken.error)
        if self._producer.flush(self._settings.lease):
            raise OSError(f"{self._dead}: the records cannot be written")
        try:
            self._consumer.commit(offsets=_find_ends(done), asynchronous=False)
        except KafkaException as error:
            told: KafkaError = error.args[0]
            log.warning("%d records are written, not acknowledged: %s", len(done), told)

    def _bury(self, taken: Taken, reason: str) -> None:
        record: Message = taken.key
        headers: list[tuple[str, str | bytes | None]] = [
            ("place", str(taken.place)),
            ("reason", reason),
        ]
        self._producer.produce(self._dead, record.value(), record.key(), headers=headers)

    def close(self) -> None:
        """Leave the group, so that others need not wait."""
        self._consumer.close()


def _find_ends(done: Sequence[Taken]) -> list[TopicPartition]:
    """Find where each partition goes on."""
    ends: dict[tuple[str, int], int] = {}
    for record in (taken.key for taken in done):
        place = record.topic(), record.partition()
        ends[place] = max(ends.get(place, 0), record.offset() + 1)
    return [TopicPartition(*place, end) for place, end in ends.items()]
