"""How fast whole mailboxes are scanned: `python benchmarks/scan.py`.

10,000 messages with bodies of 30 kB are made by `tools/make_mailbox.py`, as a folder and as an
mbox. Beside a scan, which judges every message and counts what they say, stands the standard
library, which does nothing but collect the `Received` values: `mailbox` for the mbox, and for both
`email.message_from_bytes`. Each run is a process of its own; contenders take turns, and the ratios
are those of the medians. On a machine that does other work the ratio by processor time means more;
it includes the start of the processes and the import.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).parent.parent
MAKE = ROOT / "tools" / "make_mailbox.py"
MEGABYTE = 1 << 20


def collect_folder(path):
    """Collect the `Received` values of a folder of messages."""
    from email import message_from_bytes

    return sum(
        len(message_from_bytes(name.read_bytes()).get_all("Received", []))
        for name in sorted(path.iterdir())
    )


def collect_mbox(path):
    """The same for an mbox, whose messages `mailbox` makes by `email.message_from_bytes`."""
    import mailbox

    return sum(len(message.get_all("Received", [])) for message in mailbox.mbox(path))


def scan(path, workers, output=None):
    """Scan as the command does, with its summary, and perhaps with an output."""
    from headertls.corpus.run import Order, run_scan
    from headertls.corpus.summary import sum_up
    from headertls.corpus.wanted import Wanted
    from headertls.corpus.work import make_job

    outputs = (Wanted(Path(output), "hops"),) if output else ()
    job = make_job(None, None)._replace(hops=outputs[0].form if outputs else None)
    return sum_up(run_scan(Order((str(path),), job, outputs, workers)).tally).read


def run_one(contender, path):
    """Run a contender, and print its time, its processor time and its peak memory in MB."""
    start = perf_counter()
    if contender == "library":
        counted = collect_folder(path) if path.is_dir() else collect_mbox(path)
    else:
        workers, _, output = contender.partition(" ")
        counted = scan(path, int(workers), output or None)
    seconds = perf_counter() - start
    # the largest of the processes
    peaks = [read_peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]
    spent = sum(os.times()[:4])
    print(json.dumps((seconds, spent, max(peaks) * 1024 / MEGABYTE, counted)))


def read_peak():
    """Read how many kB this process held; `ru_maxrss` has those of its parent before the start."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.read_text().partition("VmHWM:")[2].split()[0])


def start(contender, path):
    """Run a contender in a process of its own."""
    command = [sys.executable, __file__, "--one", contender, str(path)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, check=True, capture_output=True, env=environment)
    return json.loads(done.stdout)


def make(path, count, form):
    """Make a mailbox."""
    options = ["--count", str(count), "--body-kilobytes", "30", "--as", form]
    subprocess.run([sys.executable, str(MAKE), *options, str(path)], check=True)


def measure(path, contenders, rounds):
    """Run contenders in turn; give the medians of the times, and the largest peaks."""
    runs = [[start(contender, path) for contender in contenders] for _ in range(rounds)]
    return {
        contender: (*map(median, (times, spent)), max(peaks))
        for contender, turns in zip(contenders, zip(*runs, strict=True), strict=True)
        for times, spent, peaks, _ in [zip(*turns, strict=True)]
    }


def report(title, count, found):
    """Print a line for each contender."""
    print(f"\n{title}")
    base = found.get("library")
    for contender, (seconds, spent, peak) in found.items():
        ratio = f", {base[0] / seconds:.2f} times the library" if base else ""
        by_processor = f" ({base[1] / spent:.2f} by processor time)" if base else ""
        print(
            f"  {Path(contender).name:14} {count / seconds:8,.0f} messages/s {seconds:7.2f} s"
            f" {spent:7.2f} s of processors {peak:6.0f} MB{ratio}{by_processor}"
        )
    if "1" in found and "2" in found:
        print(f"  2 workers are {found['1'][0] / found['2'][0]:.2f} times as fast as 1")


def main():
    """Make the mailboxes and measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--one", nargs=2, metavar=("CONTENDER", "PATH"))
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.one:
        run_one(chosen.one[0], Path(chosen.one[1]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder, mbox, large = (Path(name) / part for part in ("folder", "mbox", "large"))
        make(folder, chosen.count, "folder")
        make(mbox, chosen.count, "mbox")
        outputs = [f"1 {name}/hops{suffix}" for suffix in (".ndjson", ".parquet")]
        contenders = ("library", "1", "2")
        report("folder", chosen.count, measure(folder, contenders, chosen.rounds))
        report("mbox", chosen.count, measure(mbox, contenders, chosen.rounds))
        report("mbox, with rows of hops", chosen.count, measure(mbox, outputs, 1))
        times = -(-(1 << 30) // mbox.stat().st_size)
        with large.open("wb") as file:
            for _ in range(times):
                with mbox.open("rb") as part:
                    shutil.copyfileobj(part, file)
        size = large.stat().st_size / (1 << 30)
        found = measure(large, ("1", "2"), 1)
        report(f"mbox of {size:.2f} GB", chosen.count * times, found)


if __name__ == "__main__":
    main()
