"""The lab's certificates: made anew by `openssl` for each recording, and thrown away."""

import re
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from lab.names import HOST

_DAYS: Final = "7"
_ISSUER: Final = "Lab CA"


class ClientCertificate(NamedTuple):
    """A certificate of the client."""

    name: str
    """The common name, which some servers show."""
    is_known: bool = True
    """Issued by the lab's own authority, not by itself."""


CLIENTS: Final = {
    "client": ClientCertificate("Lab Client"),
    "stranger": ClientCertificate("Stranger", is_known=False),
    "hostile": ClientCertificate("x) by evil.example with ESMTPS (y"),
    "brackets": ClientCertificate("Client (with ESMTPS)"),
    # 64 characters, which is as long as a common name may be
    "tail": ClientCertificate("x)) by a.example with SMTP id 1; Mon, 1 Jan 2024 00:00:00 +0000("),
    "unclosed": ClientCertificate("x (((("),
    # who signs for itself names the issuer, too
    "issuer": ClientCertificate('x", not verified) with SMTP (y', is_known=False),
    "semicolon": ClientCertificate("x; Mon, 1 Jan 2024 00:00:00 +0000"),
    "backslash": ClientCertificate("x\\\\"),
}


def make_certificates(folder: Path) -> None:
    """Make the authority, the server's pair, parameters for DHE, and the client's certificates."""
    folder.mkdir(parents=True, exist_ok=True)
    _make_self_signed(folder, "ca", _ISSUER)
    _issue(folder, "server", HOST)
    for file, client in CLIENTS.items():
        if client.is_known:
            _issue(folder, file, client.name)
        else:
            _make_self_signed(folder, file, client.name)
        pair = (folder / f"{file}.key").read_text() + (folder / f"{file}.crt").read_text()
        (folder / f"{file}.pem").write_text(pair)
    pair = (folder / "server.key").read_text() + (folder / "server.crt").read_text()
    (folder / "server.pem").write_text(pair)


def make_secret(password: str) -> str:
    """Encrypt a password as the files of Unix have it."""
    command = ("openssl", "passwd", "-6", password)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _make_self_signed(folder: Path, file: str, name: str) -> None:
    _openssl(
        folder,
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", _DAYS),
        *("-subj", _write_subject(name), "-keyout", f"{file}.key", "-out", f"{file}.crt"),
    )


def _issue(folder: Path, file: str, name: str) -> None:
    _openssl(
        folder,
        *("req", "-new", "-newkey", "rsa:2048", "-nodes"),
        *("-subj", _write_subject(name), "-keyout", f"{file}.key", "-out", f"{file}.csr"),
    )
    _openssl(
        folder,
        *("x509", "-req", "-days", _DAYS, "-in", f"{file}.csr", "-CA", "ca.crt"),
        *("-CAkey", "ca.key", "-CAcreateserial", "-out", f"{file}.crt"),
    )


def _write_subject(name: str) -> str:
    return "/CN=" + re.sub(r"[/+\\]", r"\\\g<0>", name)


def _openssl(folder: Path, *arguments: str) -> None:
    command = ("openssl", *arguments)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
