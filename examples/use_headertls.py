"""Tell for each message of a folder how it came in, how we know, and what is wrong with its trace.

    python examples/use_headertls.py [FOLDER]

Messages attached to a message (the usual way to hand in a phish) are shown below it. The own
servers are those of `site.toml`, the policy is that of `policy.toml`. `judge_while_receiving` is
what a mail server would call.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from headertls import LiveConnection, Severity, analyze, attached, read_policy, read_site
from headertls.models import Hop, Site, Trace

HERE: Final = Path(__file__).parent


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


def judge_while_receiving(message: bytes, site: Site) -> bool:
    """Tell whether to take *message*, which came over a connection that the server still has."""
    live = LiveConnection(
        address="81.2.69.144",
        helo="shop.example",
        server="mx.ferryhouse.example",
        tls_version="TLSv1.3",
        cipher="TLS_AES_256_GCM_SHA384",
    )
    worst = analyze(message, site=site, live=live).worst
    return worst is None or worst.rank < Severity.HIGH.rank


def main(folder: Path) -> None:
    """Print what there is to tell about the `.eml` files of *folder*, in the order of names."""
    site, policy = read_site(HERE / "site.toml"), read_policy(HERE / "policy.toml")
    for path in sorted(folder.glob("*.eml")):
        print(path.name)
        for line in describe_trace(analyze(path, site=site, policy=policy)):
            print(f"  {line}")
        for trace in attached(path):
            print("  attached:")
            for line in describe_trace(trace):
                print(f"    {line}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
