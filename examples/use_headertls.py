"""Tell for each message of a folder how it came in, how we know, and what is wrong with its trace.

    python examples/use_headertls.py [FOLDER]

Messages attached to a message (the usual way to hand in a phish) are shown below it. All is judged
by `policy.toml`. `is_welcome` is what a mail server would ask, whose own hosts are in `site.toml`.
No extra is needed.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from headertls import LiveConnection, Severity, analyze, attached, read_policy, read_site
from headertls.models import Hop, Trace

HERE: Final = Path(__file__).parent
SITE: Final = read_site(HERE / "site.toml")
POLICY: Final = read_policy(HERE / "policy.toml")


def describe_hop(hop: Hop) -> str:
    """Name the client of *hop* by the address that the server saw, else by its own word."""
    if hop.client is None:
        return "a local program"
    return str(hop.client.address or hop.client.helo or "an unnamed client")


def describe_trace(trace: Trace) -> Iterator[str]:
    """Give the headline, the words that speak for it, then a line for each finding."""
    entry = f" from {describe_hop(trace.entry)}" if trace.entry else ""
    yield f"{trace.headline.value}{entry}, hops: {len(trace)}"
    if trace.entry and trace.entry.verdict:
        for piece in trace.entry.verdict.evidence_for:
            yield f"  {piece.level.value}: {piece.text!r} in {piece.field}, at {piece.start}"
    for finding in trace.findings:
        yield f"  {finding.severity.value}: {finding.message}"


def is_welcome(message: bytes, live: LiveConnection) -> bool:
    """Tell whether to take *message*, which just comes in over the connection *live*."""
    worst = analyze(message, site=SITE, live=live).worst
    return worst is None or worst.rank < Severity.HIGH.rank


def main() -> None:
    """Print what there is to tell about the `.eml` files of a folder, in the order of names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=HERE, help="with .eml files")
    folder = parser.parse_args().folder
    paths = sorted(folder.glob("*.eml"))
    if not paths:
        parser.error(f"{folder}: holds no .eml file")
    for path in paths:
        print(path.name)
        for line in describe_trace(analyze(path, policy=POLICY)):
            print(f"  {line}")
        for trace in attached(path, policy=POLICY):
            print("  attached:")
            for line in describe_trace(trace):
                print(f"    {line}")


if __name__ == "__main__":
    main()
