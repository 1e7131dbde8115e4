"""A worker that reads raw messages from a spool, a Redis stream or a Kafka topic.

    python examples/stream --output verdicts.ndjson spool FOLDER
    python examples/stream --output verdicts.ndjson redis redis://localhost mail
    python examples/stream --output verdicts.ndjson kafka localhost:9092 mail

It writes a line of NDJSON for each, with the columns of `headertls scan --messages`. Start as many
workers as there are cores, each with an output of its own. It needs the extra `metrics`; for Redis
and Kafka, the packages `redis` and `confluent-kafka` besides. See docs/how-to/streams.md.
"""

import argparse
import logging
import signal
import sys
from pathlib import Path

from lines import Lines
from prometheus_client import start_http_server
from work import Judge, Settings, Source, Stop, run

from headertls import read_policy, read_site
from headertls.integrations.metrics import Metrics

log = logging.getLogger("stream")


def at_least_one(text: str) -> int:
    """Read a number of messages, tries or octets."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def some_seconds(text: str) -> float:
    """Read a time."""
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds")
    return seconds


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="stream", description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--output", metavar="FILE", default="-", help="append lines to it; - is standard output")
    add("--batch", type=at_least_one, default=50, help="messages in hand at a time (%(default)s)")
    add(
        "--lease",
        type=some_seconds,
        default=300,
        help="seconds until what is left behind is another's",
    )
    add("--deliveries", type=at_least_one, default=5, help="times a message is tried (%(default)s)")
    add("--keep", action="store_true", help="keep what is done")
    add("--drain", action="store_true", help="end when nothing is left")
    add("--site", type=Path, help="file that declares the own servers")
    add("--policy", type=Path, help="file with a policy")
    add("--metrics-port", type=int, help="for Prometheus, on 127.0.0.1; 0 takes a free one")
    sources = parser.add_subparsers(dest="source", required=True)
    spool = sources.add_parser("spool", help="files in a folder")
    spool.add_argument("folder", type=Path)
    spool.add_argument("--poll", type=some_seconds, default=1, help="seconds between two looks")
    redis = sources.add_parser("redis", help="entries of a stream")
    redis.add_argument("url")
    redis.add_argument("stream")
    redis.add_argument("--field", default="raw", help="with the message (%(default)s)")
    kafka = sources.add_parser("kafka", help="records of a topic")
    kafka.add_argument("servers")
    kafka.add_argument("topic")
    for each in (redis, kafka):
        each.add_argument("--group", default="headertls", help="of consumers (%(default)s)")
        each.add_argument("--dead", help="where to put what cannot be read (NAME.dead)")
        each.add_argument(
            "--longest", type=at_least_one, default=1 << 26, help="octets of a message"
        )
    return parser.parse_args()


def open_source(given: argparse.Namespace, settings: Settings) -> Source:
    """Open what the command line names."""
    if given.source == "spool":
        from spool import Spool

        return Spool(given.folder, settings, given.poll)
    if given.source == "redis":
        from redis_stream import Names, RedisStream

        dead = given.dead or f"{given.stream}.dead"
        names = Names(given.stream, given.group, given.field, dead)
        return RedisStream(given.url, names, settings, given.longest)
    from kafka_topic import KafkaTopic

    dead = given.dead or f"{given.topic}.dead"
    return KafkaTopic(given.servers, given.topic, given.group, dead, settings, given.longest)


def stop_on_signals(stop: Stop) -> None:
    """Finish what is in hand at the first signal, and end at once at the second."""

    def note(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)


def main() -> int:
    """Work until a signal comes."""
    given = read_arguments()
    logging.basicConfig(format="stream: %(message)s", level=logging.INFO)
    stop = Stop()
    stop_on_signals(stop)
    settings = Settings(given.batch, given.lease, given.deliveries, given.keep, stop)
    try:
        site = read_site(given.site) if given.site else None
        policy = read_policy(given.policy) if given.policy else None
        if given.metrics_port is not None:
            server, _ = start_http_server(given.metrics_port, addr="127.0.0.1")
            log.info("metrics: http://127.0.0.1:%d/metrics", server.server_port)
        lines = Lines(given.output)
        source = open_source(given, settings)
        done = run(source, lines, Judge(Metrics(), site, policy), stop, drain=given.drain)
    # what is not installed, and ports that are none, too
    except (OSError, ValueError, ImportError, OverflowError) as error:
        log.error("%s", error)  # noqa: TRY400  # it is told in full
        return 2
    log.info("%d messages are done", done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
