"""Messages and mailbox files for the tests of mailboxes and scans."""

from collections.abc import Iterable
from pathlib import Path

LINE = b"From MAILER-DAEMON Mon Nov 23 10:11:12 2026\n"


def make_message(name: str, body: bytes = b"Hello.\n", protocol: str = "ESMTPS") -> bytes:
    """Make a message that shop.example sent to mx.site.example."""
    return (
        f"Received: from shop.example (shop.example [81.2.69.144])\n"
        f"\tby mx.site.example (Postfix) with {protocol} id 4Q1;\n"
        f"\tTue, 29 Aug 2023 10:11:12 +0200\n"
        f"Message-ID: <{name}@shop.example>\n"
        f"Subject: {name}\n\n"
    ).encode() + body


def make_mbox(messages: Iterable[bytes]) -> bytes:
    """Make a mailbox file of messages in which no line begins with `From `."""
    return b"".join(LINE + message + b"\n" for message in messages)


def save(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files, and the folders that they need."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
