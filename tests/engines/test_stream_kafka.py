"""Workers on a topic of Kafka: the real client, and the mock of a cluster that librdkafka has.

The mock answers real sockets with Kafka's protocol, groups of consumers included, but it is no
broker: nothing is stored, nothing is replicated, and it notices a worker that left only after the
time of its session (`--lease`). Without the client each test is skipped.
"""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from streaming import (
    PATIENCE,
    count_lines,
    end,
    expect_judgements,
    make_mail,
    read_judgements,
    read_rows,
    read_whole_rows,
    start,
    wait_until,
)

pytestmark = pytest.mark.engines

kafka = pytest.importorskip("confluent_kafka")

MAIL: Final = 200


class Cluster:
    """A mock, which lives as long as the producer that made it."""

    def __init__(self) -> None:
        told = {"bootstrap.servers": "unused.example", "test.mock.num.brokers": 1}
        self.producer: Any = kafka.Producer(told | {"log_level": 0})
        brokers = self.producer.list_topics(timeout=PATIENCE).brokers
        [self.address] = [f"{each.host}:{each.port}" for each in brokers.values()]

    def fill(self, count: int) -> None:
        """Put messages into the topic."""
        for number, raw in enumerate(make_mail(count)):
            self.producer.produce("mail", raw, key=str(number))
        assert self.producer.flush(PATIENCE) == 0

    def read(self, topic: str, count: int) -> list[Any]:
        """Read so many records of a topic."""
        told = {"bootstrap.servers": self.address, "group.id": "test"}
        consumer: Any = kafka.Consumer(told | {"auto.offset.reset": "earliest"})
        consumer.subscribe([topic])
        try:
            return [record for record in consumer.consume(count, PATIENCE) if not record.error()]
        finally:
            consumer.close()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A cluster of one broker, on loopback."""
    return Cluster()


def name_records(*outputs: Path) -> list[str]:
    """The records that the workers wrote of."""
    return sorted(row["member"] for row in read_whole_rows(*outputs))


def test_clean_stop_leaves_nothing_and_repeats_nothing(cluster: Cluster, tmp_path: Path) -> None:
    """Lines are those of a scan; after a stop the next worker has just the rest."""
    cluster.fill(MAIL)
    first, second = tmp_path / "1.ndjson", tmp_path / "2.ndjson"
    words = ("--batch", 10, "--lease", 6, "kafka", cluster.address, "mail")
    with start(first, *words) as worker:
        wait_until(lambda: count_lines(first) >= 50)
        end(worker, signal.SIGTERM)
    done = count_lines(first)
    assert (0, True) == (worker.returncode, done < MAIL)
    with start(second, *words) as worker:
        wait_until(lambda: count_lines(second) >= MAIL - done)
        end(worker, signal.SIGINT)

    rows = read_rows(first, second)
    assert MAIL == len(rows) == len(set(name_records(first, second)))
    expected = expect_judgements(list(make_mail(MAIL)), tmp_path)
    assert sorted(map(str, expected)) == sorted(map(str, read_judgements(rows)))


def test_killed_worker_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    """What a killed worker had in hand is judged by another, once the group notices."""
    cluster.fill(MAIL)
    first, second = tmp_path / "1.ndjson", tmp_path / "2.ndjson"
    words = ("--batch", 10, "--lease", 6, "kafka", cluster.address, "mail")
    with start(first, *words) as worker:
        wait_until(lambda: count_lines(first) >= 50)
        worker.kill()
        worker.wait(PATIENCE)
    with start(second, *words) as worker:
        wait_until(lambda: len(set(name_records(first, second))) == MAIL)
        end(worker, signal.SIGTERM)

    assert 0 == worker.returncode
    # what was acknowledged does not come again
    assert len(name_records(first, second)) <= MAIL + 10


def test_what_cannot_be_read_goes_to_another_topic(cluster: Cluster, tmp_path: Path) -> None:
    """Records without a value, or of great size, with the reason; the others are judged."""
    output = tmp_path / "out.ndjson"
    cluster.producer.produce("mail", None, key="gone", partition=0)
    cluster.producer.produce("mail", b"Subject: " + 5000 * b"x", key="huge", partition=0)
    cluster.producer.produce("mail", b"Subject: Lunch\n\n", key="good", partition=0)
    cluster.producer.flush(PATIENCE)
    with start(output, "kafka", cluster.address, "mail", "--longest", 4000) as worker:
        wait_until(lambda: count_lines(output) == 3)
        end(worker, signal.SIGTERM)

    reasons = {"0:0": "has no value", "0:1": "has more than 4000 octets", "0:2": None}
    assert reasons == {row["member"]: row["error"] for row in read_rows(output)}
    dead = {record.key(): dict(record.headers()) for record in cluster.read("mail.dead", 2)}
    assert {b"gone": b"has no value", b"huge": b"has more than 4000 octets"} == {
        key: headers["reason"] for key, headers in dead.items()
    }
    assert b"mail, 0:1" == dead[b"huge"]["place"]
