"""How fast workers on a stream are: `python benchmarks/stream.py`.

The same messages, made by `tools/make_mailbox.py`, go through a spool and through a Redis of its
own, with one worker and with two. Beside them stands the bare loop: read a file, `analyze`, and
nothing else. Each run is a process of its own, contenders take turns, and the time of the same
process without a message (start, import, and the wait that tells it that nothing is left) is taken
off. On a machine that does other work the ratio by processor time means more.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

ROOT = Path(__file__).parent.parent
MAKE = ROOT / "tools" / "make_mailbox.py"
WORKER = ROOT / "examples" / "stream"
LOOP = """
import sys
from pathlib import Path
from headertls import analyze
for path in sorted(Path(sys.argv[1]).iterdir()):
    analyze(path)
"""


def run(commands):
    """Run processes side by side, and give the seconds until all end, and of the processor."""
    start = perf_counter()
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for command in commands]
    used = [os.wait4(process.pid, 0) for process in running]
    assert all(status == 0 for _, status, _ in used)
    return perf_counter() - start, sum(usage.ru_utime + usage.ru_stime for *_, usage in used)


def work(folder, count, *words):
    """Run so many workers until nothing is left."""
    outputs = [folder / f"{number}.ndjson" for number in range(count)]
    options = ["--drain", *map(str, words)]
    taken = run([[sys.executable, WORKER, "--output", path, *options] for path in outputs])
    lines = sum(path.read_bytes().count(b"\n") for path in outputs)
    for path in outputs:
        path.unlink()
    return *taken, lines


def run_loop(mail, _folder, _url):
    """The bare loop."""
    return *run([[sys.executable, "-c", LOOP, str(mail)]]), len(list(mail.iterdir()))


def run_spool(count):
    """Workers on a spool."""

    def contend(mail, folder, _url):
        shutil.copytree(mail, folder / "spool" / "new")
        taken = work(folder, count, "spool", folder / "spool", "--poll", 0.2)
        shutil.rmtree(folder / "spool")
        return taken

    return contend


def run_redis(count):
    """Workers on a stream."""

    def contend(mail, folder, url):
        from redis import Redis

        with Redis.from_url(url, protocol=2) as client:
            for path in sorted(mail.iterdir()):
                client.xadd("mail", {"raw": path.read_bytes()})
        return work(folder, count, "redis", url, "mail")

    return contend


CONTENDERS = {
    "analyze": run_loop,
    "spool, 1 worker": run_spool(1),
    "spool, 2 workers": run_spool(2),
    "redis, 1 worker": run_redis(1),
    "redis, 2 workers": run_redis(2),
}


def start_redis(folder):
    """Start a Redis on a socket, which has all on disk before it answers."""
    socket = folder / "socket"
    options = ["--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", ""]
    options += ["--appendonly", "yes", "--appendfsync", "always"]
    server = shutil.which("redis-server") or shutil.which("redis-check-rdb")
    process = subprocess.Popen(  # by the first word it knows what to be
        ["redis-server", *options], executable=server, stdout=subprocess.DEVNULL
    )
    while not socket.exists():
        sleep(0.01)
    return process, f"unix://{socket}"


def measure(count, rounds, kilobytes):
    """Let the contenders take turns."""
    with tempfile.TemporaryDirectory(prefix="stream-") as room:
        folder = Path(room)
        process, url = start_redis(folder)
        try:
            mail, none = folder / "mail", folder / "none"
            none.mkdir()
            told = ["--count", str(count), "--body-kilobytes", str(kilobytes), "--seed", "1"]
            subprocess.run([sys.executable, MAKE, *told, "--as", "folder", mail], check=True)
            taken = {name: [] for name in CONTENDERS}
            for _ in range(rounds):
                for name, contend in CONTENDERS.items():
                    wall, processor, _ = contend(none, folder, url)
                    more_wall, more_processor, lines = contend(mail, folder, url)
                    assert lines == count, (name, lines)
                    taken[name].append((more_wall - wall, more_processor - processor))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    return taken


def main():
    """Print messages a second, and ratios beside the bare loop, as medians of the rounds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--body-kilobytes", type=int, default=10)
    given = parser.parse_args()
    taken = measure(given.count, given.rounds, given.body_kilobytes)
    base = [median(values) for values in zip(*taken["analyze"], strict=True)]
    print(
        "contender, messages a second, time / loop, processor time / loop, processor ms a message"
    )
    for name, times in taken.items():
        wall, processor = (median(values) for values in zip(*times, strict=True))
        ratios = f"{wall / base[0]:5.2f} {processor / base[1]:5.2f}"
        print(f"{name:18} {given.count / wall:6.0f} {ratios} {1000 * processor / given.count:5.2f}")


if __name__ == "__main__":
    main()
